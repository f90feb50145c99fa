import { effect } from "@preact/signals";
import { expect, test } from "vitest";
import { createConversationState, type ConversationState } from "../../../src/state/conversation-state.ts";
import type { TurnState } from "../../../src/protocol/conversation.ts";
import { ROWS_PER_GROUP } from "../../../src/state/row-groups.ts";
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

/** Ended turns with numbers from `first` to `last`. */
function ended(first: number, last: number): readonly TurnState[] {
  return Array.from({ length: last - first + 1 }, (_, index) =>
    turnState(first + index, { status: "ended", outcome: "complete" }),
  );
}
const keys = (state: ConversationState): readonly string[] => state.rows.value.map((row) => row.key);

test("earlier and folded turns are one conversation, in order", () => {
  const state = createConversationState();
  const turns = ended(10, 400);
  state.show(SID, sessionView(1, turns.slice(300), { earlier: turns.slice(0, 300) }), [sending], []);
  expect(keys(state)).toEqual([...turns.map((turn) => turn.id), turnId(7)]);
  expect(state.groups.value.every((group) => group.rows.length <= ROWS_PER_GROUP)).toBe(true);
});

test("a page put before leaves every group as it was", () => {
  const state = createConversationState();
  const turns = ended(10, 400);
  const earlier = turns.slice(100, 300);
  state.show(SID, sessionView(1, turns.slice(300), { earlier }), [], []);
  const before = state.groups.value;
  state.show(SID, sessionView(1, turns.slice(300), { earlier: turns.slice(0, 300) }), [], []);
  expect(state.groups.value.slice(-before.length)).toEqual(before);
  expect(state.groups.value.slice(-before.length).every((group, at) => group === before[at])).toBe(true);
  expect(keys(state)).toEqual(turns.map((turn) => turn.id));
});

test("turns that are moved out of reach of events stay the same rows in the same groups", () => {
  const state = createConversationState();
  const turns = ended(10, 300);
  state.show(SID, sessionView(1, turns), [], []);
  const before = state.groups.value;
  state.show(SID, sessionView(1, turns.slice(200), { earlier: turns.slice(0, 200) }), [], []);
  expect(state.groups.value).toBe(before);
});

test("a change at the end looks at no turn that is settled", () => {
  const state = createConversationState();
  const turns = ended(10, 500);
  const earlier = turns.slice(0, 400);
  const running = turnState(600);
  state.show(SID, sessionView(1, [...turns.slice(400), running], { earlier }), [], []);
  const [first] = state.groups.value;
  let looks = 0;
  for (const turn of earlier) {
    const { parts } = turn;
    Object.defineProperty(turn, "parts", { get: () => ((looks += 1), parts) });
  }
  addPart(running, partState("p", "a"));
  state.show(SID, sessionView(1, [...turns.slice(400), running], { earlier }), [], []);
  expect(looks).toBe(0);
  expect(state.groups.value[0]).toBe(first);
  expect(state.hasPart(running.id, "p")).toBe(true);
});

test("another answer to a settled question takes its place, and only its group is another", () => {
  const state = createConversationState();
  const turns = ended(10, 400);
  const earlier = turns.slice(0, 300);
  state.show(SID, sessionView(1, turns.slice(300), { earlier }), [], []);
  const before = state.groups.value;
  const again = turnState(600, { replaces: turnId(50) });
  const view = sessionView(1, [...turns.slice(300), again], { earlier });
  state.show(SID, view, [], []);
  const after = state.groups.value;
  expect(after.filter((group, at) => group !== before[at])).toHaveLength(1);
  const row = state.placeOf(again.id)?.row;
  expect(row?.slots[0]?.alternatives.map((turn) => turn.id)).toEqual([turnId(50), turnId(600)]);
  expect(keys(state)).toEqual(turns.map((turn) => turn.id));
  state.show(SID, view, [], []);
  expect(state.groups.value).toBe(after);
});

test("a turn is found wherever it stands, and one that is not loaded is not", () => {
  const state = createConversationState();
  const turns = ended(10, 400);
  state.show(SID, sessionView(1, turns.slice(300), { earlier: turns.slice(0, 300) }), [], []);
  for (const number of [10, 200, 309, 310, 400]) {
    expect(state.placeOf(turnId(number))?.row.key).toBe(turnId(number));
  }
  expect(state.placeOf(turnId(9))).toBeUndefined();
});
