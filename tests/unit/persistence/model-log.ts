import { createConversation, foldEvent, type ConversationState } from "../../../src/protocol/conversation.ts";
import { toTurnSnapshot } from "../../../src/protocol/conversation-snapshot.ts";
import type { LogEvent } from "../../../src/protocol/events.ts";
import type { LogFrame } from "../../../src/protocol/frames.ts";
import type { Epoch, TurnId } from "../../../src/protocol/ids.ts";
import type { TurnSnapshot } from "../../../src/protocol/snapshot.ts";
import { ended, queued, started, textDelta, turnId } from "../../support/wire-samples.ts";

/** Events of one round of the model log: three turns, of which two run side by side and one waits. */
export const ROUND = 18;

/** The log of an epoch, without an end: every event is a function of epoch and seq, and every text names its turn. */
export function eventAt(of: Epoch, seq: number): LogEvent {
  const round = Math.floor((seq - 1) / ROUND);
  const a = round * 3 + 1;
  const letter = `${of[1] ?? ""}${String.fromCharCode(97 + (round % 26))}`;
  const said = (turn: number, place: number, part = "p1"): LogEvent =>
    textDelta(turn, place * 2, part === "p1" ? letter : letter.toUpperCase(), part);
  const parallel = { ...queued(a + 1, `side ${a + 1}`), mode: "parallel" as const };
  const renamed: LogEvent = { type: "session-updated", at: 5, title: `round ${round}` };
  // Every other round leaves its third turn to the next, so that something is unfinished over the border.
  const isTaking = round % 2 === 1;
  const events: readonly LogEvent[] = [
    queued(a, `question ${a}`),
    started(a),
    said(a, 0),
    queued(a + 2, `waiting ${a + 2}`),
    parallel,
    said(a, 1),
    started(a + 1),
    said(a + 1, 0),
    isTaking ? started(a - 1) : renamed,
    said(a, 0, "p2"),
    said(a + 1, 1),
    { type: "turn-edited", at: 6, turn: turnId(a + 2), text: `still waiting ${a + 2}` },
    ended(a + 1),
    said(a, 2),
    isTaking ? { type: "turn-withdrawn", at: 7, turn: turnId(a + 2) } : renamed,
    isTaking ? said(a - 1, 0) : renamed,
    ended(a),
    isTaking ? ended(a - 1) : renamed,
  ];
  const event = events[(seq - 1) % ROUND];
  if (event === undefined) throw new Error(`no event at ${seq}`);
  return event;
}

export function frameOf(of: Epoch, from: number, seq: number): LogFrame {
  return {
    from,
    seq,
    events: Array.from({ length: seq - from + 1 }, (_, index) => eventAt(of, from + index)),
  };
}

export function foldedUpTo(of: Epoch, seq: number): ConversationState {
  const conversation = createConversation();
  for (let at = 1; at <= seq; at += 1) foldEvent(conversation, eventAt(of, at));
  return conversation;
}

const known = new Map<string, readonly TurnSnapshot[]>();

/** All turns as they are after the event `seq`. */
export function turnsAt(of: Epoch, seq: number): readonly TurnSnapshot[] {
  const key = `${of}.${seq}`;
  const turns = known.get(key) ?? [...foldedUpTo(of, seq).turns.values()].map(toTurnSnapshot);
  known.set(key, turns);
  return turns;
}

/** The seq at which the turn was queued. */
export function queuedAt(of: Epoch, turn: TurnId): number {
  for (let seq = 1; ; seq += 1) {
    const event = eventAt(of, seq);
    if (event.type === "turn-queued" && event.turn === turn) return seq;
  }
}
