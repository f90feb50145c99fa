import {
  bufferText,
  createConversation,
  type ConversationState,
  type TurnState,
} from "../protocol/conversation.ts";
import { fromTurnSnapshot } from "../protocol/conversation-snapshot.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import { settleEarlier } from "./earlier-turns.ts";
import type { HeldSession } from "./held-session.ts";
import { isUnfinished, type InflightEntry } from "./inflight.ts";
import type { ConversationMoment, StoredConversation } from "./ports.ts";

/** What is held, to be kept. Undefined while there is no moment to speak of. */
export function takeMoment(
  held: HeldSession,
  inflight: InflightEntry | undefined,
): ConversationMoment | undefined {
  const { cursor, summary, earlier, conversation } = held;
  // Until the server has named this text's epoch, another tab's may be the right one: nothing replaces it (S3).
  if (cursor === undefined || summary === undefined || cursor.epoch !== held.latestEpoch) return undefined;
  return {
    cursor,
    session: summary,
    hasMore: held.hasMore,
    earlier,
    conversation,
    news: held.news.read(cursor, { earlier, conversation }),
    inflight,
    // Of two tabs that were told of different epochs, the one that is still being told is right.
    confirmedEpoch: held.isEpochConfirmed ? cursor.epoch : undefined,
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

/**
 * Joins the chunks of ended turns: a session out of sight has no followers that count them (S8). In place: who comes back
 * finds the buffers that were left, and with them what the page has made of them.
 */
export function compactSettled(conversation: ConversationState): void {
  for (const turn of conversation.turns.values()) {
    if (isUnfinished(turn)) continue;
    for (const { buffer } of turn.parts.values()) {
      if (buffer.chunks.length > 1) buffer.chunks.splice(0, Infinity, bufferText(buffer));
    }
  }
}
