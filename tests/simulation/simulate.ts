import * as fc from "fast-check";
import { scheduleArbitrary, type Schedule } from "./commands/schedule.ts";
import { runSchedule, type Outcome } from "./run-schedule.ts";

export interface SimulationOptions {
  readonly runs: number;
  readonly steps: number;
  readonly seed: number;
  /** Of an earlier failure: told at once. */
  readonly path?: string | undefined;
  /** Whether a failing story is made as short as possible. */
  readonly isShrinking: boolean;
}

export interface FoundViolation {
  readonly invariant: string;
  readonly message: string;
  readonly seed: number;
  readonly path: string;
  readonly tabs: number;
  readonly story: readonly string[];
}

export interface SimulationResult {
  /** Schedules told before the first violation, that one included; the shortening is not counted. */
  readonly runs: number;
  readonly virtualMs: number;
  readonly events: number;
  readonly sends: number;
  readonly faults: ReadonlyMap<string, number>;
  readonly violation: FoundViolation | undefined;
}

/** Stories told at most to make a failing one shorter. */
const MAX_SHORTENING = 600;

/** Tells `runs` stories of `steps` steps each. The same options tell the same stories. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const { runs: numRuns, steps, seed, path, isShrinking } = options;
  const faults = new Map<string, number>();
  let told = 0;
  let virtualMs = 0;
  let events = 0;
  let sends = 0;
  let first: string | undefined;
  let shortened = 0;
  const last: { outcome?: Outcome; schedule?: Schedule } = {};

  const property = fc.asyncProperty(scheduleArbitrary(steps), async (schedule) => {
    if (first !== undefined) {
      shortened += 1;
      if (shortened > MAX_SHORTENING) return;
    }
    const outcome = await runSchedule(schedule);
    if (first === undefined) {
      told += 1;
      virtualMs += outcome.virtualMs;
      events += outcome.events;
      sends += outcome.sends;
      for (const [name, count] of outcome.faults) faults.set(name, (faults.get(name) ?? 0) + count);
    }
    const { violation } = outcome;
    // A shorter story must show the same invariant broken.
    if (violation === undefined || (first !== undefined && violation.invariant !== first)) return;
    first = violation.invariant;
    last.outcome = outcome;
    last.schedule = schedule;
    throw violation;
  });
  const details = await fc.check(property, {
    numRuns,
    seed,
    ...(path === undefined ? {} : { path }),
    endOnFailure: !isShrinking,
  });
  const { outcome, schedule } = last;
  const violation =
    details.failed && outcome?.violation !== undefined && schedule !== undefined
      ? {
          invariant: outcome.violation.invariant,
          message: outcome.violation.message,
          seed,
          path: details.counterexamplePath ?? "",
          tabs: schedule.tabs,
          story: outcome.story,
        }
      : undefined;
  if (details.failed && violation === undefined) {
    throw details.errorInstance instanceof Error
      ? details.errorInstance
      : new Error("The simulation itself failed.");
  }
  return { runs: told, virtualMs, events, sends, faults, violation };
}
