import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  firstRange,
  groupsInSight,
  nextRange,
  segmentsOf,
  sightOf,
  stepRange,
  type GroupRange,
} from "../../../src/ui/group-window.ts";

const heights = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 300 });
const SCREEN = 800;
const total = (all: readonly number[]): number => all.reduce((sum, height) => sum + height, 0);

/** A reader's walk: positions as shares of the whole. */
const walk = fc.record({
  heights,
  shares: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 }),
  held: fc.uniqueArray(fc.nat(299), { maxLength: 3 }),
});

test("wherever a reader goes, what he sees and a screen on either side is in the page, and gaps make up the rest", () => {
  fc.assert(
    fc.property(walk, ({ heights: all, shares, held }) => {
      let range: GroupRange | undefined;
      for (const share of shares) {
        const top = share * Math.max(0, total(all) - SCREEN);
        const sight = { top, height: SCREEN };
        range = nextRange(all, sight, range);
        const needed = groupsInSight(all, sight, SCREEN);
        expect(range.first).toBeLessThanOrEqual(needed.first);
        expect(range.end).toBeGreaterThanOrEqual(needed.end);
        const segments = segmentsOf(all, range, new Set(held));
        const covered = segments.flatMap((segment) =>
          segment.kind === "group"
            ? [segment.index]
            : Array.from({ length: segment.end - segment.first }, (_, at) => segment.first + at),
        );
        expect(covered).toEqual(all.map((_, index) => index));
        const px = segments.reduce(
          (sum, segment) => sum + (segment.kind === "gap" ? segment.px : (all[segment.index] ?? 0)),
          0,
        );
        expect(px).toBe(total(all));
        expect(segments.at(-1)).toEqual({ kind: "group", index: all.length - 1 });
        const neighbours = segments.some(
          (segment, at) => segment.kind === "gap" && segments[at + 1]?.kind === "gap",
        );
        expect(neighbours).toBe(false);
      }
    }),
  );
});

test("wherever a reader goes, what he sees is in the page at once; what is ahead follows, at most a group at either end a frame", () => {
  fc.assert(
    fc.property(walk, ({ heights: all, shares }) => {
      let range: GroupRange | undefined;
      for (const share of shares) {
        const sight = { top: share * Math.max(0, total(all) - SCREEN), height: SCREEN };
        const seen = groupsInSight(all, sight, 0);
        const atOnce = firstRange(all, sight);
        for (let frame = 0; ; frame += 1) {
          const next = stepRange(all, sight, range);
          expect(next.first).toBeLessThanOrEqual(seen.first);
          expect(next.end).toBeGreaterThanOrEqual(seen.end);
          if (next === range) break;
          // Whatever was not in the page and is beyond what is put in at once, is the neighbour of what was.
          if (range !== undefined) {
            expect(next.first).toBeGreaterThanOrEqual(Math.min(range.first - 1, atOnce.first));
            expect(next.end).toBeLessThanOrEqual(Math.max(range.end + 1, atOnce.end));
          }
          range = next;
          expect(frame).toBeLessThan(all.length + 1);
        }
        expect(nextRange(all, sight, range)).toBe(range);
      }
    }),
  );
});

test("how much is in the page depends on the screen, not on the conversation", () => {
  const all = Array.from({ length: 10_000 }, () => 900);
  let range: GroupRange | undefined;
  for (let top = 0; top < 9_000_000; top += 111_111) {
    range = nextRange(all, { top, height: SCREEN }, range);
    expect(range.end - range.first).toBeLessThanOrEqual(8);
  }
});

test("what is put in at once fills the screen and little more; where heights are guessed, half a screen more", () => {
  const all = Array.from({ length: 100 }, () => 350);
  const sight = { top: total(all) - SCREEN, height: SCREEN };
  expect(firstRange(all, sight)).toEqual({ first: 97, end: 100 });
  expect(firstRange(all, sight, (index) => index < 90)).toEqual({ first: 96, end: 100 });
});

test("to and fro within a screen changes nothing", () => {
  const all = Array.from({ length: 100 }, () => 1_000);
  const first = nextRange(all, { top: 50_000, height: SCREEN }, undefined);
  expect(nextRange(all, { top: 50_100, height: SCREEN }, first)).toBe(first);
  expect(nextRange(all, { top: 50_000, height: SCREEN }, first)).toBe(first);
});

test("beyond either end the outermost group is seen, and without groups nothing", () => {
  expect(groupsInSight([100, 100], { top: -9_000, height: SCREEN }, 0)).toEqual({ first: 0, end: 1 });
  expect(groupsInSight([100, 100], { top: 9_000, height: SCREEN }, 0)).toEqual({ first: 1, end: 2 });
  expect(groupsInSight([], { top: 0, height: SCREEN }, 0)).toEqual({ first: 0, end: 0 });
});

test("what is seen is told by the nearest group in the page, whatever was thought of its height", () => {
  const all = [1_000, 1_000, 1_000];
  // Thought to be 1,000 high, the second is 4,000 and half read.
  expect(sightOf(all, [{ index: 1, top: -2_000, height: 4_000 }], SCREEN).top).toBe(1_500);
  // Still in the gap above it.
  expect(sightOf(all, [{ index: 1, top: 300, height: 4_000 }], SCREEN).top).toBe(700);
  expect(sightOf(all, [{ index: 0, top: -1_400, height: 900 }], SCREEN).top).toBe(1_500);
  const both = [
    { index: 0, top: -9_000, height: 1_000 },
    { index: 2, top: 100, height: 1_000 },
  ];
  expect(sightOf(all, both, SCREEN).top).toBe(1_900);
});

test("a conversation of sixteen groups stays whole, however high they are", () => {
  const heights = Array.from({ length: 16 }, () => 30_000);
  const sight = { top: 479_000, height: 1_000 };
  let range = stepRange(heights, sight, undefined);
  expect(range).toEqual({ first: 15, end: 16 });
  for (let frame = 0; frame < 16; frame += 1) range = stepRange(heights, sight, range);
  expect(range).toEqual({ first: 0, end: 16 });
  expect(nextRange([...heights, 30_000], sight, range).first).toBeGreaterThan(0);
});

test("a conversation of twenty screens comes in group by group, and stays whole wherever one reads", () => {
  const heights = Array.from({ length: 20 }, () => 1_000);
  const atEnd = { top: 19_000, height: 1_000 };
  let range = stepRange(heights, atEnd, undefined);
  expect(range.first).toBeGreaterThan(15);
  for (let frame = 0; frame < 20; frame += 1) {
    const next = stepRange(heights, atEnd, range);
    expect(range.first - next.first).toBeLessThanOrEqual(1);
    range = next;
  }
  expect(range).toEqual({ first: 0, end: 20 });
  expect(stepRange(heights, { top: 0, height: 1_000 }, range)).toBe(range);
  // One screen more, and what is far from the reader is taken out.
  expect(nextRange([...heights, 1_000], { top: 0, height: 1_000 }, range).end).toBeLessThan(10);
});
