import { spawnSync } from "node:child_process";

/** One thing that a check or test run does, counted as one when it reports no counts of its own. */
export interface Step {
  readonly name: string;
  readonly run: () => StepResult;
}

export interface StepResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const ROOT = new URL("..", import.meta.url);

export const PASSED: StepResult = { passed: 1, failed: 0, skipped: 0 };
export const FAILED: StepResult = { passed: 0, failed: 1, skipped: 0 };

/** Runs a program from node_modules/.bin (or Node itself) in the project's root. Answers its exit code. */
export function runProgram(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): number {
  const done = spawnSync(file, args, { cwd: ROOT, stdio: "inherit", env: { ...process.env, ...env } });
  if (done.error) console.error(`${file}: ${done.error.message}`);
  return done.status ?? 1;
}

/** A step that passes when a program exits with 0. */
export function programStep(name: string, file: string, args: readonly string[]): Step {
  return { name, run: () => (runProgram(file, args) === 0 ? PASSED : FAILED) };
}

/** Runs every step, also after a failure, and answers what they add up to. */
export function runSteps(steps: readonly Step[]): StepResult {
  let total: StepResult = { passed: 0, failed: 0, skipped: 0 };
  const failures: string[] = [];
  for (const step of steps) {
    const begun = performance.now();
    console.log(`\n── ${step.name}`);
    const result = step.run();
    if (result.failed > 0) failures.push(step.name);
    console.log(
      `── ${step.name}: ${result.failed === 0 ? "ok" : "FAILED"} (${((performance.now() - begun) / 1000).toFixed(1)} s)`,
    );
    total = {
      passed: total.passed + result.passed,
      failed: total.failed + result.failed,
      skipped: total.skipped + result.skipped,
    };
  }
  if (failures.length > 0) console.log(`\nFailed: ${failures.join(", ")}`);
  return total;
}

/** The closing line of a run, in the one shape that tools read. */
export function closingLine(total: StepResult): string {
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
  return `${total.passed} passed, ${total.failed} failed${skipped}`;
}
