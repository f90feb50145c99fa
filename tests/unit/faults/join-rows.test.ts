import { expect, test } from "vitest";
import { joinRows } from "../../faults/join-rows.ts";
import type { FaultsReport } from "../../support/reliability-report.ts";

type Row = FaultsReport["rows"][number];

const row = (id: string, outcome: Row["outcome"], more: Partial<Row> = {}): Row => ({
  id,
  title: `scenario ${id}`,
  engine: "webkit",
  outcome,
  ...more,
});

test("a part of the suite that is played again renews its rows and keeps the others", () => {
  const joined = joinRows([row("1", "pass", { ms: 1 }), row("2", "pass")], [row("1", "pass", { ms: 2 })]);
  expect(joined).toEqual([row("1", "pass", { ms: 2 }), row("2", "pass")]);
});

test("what the later run left out stays as it was; what fails later has failed", () => {
  const joined = joinRows([row("1", "pass"), row("2", "pass")], [row("1", "not-run"), row("2", "fail")]);
  expect(joined.map(({ outcome }) => outcome)).toEqual(["pass", "fail"]);
});

test("a pass does not hide the failure before it", () => {
  const [joined] = joinRows([row("1", "fail", { why: "Too late.\nat line 3" })], [row("1", "pass")]);
  expect(joined?.outcome).toBe("pass");
  expect(joined?.notes).toEqual(["failed in an earlier run of this source: Too late."]);
});

test("the same scenario in another engine is another row", () => {
  expect(joinRows([row("1", "fail")], [row("1", "pass", { engine: "firefox" })])).toHaveLength(2);
});
