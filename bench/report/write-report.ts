import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BENCHMARK_NAMES } from "../harness/all-benchmarks.ts";
import type { Baseline } from "../harness/baseline.ts";
import type { Chart } from "../harness/chart.ts";
import { readRecord } from "../harness/records.ts";
import { drawBars } from "./bar-chart.ts";
import { IMAGES, renderPerformance } from "./document.ts";
import { drawLines } from "./line-chart.ts";
import { withPerformance } from "./readme.ts";

const ROOT = join(import.meta.dirname, "../..");
const DOCUMENT = "docs/PERFORMANCE.md";

/** Writes docs/PERFORMANCE.md, its pictures and the README's part of it from what all runs have left so far. */
export function writeReport(baseline: Baseline): void {
  const records = new Map(BENCHMARK_NAMES.map((name) => [name, readRecord("report", name)] as const));
  const template = readFileSync(join(import.meta.dirname, "template.md"), "utf8");
  mkdirSync(join(ROOT, "docs", IMAGES), { recursive: true });
  for (const record of records.values()) {
    for (const chart of record?.charts ?? [])
      writeFileSync(join(ROOT, "docs", IMAGES, `${chart.id}.svg`), draw(chart));
  }
  writeFileSync(join(ROOT, DOCUMENT), renderPerformance({ template, records, baseline }));
  const readme = join(ROOT, "README.md");
  const run = [...records.values()].filter((record) => record !== undefined);
  writeFileSync(readme, withPerformance(readFileSync(readme, "utf8"), run));
  spawnSync("oxfmt", [DOCUMENT, "README.md"], { cwd: ROOT, stdio: "ignore" });
  console.log(`\n${DOCUMENT} is written.`);
}

function draw(chart: Chart): string {
  switch (chart.kind) {
    case "bars":
      return drawBars(chart);
    case "lines":
      return drawLines(chart);
  }
}
