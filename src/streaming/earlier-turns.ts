import type { TurnState } from "../protocol/conversation.ts";
import { fromTurnSnapshot } from "../protocol/conversation-snapshot.ts";
import type { TurnId } from "../protocol/ids.ts";
import type { HeldSession } from "./held-session.ts";
import { isUnfinished } from "./inflight.ts";
import type { EarlierTurns } from "./ports.ts";

/**
 * A long session is held in two pieces, contiguous and in order: `earlier`, an array of ended turns that no event can
 * change, and `conversation`, into which events are folded. Whatever looks at every turn per event or per save looks at
 * `conversation`, so this bounds it: ten thousand turns cost what two hundred do.
 */
export const MAX_FOLDED_TURNS = 200;

/**
 * What stays when the rest is moved. A merged frame may begin before the cursor and repeat `turn-queued` of turns known
 * already (PROTOCOL §3); 16 KiB hold fewer turns than this, so none of them is taken for a new one.
 */
export const KEPT_FOLDED_TURNS = 100;

/** Moves what has ended long ago out of reach of events. Costs nothing while there is little. */
export function settleEarlier(held: HeldSession): void {
  const { turns } = held.conversation;
  if (turns.size <= MAX_FOLDED_TURNS) return;
  const moved: TurnState[] = [];
  for (const turn of turns.values()) {
    if (turns.size - moved.length <= KEPT_FOLDED_TURNS || isUnfinished(turn)) break;
    moved.push(turn);
  }
  if (moved.length === 0) return;
  for (const turn of moved) turns.delete(turn.id);
  held.earlier = [...held.earlier, ...moved];
}

/** The first turn that is held, or undefined when there is none. */
export function firstTurn(held: HeldSession): TurnId | undefined {
  return held.earlier[0]?.id ?? held.conversation.turns.keys().next().value;
}

/** Puts a page of earlier turns before the known ones. The page's cursor is never adopted (PROTOCOL §2). */
export function prependPage(held: HeldSession, page: EarlierTurns): void {
  const { turns } = held.conversation;
  // An unfinished turn is in every page, and better known by the stream.
  const paged = page.turns.filter((turn) => turn.status === "ended" && !turns.has(turn.id));
  prependTurns(
    held,
    paged.map((turn) => fromTurnSnapshot(turn)),
    page.hasMore,
  );
}

/** Puts ended turns before the known ones, with which they are contiguous. */
export function prependTurns(held: HeldSession, paged: readonly TurnState[], hasMore: boolean): void {
  const { turns } = held.conversation;
  held.hasMore = hasMore;
  if (held.earlier.length > 0 || turns.size + paged.length > MAX_FOLDED_TURNS) {
    held.earlier = [...paged, ...held.earlier];
    return;
  }
  held.conversation = { turns: new Map([...paged.map((turn) => [turn.id, turn] as const), ...turns]) };
}

/** UTF-16 code units of a turn: question, attachments, answer. */
export function turnChars(turn: TurnState): number {
  let chars = turn.text.length;
  for (const attachment of turn.attachments ?? []) chars += attachment.data.length;
  for (const part of turn.parts.values()) chars += part.buffer.length;
  return chars;
}

/** Counted once per array: the streams panel asks twice a second. */
const charsOfEarlier = new WeakMap<readonly TurnState[], number>();

export function earlierChars(earlier: readonly TurnState[]): number {
  const known = charsOfEarlier.get(earlier);
  if (known !== undefined) return known;
  let chars = 0;
  for (const turn of earlier) chars += turnChars(turn);
  charsOfEarlier.set(earlier, chars);
  return chars;
}
