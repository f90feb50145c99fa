import { expect, test } from "vitest";
import { groupTurns, type TurnRow } from "../../../src/state/turn-groups.ts";
import { turnId, turnView } from "./samples.ts";

/** Ids per slot per row. */
const shape = (rows: readonly TurnRow[]): string[][][] =>
  rows.map((row) => row.slots.map((slot) => slot.alternatives.map((turn) => turn.text)));

test("turns that follow one another are a row each", () => {
  const rows = groupTurns([turnView(1), turnView(2)]);
  expect(shape(rows)).toEqual([[["question 1"]], [["question 2"]]]);
});

test("a turn that replaces stands in the place of that one, the latest last", () => {
  const rows = groupTurns([
    turnView(1, { status: "ended" }),
    turnView(2),
    turnView(3, { replaces: turnId(1) }),
    turnView(4, { replaces: turnId(3) }),
  ]);
  expect(shape(rows)).toEqual([[["question 1", "question 3", "question 4"]], [["question 2"]]]);
});

test("a turn that replaces one that is not loaded stands where it is", () => {
  const rows = groupTurns([turnView(1), turnView(2, { replaces: turnId(99) })]);
  expect(rows).toHaveLength(2);
});

test("parallel turns stand beside what ran when they were sent, in order", () => {
  const rows = groupTurns([
    turnView(1, { endedAt: 50 }),
    turnView(2, { mode: "parallel", queuedAt: 20 }),
    turnView(3, { mode: "parallel", queuedAt: 30 }),
    turnView(4),
  ]);
  expect(shape(rows)).toEqual([[["question 1"], ["question 2"], ["question 3"]], [["question 4"]]]);
});

test("a parallel turn whose neighbour had ended is an ordinary one", () => {
  const rows = groupTurns([turnView(1, { endedAt: 10 }), turnView(2, { mode: "parallel", queuedAt: 20 })]);
  expect(rows).toHaveLength(2);
});

test("a row in which nothing changed is the same object, so that it is not rendered again", () => {
  const [first, second] = [turnView(1), turnView(2)];
  const before = groupTurns([first, second]);
  const after = groupTurns([first, turnView(2, { status: "ended" })], before);
  expect(after[0]).toBe(before[0]);
  expect(after[1]).not.toBe(before[1]);
});
