import { expect, test } from "vitest";
import { tally } from "../../../scripts/test-reports.ts";
import { projectsWithout } from "../../../scripts/test-steps.ts";

test("each outcome counts as one", () => {
  expect(tally([true, false, true])).toEqual({ passed: 2, failed: 1, skipped: 0 });
});

test("with every engine here no project is named, so that none is left out", () => {
  expect(projectsWithout([])).toEqual([]);
});

test("what needs a missing engine is left out, and nothing else", () => {
  expect(projectsWithout(["webkit"])).toEqual([
    "--project=chromium",
    "--project=mock",
    "--project=firefox",
    "--project=faults-chromium",
    "--project=faults-firefox",
  ]);
  expect(projectsWithout(["chromium", "firefox"])).toEqual(["--project=faults-webkit"]);
});
