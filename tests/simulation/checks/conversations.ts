import type { ConversationState, TextBuffer } from "../../../src/protocol/conversation.ts";
import { lengthAt, statusAt, textAt, type LogHistory } from "../world/log-book.ts";
import { scriptOf } from "../world/script.ts";

export interface ShownPart {
  readonly id: string;
  readonly type: string;
  readonly text: string;
}

export interface ShownTurn {
  readonly id: string;
  readonly text: string;
  readonly status: string;
  readonly parts: readonly ShownPart[];
}

/** Buffers only grow: joined once per length. */
const joined = new WeakMap<TextBuffer, string>();

export function shownTurnsOf(conversation: ConversationState): readonly ShownTurn[] {
  return [...conversation.turns.values()].map((turn) => ({
    id: turn.id,
    text: turn.text,
    status: turn.status,
    parts: [...turn.parts.values()].map((part) => ({
      id: part.id,
      type: part.type,
      text: textOf(part.buffer),
    })),
  }));
}

export function textOf(buffer: TextBuffer): string {
  const known = joined.get(buffer);
  if (known?.length === buffer.length) return known;
  const text = buffer.chunks.join("");
  joined.set(buffer, text);
  return text;
}

/**
 * S2, by an oracle of its own: what a holder of `history` up to `seq` may show, and must.
 * Answers what is wrong, as the rest of a sentence; undefined when all is well.
 */
export function conversationComplaint(
  history: LogHistory,
  seq: number,
  turns: readonly ShownTurn[],
  hasMore: boolean,
): string | undefined {
  if (seq > history.tail) return `is at ${seq} of a log that ends at ${history.tail}`;
  const shown = new Set<string>();
  for (const turn of turns) {
    if (shown.has(turn.id)) return `shows turn ${turn.id} twice`;
    shown.add(turn.id);
    const complaint = turnComplaint(history, seq, turn);
    if (complaint !== undefined) return complaint;
  }
  const leftOut = hasMore ? leftOutBetween(history, seq, shown) : undefined;
  if (leftOut !== undefined) return `at ${seq} leaves out turn ${leftOut}, between turns that it shows`;
  for (const turn of history.turns.values()) {
    const isThere = turn.queuedSeq <= seq && turn.withdrawnSeq > seq;
    if (isThere && !shown.has(turn.id) && !(hasMore && turn.endedSeq <= seq)) {
      return `at ${seq} does not show turn ${turn.id}, queued at ${turn.queuedSeq}`;
    }
  }
  if (seq !== history.tail) return undefined;
  const order = history.order.filter((id) => shown.has(id)).join(" ");
  const shownOrder = turns.map((turn) => turn.id).join(" ");
  return order === shownOrder ? undefined : `shows the turns as ${shownOrder}, where the log has ${order}`;
}

/** The turns that had ended by `seq`, in their order: among themselves nothing moves them any more (P2.48). */
export function endedTurns(history: LogHistory, seq: number): readonly string[] {
  return history.order.filter((id) => (history.turns.get(id)?.endedSeq ?? Infinity) <= seq);
}

/** Whoever has only the later turns has all of those. */
function leftOutBetween(history: LogHistory, seq: number, shown: ReadonlySet<string>): string | undefined {
  const ended = endedTurns(history, seq);
  const first = ended.findIndex((id) => shown.has(id));
  return first < 0 ? undefined : ended.slice(first).find((id) => !shown.has(id));
}

export function turnComplaint(history: LogHistory, seq: number, turn: ShownTurn): string | undefined {
  const told = history.turns.get(turn.id);
  if (told === undefined || told.queuedSeq > seq)
    return `at ${seq} shows turn ${turn.id}, which the log does not have`;
  if (told.withdrawnSeq <= seq) return `at ${seq} shows turn ${turn.id}, withdrawn at ${told.withdrawnSeq}`;
  if (turn.text !== textAt(told, seq))
    return `shows the question "${turn.text}" where the log has "${textAt(told, seq)}"`;
  if (turn.status !== statusAt(told, seq)) {
    return `at ${seq} shows turn ${turn.id} as ${turn.status} where the log has ${statusAt(told, seq)}`;
  }
  const script = scriptOf(history.session, turn.id).texts;
  const seen = new Set<string>();
  for (const part of turn.parts) {
    seen.add(part.id);
    const partHistory = told.parts.get(part.id);
    if (partHistory === undefined)
      return `shows part ${part.id} of turn ${turn.id}, which the log does not have`;
    if (partHistory.type !== part.type)
      return `shows ${part.type} ${part.id} where the log has ${partHistory.type}`;
    const length = lengthAt(partHistory, seq);
    const text = script.get(part.id)?.slice(0, length) ?? "";
    if (part.text !== text) {
      return `at ${seq} shows ${turn.id}/${part.id} as ${quote(part.text)} where the log has ${quote(text)}`;
    }
  }
  for (const [name, part] of told.parts) {
    if ((part.seqs[0] ?? Infinity) <= seq && !seen.has(name))
      return `at ${seq} lacks part ${name} of turn ${turn.id}`;
  }
  return undefined;
}

function quote(text: string): string {
  return text.length <= 90 ? `"${text}"` : `"${text.slice(0, 30)}…${text.slice(-50)}" (${text.length})`;
}
