import { expect, test } from "vitest";
import {
  bufferText,
  createBuffer,
  createConversation,
  foldEvent,
  type ConversationState,
} from "../../../src/protocol/conversation.ts";
import type { LogEvent } from "../../../src/protocol/events.ts";
import {
  agentId,
  approvalId,
  ended,
  partId,
  queued,
  started,
  textDelta,
  turnId,
} from "../../support/wire-samples.ts";

function fold(...events: readonly LogEvent[]): ConversationState {
  const conversation = createConversation();
  for (const event of events) foldEvent(conversation, event);
  return conversation;
}

function textOf(conversation: ConversationState, number = 1, part = "p1"): string | undefined {
  const buffer = conversation.turns.get(turnId(number))?.parts.get(partId(part))?.buffer;
  return buffer && bufferText(buffer);
}

const toolStarted: LogEvent = {
  type: "tool-started",
  at: 1,
  turn: turnId(1),
  part: partId("x"),
  name: "calc",
};
const asked: LogEvent = {
  type: "approval-requested",
  at: 1,
  turn: turnId(1),
  approval: approvalId(),
  prompt: "May I?",
  options: [{ id: "yes", label: "Yes", kind: "allow" }],
};

test("a turn is queued, started and ended", () => {
  const conversation = fold(queued(1));
  expect(conversation.turns.get(turnId(1))).toMatchObject({
    status: "queued",
    text: "hello",
    queuedAt: 1_000,
  });
  foldEvent(conversation, { type: "turn-started", at: 5, turn: turnId(1), agent: agentId("x"), model: "m" });
  expect(conversation.turns.get(turnId(1))).toMatchObject({
    status: "running",
    agent: "x",
    model: "m",
    startedAt: 5,
  });
  expect(foldEvent(conversation, ended(1, "failed"))).toEqual({ kind: "ended", turn: turnId(1) });
  expect(conversation.turns.get(turnId(1))).toMatchObject({
    status: "ended",
    outcome: "failed",
    endedAt: 1_900,
  });
});

test("a delta at the buffer's end is appended", () => {
  const conversation = fold(queued(1), started(1), textDelta(1, 0, "Hel"));
  expect(foldEvent(conversation, textDelta(1, 3, "lo"))).toEqual({
    kind: "grown",
    turn: turnId(1),
    part: "p1",
  });
  expect(textOf(conversation)).toBe("Hello");
});

test("a delta below the buffer's end is cut, never doubled", () => {
  const conversation = fold(queued(1), started(1), textDelta(1, 0, "Hello"));
  expect(foldEvent(conversation, textDelta(1, 0, "Hello, wor"))).toMatchObject({ kind: "grown" });
  expect(foldEvent(conversation, textDelta(1, 2, "llo, world"))).toMatchObject({ kind: "grown" });
  expect(foldEvent(conversation, textDelta(1, 0, "Hell"))).toEqual({ kind: "unchanged" });
  expect(textOf(conversation)).toBe("Hello, world");
});

test("a delta above the buffer's end is a hole and changes nothing", () => {
  const conversation = fold(queued(1), started(1), textDelta(1, 0, "Hel"));
  expect(foldEvent(conversation, textDelta(1, 4, "o"))).toMatchObject({ kind: "hole" });
  expect(foldEvent(conversation, textDelta(1, 1, "x", "other"))).toMatchObject({ kind: "hole" });
  expect(textOf(conversation)).toBe("Hel");
  expect(textOf(conversation, 1, "other")).toBeUndefined();
});

test("offsets count UTF-16 code units, and a split may fall inside a character", () => {
  const conversation = fold(queued(1), started(1), textDelta(1, 0, "👍\ud83c"), textDelta(1, 3, "\udffd!"));
  expect(textOf(conversation)).toBe("👍🏽!");
});

test("parts of one kind, and turns side by side, never mix", () => {
  const conversation = fold(
    queued(1),
    queued(2),
    started(1),
    started(2),
    textDelta(1, 0, "a", "p1"),
    textDelta(2, 0, "A", "p1"),
    textDelta(1, 0, "b", "p2"),
    textDelta(1, 1, "a", "p1"),
    textDelta(2, 1, "A", "p1"),
  );
  expect([
    textOf(conversation, 1, "p1"),
    textOf(conversation, 1, "p2"),
    textOf(conversation, 2, "p1"),
  ]).toEqual(["aa", "b", "AA"]);
});

