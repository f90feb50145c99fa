import { writeFileSync } from "node:fs";
import { schedulesPerMinute, writeReport } from "../support/reliability-report.ts";
import { readArguments, USAGE, type Arguments } from "./arguments.ts";
import type { FoundViolation } from "./simulate.ts";
import { simulateWithWorkers } from "./workers.ts";

// Tells stories of faults to the real core and checks what must hold; see README.md beside this file.
const startedAt = new Date();
let options: Arguments | undefined;
try {
  options = readArguments(process.argv.slice(2), () => Math.floor(Math.random() * 0x7fff_ffff));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\nUsage: ${USAGE}`);
  process.exitCode = 2;
}
if (options !== undefined) await run(options);

async function run({ json, isReporting, workers, ...simulation }: Arguments): Promise<void> {
  const { runs, steps, seed } = simulation;
  const result = await simulateWithWorkers(simulation, workers);
  const wallMs = Date.now() - startedAt.getTime();
  const { violation } = result;
  if (json !== undefined) {
    writeFileSync(
      json,
      `${JSON.stringify({ runs: result.runs, steps, seed, violation: violation ?? null }, undefined, 2)}\n`,
    );
  }
  if (isReporting) {
    writeReport("simulation", {
      command: `node tests/simulation/main.ts --runs ${runs} --seed ${seed} --steps ${steps}${workers > 1 ? ` --workers ${workers}` : ""}`,
      startedAt: startedAt.toISOString(),
      wallMs,
      seed,
      schedules: result.runs,
      steps,
      virtualMs: result.virtualMs,
      faults: Object.fromEntries([...result.faults].sort(([a], [b]) => (a < b ? -1 : 1))),
      events: result.events,
      sends: result.sends,
      violations: violation === undefined ? 0 : 1,
    });
  }
  if (violation === undefined) {
    const faults = [...result.faults.values()].reduce((sum, count) => sum + count, 0);
    console.log(
      `${result.runs} schedules of ${steps} steps hold (seed ${seed}): ${(result.virtualMs / 3_600_000).toFixed(1)} h of virtual time, ` +
        `${result.sends} sends, ${result.events} events, ${faults} faults, in ${(wallMs / 1000).toFixed(1)} s: ` +
        `${schedulesPerMinute(result.runs, wallMs)} schedules a minute.`,
    );
    return;
  }
  process.exitCode = 1;
  console.log(tell(violation, steps, result.runs));
}

function tell(violation: FoundViolation, steps: number, runs: number): string {
  const story = violation.story.map((sentence, index) => `  ${index + 1}. ${sentence}`);
  return [
    `After ${runs} schedules this does not hold:`,
    "",
    `  ${violation.message}`,
    "",
    `The story, with ${violation.tabs} ${violation.tabs === 1 ? "tab" : "tabs"}:`,
    ...story,
    "",
    `Replay: node tests/simulation/main.ts --runs 1 --seed ${violation.seed} --steps ${steps} --path ${violation.path}`,
  ].join("\n");
}
