/**
 * `npm run bench`: all benchmarks, and docs/PERFORMANCE.md; `-- NAME …` for some, which join into the same report.
 * `--check`: only against the baseline of ratios, without a report; without names the quick ones. `--rounds N`,
 * `--engines chromium,webkit`, `--update-baseline`.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { judge, readBaseline, renewBaseline, writeBaseline, type Verdict } from "./harness/baseline.ts";
import { ratioKey, type BenchmarkRecord, type Ratio } from "./harness/benchmark.ts";
import { consoleLines } from "./harness/console-lines.ts";
import { describeSpread } from "./harness/describe.ts";
import { readRecord, type RecordKind } from "./harness/records.ts";
import { parseRunOptions, type RunOptions } from "./harness/run-options.ts";
import { writeVerdicts, type RatioVerdict } from "./harness/verdicts.ts";
import { writeReport } from "./report/write-report.ts";

/** A benchmark that is not done by then is ended; the others go on. Unit: ms. */
const LIMIT_MS = 8 * 60_000;

const options = readOptions();
if (options !== undefined) process.exitCode = runAll(options) ? 0 : 1;

function readOptions(): RunOptions | undefined {
  try {
    return parseRunOptions(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
    return undefined;
  }
}

/** Whether everything ran, and held. */
function runAll(run: RunOptions): boolean {
  const kind: RecordKind = run.isCheck ? "check" : "report";
  let baseline = readBaseline();
  const failures: string[] = [];
  const verdicts: RatioVerdict[] = [];
  for (const name of run.names) {
    const startedAtMs = Date.now();
    console.log(`\n${name}`);
    const args = [
      name,
      ...(run.rounds === undefined ? [] : ["--rounds", String(run.rounds)]),
      ...(run.isCheck ? ["--check"] : []),
      "--engines",
      run.engines.join(","),
    ];
    const program = join(import.meta.dirname, "run-benchmark.ts");
    const done = spawnSync(process.execPath, ["--expose-gc", program, ...args], {
      stdio: "inherit",
      timeout: LIMIT_MS,
      killSignal: "SIGTERM",
    });
    const record = readRecord(kind, name);
    if (record === undefined || Date.parse(record.startedAt) < startedAtMs) {
      const why = done.error?.message ?? `it ended with ${done.status ?? done.signal ?? "nothing"}`;
      failures.push(`${name} left nothing: ${why}`);
      continue;
    }
    if (run.isBaselineUpdated && record.failure === undefined) baseline = renewBaseline(baseline, record);
    for (const line of consoleLines(record, baseline)) console.log(line);
    console.log(`  ${(record.wallMs / 1_000).toFixed(0)} s`);
    if (record.failure !== undefined) failures.push(`${name}: ${record.failure}`);
    verdicts.push(
      ...record.ratios.map((ratio) => ({ key: ratioKey(name, ratio), verdict: verdictOf(name, ratio) })),
    );
    failures.push(...missedRatios(record));
  }
  if (run.isBaselineUpdated) writeBaseline(baseline);
  if (run.isCheck) writeVerdicts(verdicts);
  else writeReport(baseline);
  for (const failure of failures) console.log(`\n${failure}`);
  return failures.length === 0;

  function verdictOf(name: string, ratio: Ratio): Verdict {
    return judge(ratio, baseline[ratioKey(name, ratio)]);
  }

  function missedRatios(record: BenchmarkRecord): readonly string[] {
    return record.ratios.flatMap((ratio) => {
      const key = ratioKey(record.name, ratio);
      const entry = baseline[key];
      if (entry === undefined || verdictOf(record.name, ratio) !== "missed") return [];
      return [
        `${key} is beyond its margin: it is ${describeSpread(ratio.values)}, the baseline is ${entry.ratio}, the margin a factor of ${entry.margin}.`,
      ];
    });
  }
}
