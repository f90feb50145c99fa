import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { withHeadline } from "../../../../scripts/reliability/readme.ts";
import { SAMPLE_REPORTS } from "./sample-reports.ts";

const readme = readFileSync(new URL("../../../../README.md", import.meta.url), "utf8");

test("the README has a place for the figures, and writing them twice is writing them once", () => {
  const once = withHeadline(readme, SAMPLE_REPORTS);
  expect(once).toContain("**2 of 2 planted bugs** caught");
  expect(once).toContain("As of 2026-11-21");
  expect(withHeadline(once, SAMPLE_REPORTS)).toBe(once);
});

test("a README without that place is refused", () => {
  expect(() => withHeadline("# Holdfast", SAMPLE_REPORTS)).toThrow("no place for the figures");
});