test("a turn that has ended never grows again, whatever comes", () => {
  const conversation = fold(queued(1), started(1), textDelta(1, 0, "Hel"), ended(1, "stopped"));
  for (const late of [
    textDelta(1, 3, "lo"),
    textDelta(1, 9, "x"),
    toolStarted,
    asked,
    started(1),
    ended(1, "complete"),
  ]) {
    expect(foldEvent(conversation, late)).toEqual({ kind: "unchanged" });
  }
  expect(conversation.turns.get(turnId(1))).toMatchObject({ outcome: "stopped" });
  expect(textOf(conversation)).toBe("Hel");
});

test("a turn is edited and withdrawn only while it is queued", () => {
  const edit: LogEvent = { type: "turn-edited", at: 2, turn: turnId(1), text: "changed" };
  const withdraw: LogEvent = { type: "turn-withdrawn", at: 2, turn: turnId(1) };
  expect(fold(queued(1), edit).turns.get(turnId(1))?.text).toBe("changed");
  expect(fold(queued(1), withdraw).turns.size).toBe(0);
  const running = fold(queued(1), started(1));
  expect(foldEvent(running, edit)).toEqual({ kind: "unchanged" });
  expect(foldEvent(running, withdraw)).toEqual({ kind: "unchanged" });
});

test("a turn that starts ahead of the queue is shown ahead of it", () => {
  const conversation = fold(queued(1), started(1), queued(2), queued(3), queued(4), started(4), started(3));
  expect([...conversation.turns.keys()]).toEqual([turnId(1), turnId(4), turnId(3), turnId(2)]);
});

test("a tool runs, speaks and ends once", () => {
  const conversation = fold(queued(1), started(1), toolStarted);
  foldEvent(conversation, {
    type: "tool-delta",
    at: 2,
    turn: turnId(1),
    part: partId("x"),
    offset: 0,
    delta: "6",
  });
  const end: LogEvent = {
    type: "tool-ended",
    at: 3,
    turn: turnId(1),
    part: partId("x"),
    status: "failed",
    output: 6,
  };
  expect(foldEvent(conversation, end)).toMatchObject({ kind: "changed" });
  expect(foldEvent(conversation, { ...end, status: "complete" })).toEqual({ kind: "unchanged" });
  expect(conversation.turns.get(turnId(1))?.parts.get(partId("x"))).toMatchObject({
    status: "failed",
    output: 6,
  });
});

test("what speaks of a tool or an approval that is not known is a hole", () => {
  const at = { at: 1, turn: turnId(1) };
  const strays: LogEvent[] = [
    { type: "tool-delta", ...at, part: partId("y"), offset: 0, delta: "6" },
    { type: "tool-ended", ...at, part: partId("y"), status: "complete" },
    { type: "approval-resolved", ...at, approval: approvalId("b"), option: "yes", by: "user" },
  ];
  for (const stray of strays)
    expect(foldEvent(fold(queued(1), started(1)), stray)).toMatchObject({ kind: "hole" });
});

test("an approval is resolved once; a second answer changes nothing", () => {
  const conversation = fold(queued(1), started(1), asked);
  const answer: LogEvent = {
    type: "approval-resolved",
    at: 2,
    turn: turnId(1),
    approval: approvalId(),
    option: "yes",
    by: "user",
  };
  foldEvent(conversation, answer);
  expect(foldEvent(conversation, { ...answer, option: "no", by: "timeout" })).toEqual({ kind: "unchanged" });
  expect(conversation.turns.get(turnId(1))?.approvals).toMatchObject([
    { resolved: { option: "yes", by: "user", at: 2 } },
  ]);
});

test("every version of the plan is kept, a repeated one once", () => {
  const plan = (at: number, text: string): LogEvent => ({
    type: "plan-updated",
    at,
    turn: turnId(1),
    entries: [{ text, status: "pending" }],
  });
  const conversation = fold(queued(1), started(1), plan(1, "a"), plan(2, "b"), plan(1, "a"), plan(3, "a"));
  expect(conversation.turns.get(turnId(1))?.plans.map((version) => version.at)).toEqual([1, 2, 3]);
});

test("an event of an unknown type, or of a turn that is not held, changes nothing", () => {
  const conversation = fold(queued(1));
  expect(foldEvent(conversation, { type: "unknown", raw: { type: "turn-dreamt", turn: turnId(1) } })).toEqual(
    {
      kind: "unchanged",
    },
  );
  expect(foldEvent(conversation, textDelta(9, 5, "x"))).toEqual({ kind: "unchanged" });
  expect(conversation.turns.size).toBe(1);
});

test("a session's own event is handed on", () => {
  const update: LogEvent = { type: "session-updated", at: 1, title: "Sums" };
  expect(foldEvent(createConversation(), update)).toEqual({ kind: "session", update });
});

test("a buffer knows its length in UTF-16 code units", () => {
  expect(createBuffer()).toEqual({ chunks: [], length: 0 });
  expect(createBuffer("👍!").length).toBe(3);
});
