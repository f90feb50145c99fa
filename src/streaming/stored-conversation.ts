import { createConversation, type ConversationState, type TurnState } from "../protocol/conversation.ts";
import { fromTurnSnapshot, toTurnSnapshot } from "../protocol/conversation-snapshot.ts";
import type { Snapshot, TurnSnapshot } from "../protocol/snapshot.ts";
import { settleEarlier } from "./earlier-turns.ts";
import type { HeldSession } from "./held-session.ts";
import { isUnfinished, type InflightEntry } from "./inflight.ts";
import type { StoredConversation } from "./ports.ts";

/** Ended turns never change, so each is put into words once, not at every write. */
const settledSnapshots = new WeakMap<TurnState, TurnSnapshot>();

function settledSnapshot(turn: TurnState): TurnSnapshot {
  const known = settledSnapshots.get(turn);
  if (known !== undefined) return known;
  const snapshot = toTurnSnapshot(turn);
  settledSnapshots.set(turn, snapshot);
  return snapshot;
}

/** Text and cursor of one moment, taken in one go (S3). Undefined while there is no moment to speak of. */
export function toStored(
  held: HeldSession,
  inflight: InflightEntry | undefined,
): StoredConversation | undefined {
  if (held.cursor === undefined || held.summary === undefined) return undefined;
  const settled: TurnSnapshot[] = [];
  const unfinished: TurnSnapshot[] = [];
  for (const turn of held.conversation.turns.values()) {
    if (isUnfinished(turn)) unfinished.push(toTurnSnapshot(turn));
    else settled.push(settledSnapshot(turn));
  }
  return {
    cursor: held.cursor,
    // Of a long session the disk keeps what is folded into; what stands before it is paged in again.
    transcript: {
      session: held.summary,
      turns: settled,
      hasMore: held.hasMore || held.earlier.length > 0,
    },
    inflight:
      inflight === undefined || unfinished.length === 0
        ? undefined
        : {
            turns: unfinished,
            reattach: inflight.reattach,
            startedAtMs: inflight.startedAtMs,
            order: [...held.conversation.turns.keys()],
          },
  };
}

/** The conversation as it was kept, settled and unfinished turns in their old order. */
export function fromStored(stored: StoredConversation): ConversationState {
  const turns = [...stored.transcript.turns, ...(stored.inflight?.turns ?? [])];
  const byId = new Map(turns.map((turn) => [turn.id, turn]));
  const conversation = createConversation();
  for (const id of stored.inflight?.order ?? []) {
    const turn = byId.get(id);
    if (turn !== undefined) conversation.turns.set(id, fromTurnSnapshot(turn));
  }
  for (const turn of turns) {
    if (!conversation.turns.has(turn.id)) conversation.turns.set(turn.id, fromTurnSnapshot(turn));
  }
  return conversation;
}

/**
 * A snapshot replaces what was known; only ended turns that lie before its first one, without a gap, are kept,
 * and only within its epoch: another incarnation of the log vouches for nothing of this one.
 */
export function adoptSnapshot(held: HeldSession, snapshot: Snapshot): void {
  const conversation = createConversation();
  const first = snapshot.turns[0];
  const isSameLog = held.cursor?.epoch === snapshot.cursor.epoch;
  let hasMore = snapshot.hasMore;
  let earlier: readonly TurnState[] = [];
  if (isSameLog && snapshot.hasMore && first !== undefined && held.conversation.turns.has(first.id)) {
    let kept: TurnState[] = [];
    let hasAllBefore = true;
    for (const turn of held.conversation.turns.values()) {
      if (turn.id === first.id) break;
      if (!isUnfinished(turn)) {
        kept.push(turn);
        continue;
      }
      // It has ended meanwhile, or it would be in the snapshot: what it came to lies before the page, to be paged in with what is before it.
      kept = [];
      hasAllBefore = false;
    }
    if (hasAllBefore) earlier = held.earlier;
    if (kept.length + earlier.length > 0) hasMore = hasAllBefore ? held.hasMore : true;
    for (const turn of kept) conversation.turns.set(turn.id, turn);
  } else if (isSameLog && snapshot.hasMore && first !== undefined) {
    const at = held.earlier.findIndex((turn) => turn.id === first.id);
    if (at > 0) {
      earlier = held.earlier.slice(0, at);
      hasMore = held.hasMore;
    }
  }
  for (const turn of snapshot.turns) conversation.turns.set(turn.id, fromTurnSnapshot(turn));
  held.earlier = earlier;
  held.conversation = conversation;
  held.summary = snapshot.session;
  held.cursor = snapshot.cursor;
  held.latestEpoch = snapshot.cursor.epoch;
  held.isEpochConfirmed = true;
  held.tail = snapshot.cursor.seq;
  held.hasMore = hasMore;
  held.source = "server";
  held.failure = undefined;
  settleEarlier(held);
}

/** Joins the chunks of ended turns: a session out of sight has no followers that count them (S8). */
export function compactSettled(conversation: ConversationState): void {
  for (const turn of conversation.turns.values()) {
    if (isUnfinished(turn)) continue;
    const snapshot = settledSnapshot(turn);
    const compact = fromTurnSnapshot(snapshot);
    settledSnapshots.set(compact, snapshot);
    conversation.turns.set(turn.id, compact);
  }
}
