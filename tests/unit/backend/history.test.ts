import { expect, test } from "vitest";
import { buildHistory } from "../../../src/backend/history.ts";
import {
  createConversation,
  foldEvent,
  type ConversationState,
  type TurnState,
} from "../../../src/protocol/conversation.ts";
import type { LogEventOf } from "../../../src/protocol/events.ts";
import { agentId, ended, started, textDelta, turnId } from "../../support/wire-samples.ts";

type Queued = Partial<LogEventOf<"turn-queued">>;

/** A conversation of turns by number, each with its answer; without an answer it is still queued. */
function conversationOf(
  turns: readonly (readonly [number: number, answer: string | undefined, more?: Queued])[],
): ConversationState {
  const conversation = createConversation();
  for (const [number, answer, more] of turns) {
    foldEvent(conversation, {
      type: "turn-queued",
      at: number,
      turn: turnId(number),
      text: `q${number}`,
      mode: "queue",
      agent: agentId(),
      ...more,
    });
    if (answer === undefined) continue;
    foldEvent(conversation, started(number));
    foldEvent(conversation, textDelta(number, 0, answer));
    foldEvent(conversation, ended(number, answer.endsWith("…") ? "stopped" : "complete"));
  }
  return conversation;
}

function told(conversation: ConversationState, number: number, endedAtSend?: readonly number[]): string[] {
  const turn = conversation.turns.get(turnId(number)) as TurnState;
  const set = endedAtSend === undefined ? undefined : new Set(endedAtSend.map((one) => turnId(one)));
  return buildHistory(conversation, turn, set).history.map((message) => message.text);
}

test("a queued turn is told what has ended before it, in the order in which it is shown", () => {
  const conversation = conversationOf([
    [1, "a1"],
    [2, "a2"],
    [3, undefined],
    [4, "a4"],
  ]);
  // The fourth went ahead of the third, and so is shown before it.
  expect(told(conversation, 3)).toEqual(["q1", "a1", "q2", "a2", "q4", "a4"]);
  expect(told(conversation, 2)).toEqual(["q1", "a1"]);
});

test("a parallel turn that starts late is told only what had ended when it was sent", () => {
  const conversation = conversationOf([
    [1, "a1"],
    [2, "a2"],
    [3, undefined, { mode: "parallel" }],
  ]);
  expect(told(conversation, 3, [1])).toEqual(["q1", "a1"]);
});

test("of a place with alternatives the newest that has ended speaks", () => {
  const conversation = conversationOf([
    [1, "a1"],
    [2, "a2"],
    [3, "a3", { replaces: turnId(1) }],
    [4, undefined, { replaces: turnId(3) }],
    [5, undefined],
  ]);
  expect(told(conversation, 5)).toEqual(["q3", "a3", "q2", "a2"]);
  expect(told(conversation, 4)).toEqual([]);
});

test("a continued answer is told as one, in the place of its question, and may be replaced as a whole", () => {
  const turns = [
    [1, "half…"],
    [2, "a2"],
    [3, "rest", { text: "", continues: turnId(1) }],
  ] as const;
  expect(told(conversationOf([...turns, [4, undefined]]), 4)).toEqual(["q1", "half…rest", "q2", "a2"]);
  const replaced = conversationOf([...turns, [4, "anew", { replaces: turnId(3) }], [5, undefined]]);
  expect(told(replaced, 5)).toEqual(["q4", "anew", "q2", "a2"]);
});

test("a failed turn without a word is told as its question alone", () => {
  const conversation = conversationOf([
    [1, undefined],
    [2, undefined],
  ]);
  foldEvent(conversation, started(1));
  foldEvent(conversation, ended(1, "failed"));
  expect(told(conversation, 2)).toEqual(["q1"]);
});

test("turns that name each other in a ring end the walk all the same", () => {
  const conversation = conversationOf([
    [1, "a1", { replaces: turnId(2) }],
    [2, "a2", { replaces: turnId(1) }],
    [3, undefined],
  ]);
  expect(told(conversation, 3).length).toBeGreaterThan(0);
});
