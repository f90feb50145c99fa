import type { Baseline } from "../harness/baseline.ts";

export function writeReport(baseline: Baseline): void {
  void baseline;
}
