import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { ratioKey, type BenchmarkRecord, type Ratio } from "./benchmark.ts";
import { median } from "./statistics.ts";

const PATH = join(import.meta.dirname, "../baseline.json");

/** `margin`: how often the baseline it may be before `--check` fails; where higher is better, how small a part of it. */
const EntrySchema = v.object({
  ratio: v.number(),
  margin: v.pipe(v.number(), v.minValue(1)),
  better: v.picklist(["lower", "higher"]),
});
const BaselineSchema = v.record(v.string(), EntrySchema);
export type BaselineEntry = v.InferOutput<typeof EntrySchema>;
export type Baseline = v.InferOutput<typeof BaselineSchema>;

/** Wide enough for a machine that does other things as well. */
const DEFAULT_MARGIN = 1.5;

/** Throws when the file was edited into something else. */
export function readBaseline(): Baseline {
  return v.parse(BaselineSchema, JSON.parse(readFileSync(PATH, "utf8")));
}

/** A baseline with what a run found in the place of what it said of the same ratios; margins stay as people set them. */
export function renewBaseline(before: Baseline, record: BenchmarkRecord): Baseline {
  const found = record.ratios.map((ratio): [string, BaselineEntry] => {
    const key = ratioKey(record.name, ratio);
    const margin = before[key]?.margin ?? ratio.margin ?? DEFAULT_MARGIN;
    return [key, { ratio: Number(median(ratio.values).toPrecision(3)), margin, better: ratio.better }];
  });
  const all = { ...before, ...Object.fromEntries(found) };
  return Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => a.localeCompare(b)));
}

export function writeBaseline(baseline: Baseline): void {
  writeFileSync(PATH, `${JSON.stringify(baseline, null, 2)}\n`);
}

/** What a ratio came to, against its baseline. `untold`: there is no baseline for it. */
export type Verdict = "held" | "missed" | "untold";

export function judge(ratio: Ratio, entry: BaselineEntry | undefined): Verdict {
  if (entry === undefined) return "untold";
  const value = median(ratio.values);
  // A ratio that could not be made (a side that measured nothing) holds nothing.
  const isHeld =
    ratio.better === "lower" ? value <= entry.ratio * entry.margin : value >= entry.ratio / entry.margin;
  return isHeld ? "held" : "missed";
}

/** Whether the issue's own figure is reached; undefined: none is set. */
export function hasReached(ratio: Ratio): boolean | undefined {
  if (ratio.target === undefined) return undefined;
  const value = median(ratio.values);
  return ratio.better === "lower" ? value <= ratio.target : value >= ratio.target;
}
