import { hasReached, judge, type Baseline } from "./baseline.ts";
import { ratioKey, type BenchmarkRecord, type Ratio } from "./benchmark.ts";
import { describeSpread } from "./describe.ts";

/** What a run found, for the terminal. */
export function consoleLines(record: BenchmarkRecord, baseline: Baseline): readonly string[] {
  const figures = record.figures.map(
    ({ what, place, unit, values }) =>
      `  ${place.padEnd(9)}${what.padEnd(58)}${describeSpread(values)} ${unit}`,
  );
  return [...figures, ...record.ratios.map((ratio) => ratioLine(record.name, ratio, baseline))];
}

function ratioLine(name: string, ratio: Ratio, baseline: Baseline): string {
  const entry = baseline[ratioKey(name, ratio)];
  const verdict = judge(ratio, entry);
  const words = [
    entry === undefined ? "no baseline" : `baseline ${entry.ratio}, margin ×${entry.margin}`,
    ...(verdict === "missed" ? ["BEYOND ITS MARGIN"] : []),
    ...(ratio.target === undefined ? [] : [targetWords(ratio, ratio.target)]),
  ];
  return `  ${ratio.place.padEnd(9)}${ratio.what.padEnd(58)}${describeSpread(ratio.values)}  (${words.join("; ")})`;
}

function targetWords(ratio: Ratio, target: number): string {
  const sign = ratio.better === "lower" ? "≤" : "≥";
  return `target ${sign} ${Number(target.toPrecision(3))}${hasReached(ratio) === true ? "" : ", MISSED"}`;
}
