import { parseArgs } from "node:util";

export interface Arguments {
  readonly runs: number;
  readonly steps: number;
  readonly seed: number;
  readonly path: string | undefined;
  readonly workers: number;
  readonly json: string | undefined;
  readonly isReporting: boolean;
  readonly isShrinking: boolean;
}

export const USAGE =
  "node tests/simulation/main.ts --runs N [--seed S] [--steps 60] [--path P] [--workers W] [--json FILE] [--report] [--no-shrink]";

/** Throws an Error whose message says what to write instead. */
export function readArguments(args: readonly string[], freshSeed: () => number): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: "string", default: "100" },
      seed: { type: "string" },
      steps: { type: "string", default: "60" },
      path: { type: "string" },
      workers: { type: "string", default: "1" },
      json: { type: "string" },
      report: { type: "boolean", default: false },
      "no-shrink": { type: "boolean", default: false },
    },
  });
  const seed = values.seed === undefined ? freshSeed() : whole("seed", values.seed, 0, 0x7fff_ffff);
  return {
    runs: whole("runs", values.runs, 1, 10_000_000),
    steps: whole("steps", values.steps, 1, 10_000),
    seed,
    path: values.path,
    workers: whole("workers", values.workers, 1, 64),
    json: values.json,
    isReporting: values.report,
    isShrinking: !values["no-shrink"],
  };
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new Error(`--${name} must be a whole number from ${min} to ${max}, not "${text}".`);
}
