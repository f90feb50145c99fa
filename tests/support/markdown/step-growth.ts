import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** How many times the steps four times the text takes: 4 is linear, 16 is quadratic. */
export interface StepGrowth {
  /** Of the pathological input. */
  readonly name: string;
  readonly whole: number;
  /** In chunks of 16 code units. */
  readonly streamed: number;
}

/** Counted in a process of its own; a few seconds, and the same numbers each time. @param leftOut Names of inputs. */
export function measureStepGrowth(leftOut: Iterable<string> = []): readonly StepGrowth[] {
  const program = join(import.meta.dirname, "measure-growth.ts");
  const printed = execFileSync(process.execPath, ["--no-opt", "--no-maglev", program, ...leftOut], {
    encoding: "utf8",
  });
  return JSON.parse(printed) as StepGrowth[];
}
