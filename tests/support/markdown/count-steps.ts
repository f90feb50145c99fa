import type { Session } from "node:inspector/promises";

/**
 * How often the blocks of the parser's code run while `work` does: V8's own counters of precise coverage, so the same
 * work gives the same number on every machine, and nothing is read from a clock. What the engine does within one call
 * (a search over a long text) counts as one step.
 *
 * Node must run with `--no-opt --no-maglev`: optimized code leaves counters out.
 */
export async function countSteps(session: Session, work: () => void): Promise<number> {
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  work();
  const { result } = await session.post("Profiler.takePreciseCoverage");
  await session.post("Profiler.stopPreciseCoverage");
  let steps = 0;
  for (const script of result) {
    if (!script.url.includes("/src/markdown/")) continue;
    for (const { ranges } of script.functions) for (const { count } of ranges) steps += count;
  }
  return steps;
}
