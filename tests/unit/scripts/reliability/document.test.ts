import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { expect, test } from "vitest";
import { renderReliability } from "../../../../scripts/reliability/document.ts";
import { failuresOf } from "../../../../scripts/reliability/failures.ts";
import { describeMachine } from "../../../../scripts/reliability/machine.ts";
import type { ReliabilityReports } from "../../../support/reliability-report.ts";
import { SAMPLE_REPORTS } from "./sample-reports.ts";

const template = readFileSync(
  new URL("../../../../scripts/reliability/template.md", import.meta.url),
  "utf8",
);
const render = (reports: ReliabilityReports): string => renderReliability(template, reports, "2 × a CPU");

test("every row of every report is in the document", () => {
  const document = render(SAMPLE_REPORTS);
  for (const bug of SAMPLE_REPORTS.planted.bugs)
    expect(document).toContain(`| \`${bug.name}\` | ${bug.title} |`);
  for (const row of SAMPLE_REPORTS.crash.rows) expect(document).toContain(`| ${row.what} | ${row.rounds} |`);
  expect(document).toContain("| a store that acknowledges before it writes | 2 |");
  expect(document).toContain("| 1 | FIN in mid-token | pass | pass | pass |");
  expect(document).toContain("| 22 | Hidden \\| eight minutes | pass | n/a | pass |");
  expect(document).toContain("- 22 in firefox, not applicable: no way to hide a tab");
  expect(document).toContain("| half-open | 1,200 |");
});

test("the figures come first, with the commands, seeds, dates and the machine", () => {
  const document = render(SAMPLE_REPORTS);
  expect(document).toContain("**1,200,000 simulated steps** in 20,000 schedules");
  // 20,000 in 61 s.
  expect(document).toContain("19,672 schedules a minute");
  expect(document).toContain("0 tokens lost, 0 doubled, 0 misplaced, 0 sends doubled");
  expect(document).toContain("**2 of 2 planted bugs** caught");
  expect(document).toContain("**320 rounds of server crashes**");
  expect(document).toContain(
    "**5 of 5 fault scenarios** hold in real browsers (Chromium 156.0, Firefox 153.7, WebKitGTK 2.50.6)",
  );
  expect(document).toContain(
    "| simulation | `npm run simulate -- --runs 20000 --seed 7 --report` | 2026-11-21 13:40 UTC | 1 min 1 s | 7 |",
  );
  expect(document).toContain("Machine: 2 × a CPU.");
  expect(document).toContain("Nothing failed in these runs.");
});

test("what a scenario measured is told, and that it failed before it passed", () => {
  const { faults } = SAMPLE_REPORTS;
  const notes = [
    "recovered: 10,389 ms of 12,000",
    "failed in an earlier run of this source: a token was missing",
  ];
  const rows = faults.rows.map((row, at) => (at === 0 ? { ...row, notes } : row));
  expect(render({ ...SAMPLE_REPORTS, faults: { ...faults, rows } })).toContain(
    `| 1 | chromium | ${notes.join("; ")} |`,
  );
  expect(render(SAMPLE_REPORTS)).toContain("Nothing was measured.");
});

test("a report of an earlier state of the source is told as such, first and in its headline", () => {
  expect(failuresOf(SAMPLE_REPORTS, ["faults"])).toEqual([
    'The report of "faults" is of an earlier state of src and server than this page: `npm run faults` makes it anew.',
  ]);
  const document = renderReliability(template, SAMPLE_REPORTS, "2 × a CPU", ["faults"]);
  expect(document).toContain('- The report of "faults" is of an earlier state');
  expect(document).toMatch(/fault scenarios\*\* hold .*, in an earlier state of the source/);
});

test("no place of the template stays empty", () => {
  expect(render(SAMPLE_REPORTS)).not.toContain("{{");
  expect(() => renderReliability("{{weather}}", SAMPLE_REPORTS, "")).toThrow("{{weather}}");
});

test("a failure is shown as such, at the top and in its row", () => {
  const { simulation, planted, crash, faults } = SAMPLE_REPORTS;
  const document = render({
    simulation: { ...simulation, violations: 1 },
    planted: {
      ...planted,
      controlRuns: undefined,
      bugs: planted.bugs.map((bug) => ({ ...bug, caughtBy: undefined })),
    },
    crash: {
      ...crash,
      rows: crash.rows.map((row) => ({ ...row, violations: ["Event 41 was lost."] })),
      controls: crash.controls.map((control) => ({ ...control, seenAfterRounds: undefined })),
    },
    faults: {
      ...faults,
      rows: faults.rows.map((row) => ({ ...row, outcome: "fail", why: "a token was missing" }) as const),
    },
  });
  const [top = "", rest = ""] = document.split("## How to run it");
  expect(top).toContain("The simulation found 1 violation (seed 7).");
  expect(top).not.toContain("0 tokens lost");
  expect(top).toContain("violation in the source without a planted bug");
  expect(top).toContain("The planted bug 13-doubled-prefix was not caught.");
  expect(top).toContain("SIGTERM under load: Event 41 was lost.");
  expect(top).toContain("did not see that this control fails");
  expect(top).toContain("Scenario 22 in webkit: a token was missing");
  expect(rest).toContain("**not caught**");
  expect(rest).toContain("**1**: Event 41 was lost.");
  expect(rest).toContain("**not seen**");
  expect(rest).toContain("| 1 | FIN in mid-token | **FAIL** | **FAIL** | **FAIL** |");
});

test("one of a thing is told as one, in every headline", () => {
  const { simulation, planted, crash } = SAMPLE_REPORTS;
  const told = (count: number): string =>
    render({
      ...SAMPLE_REPORTS,
      simulation: { ...simulation, schedules: count, events: count, sends: count, violations: count },
      planted: { ...planted, controlRuns: count },
      crash: {
        ...crash,
        rows: crash.rows
          .slice(0, 1)
          .map((row) => ({ ...row, rounds: count, violations: Array(count).fill("Lost.") })),
      },
    });
  const one = told(1);
  expect(one).toContain("in 1 schedule,");
  expect(one).toContain("1 log event, 1 send, 1 schedule a minute: **1 violation**");
  expect(one).toContain("**1 round of server crashes**: **1 violation**");
  expect(one).toContain("went through 1 schedule of");
  expect(one).not.toMatch(/\b1 (?:schedules|log events|sends|violations|rounds of)\b/);
  const two = told(2);
  expect(two).toContain("2 log events, 2 sends, 2 schedules a minute: **2 violations**");
  expect(two).toContain("**2 rounds of server crashes**: **2 violations**");
});

test("a scenario that an engine has no result of is no pass", () => {
  const rows = SAMPLE_REPORTS.faults.rows.filter((row) => row.engine !== "webkit");
  const reports = { ...SAMPLE_REPORTS, faults: { ...SAMPLE_REPORTS.faults, engines: {}, rows } };
  expect(render(reports)).toContain("| 1 | FIN in mid-token | pass | pass | **no result** |");
  expect(failuresOf(reports)).toContain("Scenario 1 has no result in webkit.");
});

test("the machine is described without its name or a path", () => {
  expect(describeMachine()).toMatch(/^\d+ × .+ GB, .+, Node \d+\.\d+\.\d+$/);
  expect(describeMachine()).not.toContain(hostname());
  expect(describeMachine()).not.toContain(process.cwd());
});
