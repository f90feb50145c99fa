import { readFileSync } from "node:fs";
import { FAILED, type StepResult } from "./steps.ts";

/** Where the runners of `npm test` leave what they counted; its path in the project. */
export const REPORTS = ".cache/reports/test";

const FOLDER = new URL(`../${REPORTS}/`, import.meta.url);

/** A runner's JSON report as a record; nothing where it is none. Throws when there is no file. */
export function readReport(name: string): Record<string, unknown> {
  const report: unknown = JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"));
  return toRecord(report);
}

export function toRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

export function toList(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(toRecord) : [];
}

export function toCount(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

/** The runner's own counts; where it died without a report, or disagrees with its exit code, a failure. */
export function counted(code: number, read: () => StepResult): StepResult {
  try {
    const result = read();
    if (code !== 0 && result.failed === 0) return { ...result, failed: 1 };
    return result.passed + result.failed === 0 ? FAILED : result;
  } catch (error) {
    console.error(`No report: ${String(error)}`);
    return FAILED;
  }
}

/** As many passed and failed as there are truths and untruths. */
export function tally(outcomes: readonly boolean[]): StepResult {
  const passed = outcomes.filter((hasPassed) => hasPassed).length;
  return { passed, failed: outcomes.length - passed, skipped: 0 };
}
