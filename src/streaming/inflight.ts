import type { Cursor } from "../protocol/cursor.ts";
import type { ConversationState, TurnState } from "../protocol/conversation.ts";
import type { Epoch, SessionId, TurnId } from "../protocol/ids.ts";

/** What is unfinished in one session. Its turns are the very objects of the conversation: one copy, two ways to it. */
export interface InflightEntry {
  epoch: Epoch;
  seq: number;
  /** Turns queued or running; their parts hold the buffers. */
  readonly turns: Map<TurnId, TurnState>;
  /** A stream was closed on them and is to be opened again (S4). */
  reattach: boolean;
  readonly startedAtMs: number;
}

export type InflightRegistry = Map<SessionId, InflightEntry>;

/** Whether the turn may still grow. */
export function isUnfinished(turn: TurnState): boolean {
  return turn.status !== "ended";
}

/**
 * Makes the session's entry say what `conversation` says at `cursor`: unfinished turns in, ended ones out,
 * and the entry goes with the last of them (S4). Keeps `reattach` and `startedAtMs` of an entry that stays.
 */
export function syncInflight(
  INFLIGHT: InflightRegistry,
  sid: SessionId,
  conversation: ConversationState,
  cursor: Cursor,
  nowMs: number,
): void {
  const known = INFLIGHT.get(sid);
  const turns = known?.turns ?? new Map<TurnId, TurnState>();
  turns.clear();
  for (const turn of conversation.turns.values()) {
    if (isUnfinished(turn)) turns.set(turn.id, turn);
  }
  if (turns.size === 0) {
    INFLIGHT.delete(sid);
    return;
  }
  if (known === undefined) {
    INFLIGHT.set(sid, { epoch: cursor.epoch, seq: cursor.seq, turns, reattach: false, startedAtMs: nowMs });
    return;
  }
  known.epoch = cursor.epoch;
  known.seq = cursor.seq;
}

/** The one choke point of S4: a stream was closed. A guarded no-op when the entry is gone because its turns have ended. */
export function markReattach(INFLIGHT: InflightRegistry, sid: SessionId): void {
  const entry = INFLIGHT.get(sid);
  if (entry !== undefined) entry.reattach = true;
}
