import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ok } from "../../../src/protocol/result.ts";
import { MEASURE_NAMES, type MeasureDetail, type Measures } from "../../../src/streaming/measures.ts";
import { createCoreHarness } from "../../support/core-harness.ts";
import {
  epoch,
  queued,
  said,
  sampleSnapshot,
  session,
  started,
  turn,
} from "../../support/streaming-samples.ts";

const A = session(1);

interface Span {
  readonly name: string;
  readonly ms: number;
  readonly detail: MeasureDetail | undefined;
}

function createRecordingMeasures(): Measures & { readonly spans: Span[]; pass(ms: number): void } {
  let nowMs = 0;
  const spans: Span[] = [];
  return {
    spans,
    now: () => nowMs,
    note: (name, startMs, detail) => void spans.push({ name, ms: nowMs - startMs, detail }),
    pass(ms) {
      nowMs += ms;
    },
  };
}

it("measures a stream from being asked for to its greeting, and to nothing being missing, once", async () => {
  const measures = createRecordingMeasures();
  const h = createCoreHarness({ measures });
  h.api.answer({
    snapshot: (sid) => Promise.resolve(ok(sampleSnapshot(sid, { cursor: { epoch: epoch("e1"), seq: 2 } }))),
  });
  await h.core.loadSession(A);
  await h.clock.settle();
  const source = h.sources.last();
  measures.pass(30);
  h.hello(source, A, 5);
  measures.pass(12);
  source.frame({ from: 3, seq: 5, events: [queued(turn(1)), started(turn(1)), said(turn(1), 0, "Hi")] });
  source.control({ name: "caught-up", tail: 5 });
  measures.pass(5);
  source.control({ name: "caught-up", tail: 5 });
  const told = measures.spans.filter((span) => /attach|catch-up/.test(span.name));
  expect(told).toEqual([
    { name: MEASURE_NAMES.attach, ms: 30, detail: { session: A } },
    { name: MEASURE_NAMES.catchUp, ms: 12, detail: { session: A, events: 3 } },
    { name: MEASURE_NAMES.reattach, ms: 42, detail: { session: A, events: 3 } },
  ]);
  expect(measures.spans.filter((span) => span.name === MEASURE_NAMES.fold)).toHaveLength(1);
  await h.clock.settle();
  expect(measures.spans.find((span) => span.name === MEASURE_NAMES.save)?.detail).toEqual({
    session: A,
    outcome: "written",
  });
});

it("has the names that docs/STREAMING.md promises, and no other", () => {
  const text = readFileSync(new URL("../../../docs/STREAMING.md", import.meta.url), "utf8");
  const promised = [...text.matchAll(/^\| `(holdfast:[\w-]+)`/gm)].map(([, name]) => name);
  expect(new Set(promised)).toEqual(new Set(Object.values(MEASURE_NAMES)));
});
