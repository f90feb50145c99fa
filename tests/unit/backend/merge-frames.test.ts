import * as fc from "fast-check";
import { expect, test } from "vitest";
import { jsonTextBytes, utf8Bytes } from "../../../src/backend/json-bytes.ts";
import { buildRows, mergeRows } from "../../../src/backend/merge-frames.ts";
import type { LogRow } from "../../../src/backend/ports.ts";
import { createConversation, foldEvent } from "../../../src/protocol/conversation.ts";
import type { LogEvent } from "../../../src/protocol/events.ts";
import { MAX_FRAME_BYTES } from "../../../src/protocol/limits.ts";
import { arbitraryLog } from "../../support/arbitrary-log.ts";
import { foldReading, frameOf, textsOf } from "../../support/backend-harness.ts";
import { queued, started, textDelta } from "../../support/wire-samples.ts";

const bytes = (row: LogRow): number => Buffer.byteLength(row.data);

/** The log in rows as commits of any size would have left it. */
function rowsOf(events: readonly LogEvent[], cuts: readonly number[]): LogRow[] {
  const rows: LogRow[] = [];
  let start = 0;
  for (let turn = 0; start < events.length; turn += 1) {
    const end = start + 1 + ((cuts[turn % Math.max(1, cuts.length)] ?? 0) % 7);
    rows.push(...buildRows(start + 1, events.slice(start, end)));
    start = Math.min(end, events.length);
  }
  return rows;
}

function directTexts(events: readonly LogEvent[]): Record<string, string> {
  const conversation = createConversation();
  for (const event of events) foldEvent(conversation, event);
  return textsOf(conversation);
}

test("merging never changes what the log says, however it was cut into commits", () => {
  fc.assert(
    fc.property(arbitraryLog, fc.array(fc.nat(6), { maxLength: 20 }), (events, cuts) => {
      const merged = mergeRows(rowsOf(events, cuts));
      expect(textsOf(foldReading(merged.map((row) => frameOf(row.data))))).toEqual(directTexts(events));
    }),
  );
});

test("every seq lies in exactly one row, and merging what is merged changes nothing", () => {
  fc.assert(
    fc.property(arbitraryLog, fc.array(fc.nat(6), { maxLength: 20 }), (events, cuts) => {
      const merged = mergeRows(rowsOf(events, cuts));
      const seqs = merged.flatMap((row) =>
        Array.from({ length: row.seq - row.from + 1 }, (_, index) => row.from + index),
      );
      expect(seqs).toEqual(events.map((_, index) => index + 1));
      expect(mergeRows(merged)).toEqual(merged);
    }),
  );
});

test("a row is at most 16 KiB of UTF-8, whatever the characters", () => {
  const characters = fc.constantFrom("a", '"', "\\", "\n", "\u0001", "é", "\u2028", "🎉", "\ud83d", "\ude00");
  fc.assert(
    fc.property(
      fc.array(characters, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 60 }),
      (chars, repeat) => {
        const delta = chars.join("").repeat(repeat);
        const events: LogEvent[] = [queued(1), started(1)];
        for (let index = 0; index < 60; index += 1) {
          events.push(textDelta(1, index * delta.length, delta, index % 2 === 0 ? "p1" : "p2"));
        }
        for (const row of buildRows(1, events))
          expect(row.from === row.seq || bytes(row) <= MAX_FRAME_BYTES).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});

test("ten thousand deltas become kilobytes in a few rows", () => {
  const events: LogEvent[] = [queued(1), started(1)];
  for (let index = 0; index < 10_000; index += 1) events.push(textDelta(1, index * 5, "word "));
  const rows = mergeRows(rowsOf(events, [0]));
  expect(rows.length).toBeLessThan(6);
  expect(foldReading(rows.map((row) => frameOf(row.data))).turns.size).toBe(1);
});

test("a single event larger than a frame is a row of its own", () => {
  const rows = buildRows(1, [queued(1, "x".repeat(40_000)), started(1), textDelta(1, 0, "a")]);
  expect(rows.map((row) => [row.from, row.seq])).toEqual([
    [1, 1],
    [2, 3],
  ]);
});

test("deltas that don't follow one another are not merged", () => {
  const [row] = buildRows(1, [textDelta(1, 0, "abc"), textDelta(1, 2, "cd")]);
  expect(frameOf(row?.data ?? "").events).toHaveLength(2);
});

test("deltas of two parts and two turns at once are merged each into its own", () => {
  const [row] = buildRows(1, [
    textDelta(1, 0, "a", "p1"),
    textDelta(2, 0, "x", "p1"),
    textDelta(1, 0, "A", "p2"),
    textDelta(2, 1, "y", "p1"),
    textDelta(1, 1, "b", "p1"),
  ]);
  const events = frameOf(row?.data ?? "").events;
  expect(events.map((event) => (event.type === "text-delta" ? event.delta : ""))).toEqual(["ab", "xy", "A"]);
});

test("events of a later protocol are carried along unread", () => {
  const row = {
    from: 1,
    seq: 1,
    data: JSON.stringify({ from: 1, seq: 1, events: [{ type: "sparkle", size: 3 }] }),
  };
  const [merged] = mergeRows([row, ...buildRows(2, [queued(1)])]);
  expect(JSON.parse(merged?.data ?? "")).toMatchObject({
    from: 1,
    seq: 2,
    events: [{ type: "sparkle", size: 3 }, {}],
  });
});

/** Any UTF-16 code units, lone surrogates included. */
const anyUnits = fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units));

test("bytes are counted as the encoder makes them", () => {
  fc.assert(
    fc.property(anyUnits, (text) => {
      expect(utf8Bytes(text)).toBe(Buffer.byteLength(text));
      expect(jsonTextBytes(text)).toBeGreaterThanOrEqual(Buffer.byteLength(JSON.stringify(text)) - 2);
    }),
  );
  expect(jsonTextBytes("\ud83d")).toBe(6);
  expect(utf8Bytes("\ud83d")).toBe(3);
});
