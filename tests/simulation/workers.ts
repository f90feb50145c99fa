import { Worker } from "node:worker_threads";
import { simulate, type SimulationOptions, type SimulationResult } from "./simulate.ts";

/** Spreads the stories over threads, each with a seed of its own; with one, tells them here. */
export async function simulateWithWorkers(
  options: SimulationOptions,
  workers: number,
): Promise<SimulationResult> {
  if (workers === 1 || options.path !== undefined) return simulate(options);
  const parts = Array.from({ length: workers }, (_, index): SimulationOptions => {
    const runs = Math.floor(options.runs / workers) + (index < options.runs % workers ? 1 : 0);
    // Far apart: else the second of seed 1 would tell the stories of seed 2 once more.
    return { ...options, runs, seed: (options.seed + Math.imul(index, 0x9e37_79b1)) & 0x7fff_ffff };
  });
  const results = await Promise.all(parts.filter((part) => part.runs > 0).map(inWorker));
  const faults = new Map<string, number>();
  for (const result of results) {
    for (const [name, count] of result.faults) faults.set(name, (faults.get(name) ?? 0) + count);
  }
  const sum = (read: (result: SimulationResult) => number): number =>
    results.reduce((total, result) => total + read(result), 0);
  return {
    runs: sum((result) => result.runs),
    virtualMs: sum((result) => result.virtualMs),
    events: sum((result) => result.events),
    sends: sum((result) => result.sends),
    faults,
    violation: results.find((result) => result.violation !== undefined)?.violation,
  };
}

function inWorker(options: SimulationOptions): Promise<SimulationResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("worker.ts", import.meta.url), { workerData: options });
    worker.once("message", (result: SimulationResult) => resolve(result));
    worker.once("error", reject);
    // After its message this changes nothing.
    worker.once("exit", (code) => reject(new Error(`A worker ended without an answer (exit ${code}).`)));
  });
}
