import { BROWSER_NAMES, type BrowserName } from "../tests/support/browsers.ts";
import { ensureBrowsers } from "./install-browsers.ts";
import { FAILED, runProgram, type Step, type StepResult } from "./steps.ts";
import { counted, readReport, REPORTS, tally, toCount, toList, toRecord } from "./test-reports.ts";

/** Rounds of the crash harness that are worth it on every change; the long run has hundreds. */
const SHORT_CRASH_ROUNDS = 20;

const environment = { HOLDFAST_REPORTS: REPORTS };

export const unitTests: Step = {
  name: "unit, conformance and simulation tests",
  run: () => {
    const code = runProgram("vitest", [
      "run",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${REPORTS}/vitest.json`,
    ]);
    return counted(code, () => {
      const report = readReport("vitest.json");
      return {
        passed: toCount(report["numPassedTests"]),
        failed: toCount(report["numFailedTests"]),
        skipped: toCount(report["numPendingTests"]) + toCount(report["numTodoTests"]),
      };
    });
  },
};

/** Each planted bug counts as one: passed when it is caught. So does the control. */
export const plantedBugs: Step = {
  name: "planted bugs",
  run: () => {
    const code = runProgram(process.execPath, ["tests/planted/main.ts", "--known"], environment);
    return counted(code, () => {
      const report = readReport("planted.json");
      const caught = toList(report["bugs"]).map((bug) => typeof bug["caughtBy"] === "string");
      return tally([...caught, typeof report["controlRuns"] === "number"]);
    });
  },
};

/** Each row counts as one, each control as one: passed when the harness saw it fail. */
export const crashes: Step = {
  name: "server crashes",
  run: () => {
    const args = ["tests/crash/main.ts", "--rounds", String(SHORT_CRASH_ROUNDS), "--report"];
    const code = runProgram(process.execPath, args, environment);
    return counted(code, () => {
      const report = readReport("crash.json");
      const held = toList(report["rows"]).map((row) => toList(row["violations"]).length === 0);
      const seen = toList(report["controls"]).map(
        (control) => typeof control["seenAfterRounds"] === "number",
      );
      return tally([...held, ...seen]);
    });
  },
};

export const browserTests: Step = {
  name: "browser tests",
  run: () => {
    const missing = ensureBrowsers(BROWSER_NAMES);
    if (missing.length > 0) {
      console.log(`Not here, and could not be installed: ${missing.join(", ")}. What needs it is skipped.`);
    }
    const reporters = "--reporter=line,json,./tests/faults/faults-reporter.ts";
    const code = runProgram("playwright", ["test", ...projectsWithout(missing), reporters], {
      ...environment,
      HOLDFAST_FAULTS: "short",
      PLAYWRIGHT_JSON_OUTPUT_NAME: `${REPORTS}/playwright.json`,
    });
    const result = counted(code, readPlaywright);
    // A machine that is to prove something must be able to; a user's may do without.
    return process.env["CI"]
      ? { ...result, failed: result.failed + missing.length }
      : { ...result, skipped: result.skipped + missing.length };
  },
};

/** The quick benchmarks against their baseline, each ratio as one: passed within its margin. Never a time, always two sides of one run. */
export const benchmarkRatios: Step = {
  name: "ratios of the quick benchmarks",
  run: () => {
    if (ensureBrowsers(["chromium"]).length > 0) {
      console.log("Chromium is not here, and could not be installed: the benchmarks are skipped.");
      return process.env["CI"] ? FAILED : { passed: 0, failed: 0, skipped: 1 };
    }
    const code = runProgram(process.execPath, ["bench/main.ts", "--check"], environment);
    return counted(code, () =>
      tally(toList(readReport("bench.json")["ratios"]).map((ratio) => ratio["isHeld"] === true)),
    );
  },
};

function readPlaywright(): StepResult {
  const stats = toRecord(readReport("playwright.json")["stats"]);
  return {
    passed: toCount(stats["expected"]),
    // A test that passed only on a second try is a bug in it or in the product.
    failed: toCount(stats["unexpected"]) + toCount(stats["flaky"]),
    skipped: toCount(stats["skipped"]),
  };
}

/** Arguments that leave out the projects whose engine is missing; none where all are there. */
export function projectsWithout(missing: readonly BrowserName[]): readonly string[] {
  if (missing.length === 0) return [];
  const engines = BROWSER_NAMES.filter((name) => !missing.includes(name));
  return [
    ...(missing.includes("chromium") ? [] : ["chromium", "mock"]),
    ...(missing.includes("firefox") ? [] : ["firefox"]),
    ...engines.map((name) => `faults-${name}`),
  ].map((name) => `--project=${name}`);
}
