import type { TurnState } from "../protocol/conversation.ts";
import type { TurnId } from "../protocol/ids.ts";

/** What the queue reads of a turn. */
export type QueuedTurn = Pick<TurnState, "id" | "mode" | "status">;

/**
 * Which turns begin now. `parallel` ones at once; of the others one at a time: steering ones first, in the order in
 * which they were sent, then the queue. `isBusy` names turns that are being started though the log does not say so yet. Pure.
 */
export function turnsToStart(turns: Iterable<QueuedTurn>, isBusy: (turn: TurnId) => boolean): TurnId[] {
  const starts: TurnId[] = [];
  let isLaneFree = true;
  let nextSteer: TurnId | undefined;
  let nextQueued: TurnId | undefined;
  for (const turn of turns) {
    if (turn.status === "ended") continue;
    const isRunning = turn.status === "running" || isBusy(turn.id);
    if (turn.mode === "parallel") {
      if (!isRunning) starts.push(turn.id);
    } else if (isRunning) isLaneFree = false;
    else if (turn.mode === "steer") nextSteer ??= turn.id;
    else nextQueued ??= turn.id;
  }
  const next = nextSteer ?? nextQueued;
  if (isLaneFree && next !== undefined) starts.push(next);
  return starts;
}

/** The turn that a `steer` without a target stops: the queue's running one. */
export function runningInQueue(turns: Iterable<QueuedTurn>): TurnId | undefined {
  for (const turn of turns) {
    if (turn.status === "running" && turn.mode !== "parallel") return turn.id;
  }
  return undefined;
}
