import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchmarkRecord } from "./benchmark.ts";

/** What runs leave for the report: one file for each benchmark, so that parts that are run one by one join into it. */
const FOLDER = join(import.meta.dirname, "../../.cache/bench");
/** Runs that only check leave theirs apart: they are shorter than what the report is made of. */
const CHECK_FOLDER = join(FOLDER, "check");

export type RecordKind = "report" | "check";

function pathOf(kind: RecordKind, name: string): string {
  return join(kind === "check" ? CHECK_FOLDER : FOLDER, `${name}.json`);
}

export function writeRecord(kind: RecordKind, record: BenchmarkRecord): void {
  const path = pathOf(kind, record.name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, `${JSON.stringify(record, null, 1)}\n`);
}

/** Undefined: it was never run. */
export function readRecord(kind: RecordKind, name: string): BenchmarkRecord | undefined {
  const path = pathOf(kind, name);
  if (!existsSync(path)) return undefined;
  return JSON.parse(readFileSync(path, "utf8")) as BenchmarkRecord;
}
