import * as fc from "fast-check";
import { expect, test } from "vitest";
import { groupRows, ROWS_PER_GROUP, type RowGroup } from "../../../src/state/row-groups.ts";
import type { TurnRow } from "../../../src/state/turn-groups.ts";
import { turnId } from "./samples.ts";

const rowOf = (number: number): TurnRow => ({ key: turnId(number), slots: [] });

/** What happens to a conversation: a page before it, turns at its end, one withdrawn, one moved ahead. */
const change = fc.oneof(
  fc.record({ kind: fc.constant("prepend" as const), count: fc.integer({ min: 1, max: 130 }) }),
  fc.record({ kind: fc.constant("append" as const), count: fc.integer({ min: 1, max: 70 }) }),
  fc.record({ kind: fc.constant("remove" as const), at: fc.nat() }),
  fc.record({ kind: fc.constant("move" as const), from: fc.nat(), to: fc.nat() }),
);

test("whatever happens, the groups hold every row once and in order, under names of their own", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 25 }), (changes) => {
      let rows: TurnRow[] = [];
      let groups: readonly RowGroup[] = [];
      let next = 1;
      for (const step of changes) {
        if (step.kind === "prepend" || step.kind === "append") {
          const news = Array.from({ length: step.count }, () => rowOf((next += 1)));
          rows = step.kind === "prepend" ? [...news, ...rows] : [...rows, ...news];
        } else if (step.kind === "remove" && rows.length > 0) {
          rows = rows.toSpliced(step.at % rows.length, 1);
        } else if (step.kind === "move" && rows.length > 0) {
          const [row] = rows.splice(step.from % rows.length, 1);
          if (row !== undefined) rows = rows.toSpliced(step.to % (rows.length + 1), 0, row);
        }
        groups = groupRows(rows, groups);
        expect(groups.flatMap((group) => group.rows)).toEqual(rows);
        expect(new Set(groups.map((group) => group.key)).size).toBe(groups.length);
        expect(groups.every((group) => group.rows.length > 0)).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

test("a group whose rows are the same is the same object, wherever others come", () => {
  const first = groupRows(Array.from({ length: 3 * ROWS_PER_GROUP + 1 }, (_, at) => rowOf(at + 1_000)));
  const rows = first.flatMap((group) => group.rows);
  const later = groupRows(
    [...Array.from({ length: 2 * ROWS_PER_GROUP }, (_, at) => rowOf(at + 1)), ...rows, rowOf(9_999)],
    first,
  );
  expect(later.slice(2, 2 + first.length - 1)).toEqual(first.slice(0, -1));
  expect(later.slice(2, 2 + first.length - 1).every((group, at) => group === first[at])).toBe(true);
});

test("a group is filled up to its size, and a page before makes groups of its own", () => {
  const groups = groupRows(Array.from({ length: 2 * ROWS_PER_GROUP + 1 }, (_, at) => rowOf(at + 1)));
  expect(groups.map((group) => group.rows.length)).toEqual([1, ROWS_PER_GROUP, ROWS_PER_GROUP]);
  const rows = groups.flatMap((group) => group.rows);
  const more = groupRows([...rows, ...Array.from({ length: 3 }, (_, at) => rowOf(at + 5_000))], groups);
  expect(more.map((group) => group.rows.length)).toEqual([
    1,
    ROWS_PER_GROUP,
    ROWS_PER_GROUP,
    ROWS_PER_GROUP,
    1,
  ]);
});
