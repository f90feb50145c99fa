import { expect, test } from "vitest";
import { createMeasures, type Timeline } from "../../../src/platform/measures.ts";
import { MEASURE_NAMES } from "../../../src/streaming/measures.ts";

function setUp(fail = false) {
  let nowMs = 0;
  const entries: { readonly name: string; readonly options: unknown }[] = [];
  let most = 0;
  const timeline = {
    now: () => nowMs,
    measure(name: string, options: unknown) {
      if (fail) throw new TypeError("no options");
      entries.push({ name, options });
      most = Math.max(most, entries.length);
    },
    clearMeasures(name: string) {
      for (let at = entries.length - 1; at >= 0; at -= 1)
        if (entries[at]?.name === name) entries.splice(at, 1);
    },
  } as unknown as Timeline;
  return {
    entries,
    most: () => most,
    measures: createMeasures(timeline),
    pass: (ms: number): void => {
      nowMs += ms;
    },
  };
}

test("a span is an entry of the timeline under its stable name, with what it was of", () => {
  const { entries, measures, pass } = setUp();
  pass(5);
  const startMs = measures.now();
  pass(3);
  measures.note(MEASURE_NAMES.load, startMs, { turns: 4 });
  expect(entries).toEqual([{ name: "holdfast:load", options: { start: 5, end: 8, detail: { turns: 4 } } }]);
});

test("the panel gets the last, the median and the longest of the latest spans of each name", () => {
  const { measures, pass } = setUp();
  for (const ms of [900, ...Array.from({ length: 100 }, (_, index) => index + 1)]) {
    const startMs = measures.now();
    pass(ms);
    measures.note(MEASURE_NAMES.fold, startMs);
  }
  expect(measures.report()).toEqual([
    { name: "holdfast:fold", count: 101, lastMs: 100, medianMs: 51, longestMs: 100 },
  ]);
});

test("a day of streaming leaves no more entries than a minute does", () => {
  const { most, measures } = setUp();
  for (let count = 0; count < 10_000; count += 1) {
    measures.note(MEASURE_NAMES.fold, 0);
    measures.note(MEASURE_NAMES.write, 0);
  }
  expect(most()).toBeLessThanOrEqual(500);
});

test("an engine that can't measure with options still gives the panel its numbers", () => {
  const { measures, pass } = setUp(true);
  pass(2);
  measures.note(MEASURE_NAMES.save, 0);
  expect(measures.report()).toMatchObject([{ name: "holdfast:save", lastMs: 2 }]);
});
