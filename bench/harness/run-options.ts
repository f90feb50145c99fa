import { parseArgs } from "node:util";
import { BENCHMARK_NAMES, isBenchmarkName, QUICK_NAMES, type BenchmarkName } from "./all-benchmarks.ts";
import { PAGE_ENGINES, type PageEngine } from "./benchmark.ts";

export interface RunOptions {
  readonly names: readonly BenchmarkName[];
  readonly rounds: number | undefined;
  readonly engines: readonly PageEngine[];
  readonly isCheck: boolean;
  readonly isBaselineUpdated: boolean;
}

/** Throws with a sentence for people when the command can't be followed. */
export function parseRunOptions(args: readonly string[]): RunOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: "string" },
      engines: { type: "string" },
      check: { type: "boolean", default: false },
      "update-baseline": { type: "boolean", default: false },
    },
  });
  const unknown = positionals.filter((name) => !isBenchmarkName(name));
  if (unknown.length > 0)
    throw new Error(`Unknown benchmark: ${unknown.join(", ")}. Known: ${BENCHMARK_NAMES.join(", ")}.`);
  const isCheck = values.check;
  const names = positionals.filter(isBenchmarkName);
  return {
    names: names.length > 0 ? names : isCheck ? QUICK_NAMES : BENCHMARK_NAMES,
    rounds: values.rounds === undefined ? undefined : parseRounds(values.rounds),
    engines:
      values.engines === undefined ? (isCheck ? ["chromium"] : PAGE_ENGINES) : parseEngines(values.engines),
    isCheck,
    isBaselineUpdated: values["update-baseline"],
  };
}

function parseRounds(text: string): number {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds takes a whole number from 1 on, not "${text}".`);
  return rounds;
}

function parseEngines(text: string): readonly PageEngine[] {
  return text.split(",").map((name) => {
    const engine = PAGE_ENGINES.find((known) => known === name);
    if (engine === undefined)
      throw new Error(`Unknown engine: "${name}". Known: ${PAGE_ENGINES.join(", ")}, separated by commas.`);
    return engine;
  });
}
