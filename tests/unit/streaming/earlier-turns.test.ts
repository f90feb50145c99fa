import { expect, test } from "vitest";
import {
  firstTurn,
  KEPT_FOLDED_TURNS,
  MAX_FOLDED_TURNS,
  prependPage,
  settleEarlier,
} from "../../../src/streaming/earlier-turns.ts";
import { fromTurnSnapshot } from "../../../src/protocol/conversation-snapshot.ts";
import type { TurnSnapshot } from "../../../src/protocol/snapshot.ts";
import { createHeldSession, type HeldSession } from "../../../src/streaming/held-session.ts";
import { sampleTurn } from "../../support/streaming-samples.ts";
import { sessionId, turnId } from "../../support/wire-samples.ts";

function held(turns: readonly TurnSnapshot[]): HeldSession {
  const session = createHeldSession(sessionId(), new Set(), "server");
  for (const turn of turns) session.conversation.turns.set(turn.id, fromTurnSnapshot(turn));
  return session;
}
const turns = (first: number, last: number): readonly TurnSnapshot[] =>
  Array.from({ length: last - first + 1 }, (_, at) => sampleTurn(turnId(first + at)));
const all = (session: HeldSession) => [
  ...session.earlier.map((turn) => turn.id),
  ...session.conversation.turns.keys(),
];

test("what ended long ago is moved out of reach of events, the same objects in the same order", () => {
  const session = held(turns(1, MAX_FOLDED_TURNS + 1));
  const before = [...session.conversation.turns.values()];
  settleEarlier(session);
  expect(session.conversation.turns.size).toBe(KEPT_FOLDED_TURNS);
  expect(
    [...session.earlier, ...session.conversation.turns.values()].every((turn, at) => turn === before[at]),
  ).toBe(true);
  const { earlier } = session;
  settleEarlier(session);
  expect(session.earlier).toBe(earlier);
});

test("an unfinished turn, and whatever comes after it, stays in reach", () => {
  const session = held([
    ...turns(1, 5),
    sampleTurn(turnId(6), { status: "running", outcome: undefined }),
    ...turns(7, 300),
  ]);
  settleEarlier(session);
  expect(session.earlier.map((turn) => turn.id)).toEqual([1, 2, 3, 4, 5].map((number) => turnId(number)));
  expect(session.conversation.turns.has(turnId(6))).toBe(true);
});

test("pages go before everything, whichever piece that is, and hold no turn twice", () => {
  const session = held(turns(301, 400));
  const page = (first: number, last: number): void => {
    const before = firstTurn(session);
    expect(before).toBe(turnId(last + 1));
    prependPage(session, { turns: turns(first, last), hasMore: first > 1 });
  };
  page(251, 300);
  expect(session.earlier).toEqual([]);
  page(151, 250);
  page(1, 150);
  expect(all(session)).toEqual(turns(1, 400).map((turn) => turn.id));
  expect(session.hasMore).toBe(false);
  expect(session.conversation.turns.size).toBeLessThanOrEqual(MAX_FOLDED_TURNS);
});
