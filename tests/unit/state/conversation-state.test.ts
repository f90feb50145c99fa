import { effect } from "@preact/signals";
import { expect, test } from "vitest";
import { createConversationState, MAX_NEW_TURNS } from "../../../src/state/conversation-state.ts";
import type { OutboxEntry } from "../../../src/streaming/ports.ts";
import { addPart, partState, sessionId, sessionView, turnId, turnState } from "./samples.ts";

const SID = sessionId(1);
const sending: OutboxEntry = {
  id: "e1",
  session: SID,
  createdAtMs: 5,
  kind: "send",
  body: { id: turnId(7), text: "waiting", mode: "queue" },
};

test("text that grows changes no row", () => {
  const state = createConversationState();
  const turn = turnState(1);
  const part = partState("p", "a");
  addPart(turn, part);
  state.show(SID, sessionView(1, [turn]), [], []);
  const before = state.rows.value;
  part.buffer.chunks.push("b");
  part.buffer.length += 1;
  state.show(SID, sessionView(1, [turn]), [], []);
  expect(state.rows.value).toBe(before);
});

test("a part that begins is a new row, and known from then on", () => {
  const state = createConversationState();
  const turn = turnState(1);
  state.show(SID, sessionView(1, [turn]), [], []);
  const before = state.rows.value;
  expect(state.hasPart(turn.id, "p")).toBe(false);
  addPart(turn, partState("p", ""));
  state.show(SID, sessionView(1, [turn]), [], []);
  expect(state.rows.value).not.toBe(before);
  expect(state.hasPart(turn.id, "p")).toBe(true);
});

test("a part whose buffer was made anew is shown anew", () => {
  const state = createConversationState();
  const turn = turnState(1);
  addPart(turn, partState("p", "old"));
  state.show(SID, sessionView(1, [turn]), [], []);
  const before = state.rows.value;
  addPart(turn, partState("p", "new"));
  state.show(SID, sessionView(1, [turn]), [], []);
  expect(state.rows.value).not.toBe(before);
});

test("what waits in the outbox stands at the end until the conversation holds it", () => {
  const state = createConversationState();
  state.show(SID, sessionView(1, []), [sending], []);
  const alternatives = state.rows.value[0]?.slots[0]?.alternatives;
  expect(alternatives?.[0]?.delivery).toEqual({ kind: "waiting", entry: "e1" });
  state.show(SID, sessionView(1, [turnState(7, { text: "waiting" })]), [sending], []);
  expect(state.rows.value).toHaveLength(1);
  expect(state.rows.value[0]?.slots[0]?.alternatives[0]?.delivery).toEqual({ kind: "accepted" });
});

test("what was accepted stays in sight until the stream brings it", () => {
  const state = createConversationState();
  state.show(SID, sessionView(1, []), [], [{ id: turnId(7), text: "sent", mode: "queue" }]);
  expect(state.rows.value[0]?.slots[0]?.alternatives[0]).toMatchObject({
    text: "sent",
    delivery: { kind: "sent" },
  });
});

test("a refused message says why", () => {
  const state = createConversationState();
  const refused: OutboxEntry = { ...sending, kind: "refused", why: "too long" };
  state.show(SID, sessionView(1, []), [refused], []);
  expect(state.rows.value[0]?.slots[0]?.alternatives[0]?.delivery).toEqual({
    kind: "refused",
    entry: "e1",
    why: "too long",
  });
});

test("another session never shows a turn of the one before, not even for a moment", () => {
  const state = createConversationState();
  state.show(SID, sessionView(1, [turnState(1)]), [], []);
  const pairs: string[] = [];
  const stop = effect(() => {
    pairs.push(`${state.session.value}:${state.rows.value.map((row) => row.key).join()}`);
  });
  state.show(sessionId(2), undefined, [], []);
  stop();
  expect(pairs).toEqual([`${SID}:${turnId(1)}`, `${sessionId(2)}:`]);
});

test("it knows which turns run and which are continued", () => {
  const state = createConversationState();
  const ended = turnState(1, { status: "ended", outcome: "stopped" });
  state.show(SID, sessionView(1, [ended, turnState(2, { continues: turnId(1) })]), [], []);
  expect(state.running.value.map((turn) => turn.id)).toEqual([turnId(2)]);
  expect([...state.continued.value]).toEqual([turnId(1)]);
});

test("a catch-up of many turns comes in over several frames, in order, and all of it", () => {
  const state = createConversationState();
  const turns = Array.from({ length: 2 * MAX_NEW_TURNS + 1 }, (_, index) => turnState(index + 10));
  expect(state.show(SID, sessionView(1, turns.slice(0, 1)), [], [])).toBe(false);
  const view = sessionView(1, turns);
  expect(state.show(SID, view, [sending], [])).toBe(true);
  // What he has just sent is never held back.
  expect(state.rows.value.at(-1)?.key).toBe(turnId(7));
  expect(state.rows.value).toHaveLength(1 + MAX_NEW_TURNS + 1);
  expect(state.show(SID, view, [], [])).toBe(false);
  expect(state.rows.value.map((row) => row.key)).toEqual(turns.map((turn) => turn.id));
});

test("what is opened is painted at once, however long it is", () => {
  const state = createConversationState();
  const turns = Array.from({ length: 3 * MAX_NEW_TURNS }, (_, index) => turnState(index + 1));
  expect(state.show(SID, sessionView(1, turns), [], [])).toBe(false);
  expect(state.rows.value).toHaveLength(3 * MAX_NEW_TURNS);
});
