import { mkdirSync, readFileSync } from "node:fs";
import { BUILD_STEPS, CHECK_STEPS } from "./check-steps.ts";
import { ensureBrowsers } from "./install-browsers.ts";
import { closingLine, FAILED, runProgram, runSteps, type Step, type StepResult } from "./steps.ts";

const REPORTS = new URL("../.cache/reports/", import.meta.url);

function readReport(name: string): Record<string, unknown> {
  const report: unknown = JSON.parse(readFileSync(new URL(name, REPORTS), "utf8"));
  return typeof report === "object" && report !== null ? { ...report } : {};
}

const count = (value: unknown): number => (typeof value === "number" ? value : 0);

const unitTests: Step = {
  name: "unit and conformance tests",
  run: () => {
    const code = runProgram("vitest", [
      "run",
      "--reporter=default",
      "--reporter=json",
      "--outputFile.json=.cache/reports/vitest.json",
    ]);
    return counted(code, () => {
      const report = readReport("vitest.json");
      return {
        passed: count(report["numPassedTests"]),
        failed: count(report["numFailedTests"]),
        skipped: count(report["numPendingTests"]) + count(report["numTodoTests"]),
      };
    });
  },
};

const browserTests: Step = {
  name: "browser tests",
  run: () => {
    const missing = ensureBrowsers(["chromium"]);
    if (missing.length > 0) {
      console.log(`Skipped: no ${missing.join(", ")} here, and it could not be installed.`);
      // A machine that is to prove something must be able to; a user's may do without.
      return process.env["CI"] ? FAILED : { passed: 0, failed: 0, skipped: 1 };
    }
    const code = runProgram("playwright", ["test", "--reporter=line,json"], {
      PLAYWRIGHT_JSON_OUTPUT_NAME: ".cache/reports/playwright.json",
    });
    return counted(code, () => {
      const stats = readReport("playwright.json")["stats"];
      const figures: Record<string, unknown> =
        typeof stats === "object" && stats !== null ? { ...stats } : {};
      return {
        passed: count(figures["expected"]),
        // A test that passed only on a second try is a bug in it or in the product.
        failed: count(figures["unexpected"]) + count(figures["flaky"]),
        skipped: count(figures["skipped"]),
      };
    });
  },
};

/** The runner's own counts; where it died without a report, or disagrees with its exit code, a failure. */
function counted(code: number, read: () => StepResult): StepResult {
  try {
    const result = read();
    if (code !== 0 && result.failed === 0) return { ...result, failed: 1 };
    return result.passed + result.failed === 0 ? FAILED : result;
  } catch (error) {
    console.error(`No report: ${String(error)}`);
    return FAILED;
  }
}

mkdirSync(REPORTS, { recursive: true });
const total = runSteps([...CHECK_STEPS, ...BUILD_STEPS, unitTests, browserTests]);
console.log(`\n${closingLine(total)}`);
process.exitCode = total.failed === 0 ? 0 : 1;
