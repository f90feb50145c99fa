import { runKillRounds } from "./kill-rounds.ts";

export type ControlName =
  | "write-behind"
  | "early-wake"
  | "lost-tail"
  | "replayed-event"
  | "renumbered"
  | "forgotten-deletion"
  | "forgotten-turns";

/** What each store that is known to fail does. */
export const CONTROLS: Readonly<Record<ControlName, string>> = {
  "write-behind": "acknowledges before the commit",
  "early-wake": "wakes readers before the commit",
  "lost-tail": "loses the tail of the log at start",
  "replayed-event": "has its last events twice after a restart",
  renumbered: "numbers the log anew after a restart",
  "forgotten-deletion": "forgets what was deleted",
  "forgotten-turns": "forgets which turns had not ended",
};

/** A control that the harness has not seen after so many rounds fails the run. */
export const MAX_CONTROL_ROUNDS = 12;

export interface ControlResult {
  readonly name: ControlName;
  readonly what: string;
  /** Undefined: not seen. */
  readonly seenAfterRounds: number | undefined;
  /** What it was seen by. */
  readonly seenBy: string | undefined;
}

/** Lets the harness loose on a server that is known to fail. */
export async function runControl(name: ControlName, seed: number): Promise<ControlResult> {
  const result = await runKillRounds({
    seed,
    rounds: MAX_CONTROL_ROUNDS,
    roundsPerFolder: MAX_CONTROL_ROUNDS,
    entry: "tests/crash/control-server.ts",
    env: { CRASH_CONTROL: name },
    moments: ["random", "burst"],
    stopsAtViolation: true,
  });
  const [seenBy] = result.violations;
  return {
    name,
    what: CONTROLS[name],
    seenAfterRounds: seenBy === undefined ? undefined : result.rounds,
    seenBy,
  };
}
