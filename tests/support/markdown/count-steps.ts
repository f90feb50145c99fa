import { Session } from "node:inspector/promises";
import { setFlagsFromString } from "node:v8";

/**
 * How often the blocks of the parser's code run while `work` does: V8's own counters of precise coverage, so the same
 * work gives the same number on every machine, and nothing is read from a clock. What the engine does within one call
 * (a search over a long text) counts as one step.
 */
export async function countSteps(work: () => void): Promise<number> {
  // Optimized code leaves counters out.
  setFlagsFromString("--no-opt");
  setFlagsFromString("--no-maglev");
  const session = new Session();
  session.connect();
  try {
    await session.post("Profiler.enable");
    await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
    work();
    const { result } = await session.post("Profiler.takePreciseCoverage");
    let steps = 0;
    for (const script of result) {
      if (!script.url.includes("/src/markdown/")) continue;
      for (const { ranges } of script.functions) for (const { count } of ranges) steps += count;
    }
    return steps;
  } finally {
    await session.post("Profiler.stopPreciseCoverage");
    session.disconnect();
    setFlagsFromString("--opt");
    setFlagsFromString("--maglev");
  }
}
