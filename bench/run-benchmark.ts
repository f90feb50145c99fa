/** One benchmark in a process of its own: what it leaves behind in memory, or a crash, is no other's. Started by `main.ts`. */
import { loadavg } from "node:os";
import { engineVersion, whyMissing } from "../tests/faults/engines.ts";
import { describeMachine } from "../scripts/reliability/machine.ts";
import { BENCHMARKS } from "./harness/all-benchmarks.ts";
import type { BenchmarkRecord, Measured } from "./harness/benchmark.ts";
import { describeCommit } from "./harness/commit.ts";
import { writeRecord } from "./harness/records.ts";
import { parseRunOptions } from "./harness/run-options.ts";

// Ended from outside, it still ends its browsers: they are killed at its exit.
process.once("SIGTERM", () => process.exit(1));

const options = parseRunOptions(process.argv.slice(2));
const [name] = options.names;
if (name === undefined || options.names.length !== 1) throw new Error("Name one benchmark.");

const missing = options.engines.filter((engine) => whyMissing(engine) !== undefined);
const engines = options.engines.filter((engine) => !missing.includes(engine));
const { title, run } = await BENCHMARKS[name]();
const startedAt = new Date().toISOString();
const load = loadavg()[0] ?? 0;
const begun = performance.now();
let measured: Measured = { figures: [], ratios: [] };
let failure: string | undefined;
try {
  measured = await run({ rounds: options.rounds, engines, isQuick: options.isCheck });
} catch (error) {
  failure = error instanceof Error ? error.message : String(error);
  console.error(error);
}
const record: BenchmarkRecord = {
  ...measured,
  name,
  title,
  startedAt,
  wallMs: Math.round(performance.now() - begun),
  commit: describeCommit(),
  machine: describeMachine(),
  engines: Object.fromEntries(engines.map((engine) => [engine, engineVersion(engine) ?? engine])),
  load,
  notes: [...(measured.notes ?? []), ...missing.map((engine) => whyMissing(engine) ?? engine)],
  ...(failure === undefined ? {} : { failure }),
};
writeRecord(options.isCheck ? "check" : "report", record);
// What a failed benchmark left open must not keep the process.
process.exit(failure === undefined ? 0 : 1);
