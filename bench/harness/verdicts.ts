import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Verdict } from "./baseline.ts";

export interface RatioVerdict {
  readonly key: string;
  readonly verdict: Verdict;
}

/** Tells `npm test` what held, where it names a folder for that. A ratio without a baseline says nothing and is left out. */
export function writeVerdicts(verdicts: readonly RatioVerdict[]): void {
  const folder = process.env["HOLDFAST_REPORTS"];
  if (folder === undefined) return;
  const ratios = verdicts
    .filter(({ verdict }) => verdict !== "untold")
    .map(({ key, verdict }) => ({ key, isHeld: verdict === "held" }));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "bench.json"), JSON.stringify({ ratios }, null, 1));
}
