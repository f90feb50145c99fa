import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LOG_EVENT_TYPES } from "../../../src/protocol/events.ts";
import {
  CONTROL_NAMES,
  encodeControlFrame,
  encodeLogFrame,
  parseControlFrame,
  parseLogFrame,
  parseLogFrameJson,
  type ControlFrame,
} from "../../../src/protocol/frames.ts";
import { epoch, queued, SAMPLE_EVENTS, sessionId, textDelta } from "../../support/wire-samples.ts";

test("the samples hold every type of event there is", () => {
  const sampled = new Set(SAMPLE_EVENTS.map((event) => event.type).filter((type) => type !== "unknown"));
  expect(sampled).toEqual(LOG_EVENT_TYPES);
});

test("a frame of every event survives being written and read", () => {
  const frame = { from: 1, seq: SAMPLE_EVENTS.length, events: SAMPLE_EVENTS };
  expect(parseLogFrameJson(encodeLogFrame(frame))).toEqual({ ok: true, value: frame });
});

test("an event of a later protocol is kept whole and goes out as it came in", () => {
  const raw = { type: "turn-dreamt", at: 1, deep: { list: [1, null] } };
  const parsed = parseLogFrame({ from: 3, seq: 3, events: [raw] });
  if (!parsed.ok) throw new Error(parsed.error.message);
  expect(parsed.value.events).toEqual([{ type: "unknown", raw }]);
  expect(JSON.parse(encodeLogFrame(parsed.value))).toEqual({ from: 3, seq: 3, events: [raw] });
});

test("an event that calls itself unknown is one of a later protocol", () => {
  const parsed = parseLogFrame({ from: 1, seq: 1, events: [{ type: "unknown", raw: "forged" }] });
  expect(parsed).toMatchObject({
    ok: true,
    value: { events: [{ type: "unknown", raw: { raw: "forged" } }] },
  });
});

test("fields that an event does not have are dropped", () => {
  const parsed = parseLogFrame({ from: 1, seq: 1, events: [{ ...queued(1), colour: "blue" }] });
  expect(parsed).toEqual({ ok: true, value: { from: 1, seq: 1, events: [queued(1)] } });
});

test("a malformed event is refused with its place named", () => {
  const parsed = parseLogFrame({
    from: 1,
    seq: 2,
    events: [queued(1), { ...textDelta(1, 0, "x"), offset: -1 }],
  });
  expect(parsed).toMatchObject({ ok: false, error: { field: "events.1.offset" } });
});

test.each([
  [{ from: 0, seq: 1, events: [] }],
  [{ from: 2, seq: 1, events: [] }],
  [{ from: 1.5, seq: 2, events: [] }],
  [{ from: 1, seq: 2 }],
  [{ from: 1, seq: 2, events: {} }],
  [{ from: 1, seq: 2, events: [null] }],
  [{ from: 1, seq: 2, events: [{}] }],
  [{ from: "1", seq: 2, events: [] }],
  [null],
  [[]],
  ["frame"],
])("%j is not a frame", (input) => {
  expect(parseLogFrame(input).ok).toBe(false);
});

test("text that is not JSON is a failure, not a throw", () => {
  for (const text of ["", "{", '{"from":1', "\u0000"]) expect(parseLogFrameJson(text).ok).toBe(false);
});

test("reading never throws, whatever comes", () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      parseLogFrameJson(text);
      for (const name of CONTROL_NAMES) parseControlFrame(name, text);
    }),
  );
});

const CONTROLS: readonly ControlFrame[] = [
  {
    name: "hello",
    protocol: "1.0",
    session: sessionId(),
    epoch: epoch(),
    tail: 3,
    heartbeatMs: 10_000,
    version: "1",
  },
  { name: "caught-up", tail: 3 },
  { name: "ping", tail: 0 },
  { name: "resync", reason: "trimmed" },
  { name: "bye", reason: "draining", retryMs: 1_000 },
  { name: "bye", reason: "deleted" },
  { name: "notice", code: "storage-full", message: "The disk is full." },
];

test.each(CONTROLS)("the control frame $name survives being written and read", (frame) => {
  const text = encodeControlFrame(frame);
  expect(text).not.toContain('"name"');
  expect(parseControlFrame(frame.name, text)).toEqual({ ok: true, value: frame });
});

test("a control frame with a reason of its own is refused", () => {
  expect(parseControlFrame("bye", '{"reason":"tired"}').ok).toBe(false);
  expect(parseControlFrame("resync", '{"reason":"because"}').ok).toBe(false);
});

test("numbers that would break a timer are refused", () => {
  expect(parseControlFrame("bye", '{"reason":"draining","retryMs":-1}').ok).toBe(false);
  const hello = { protocol: "1.0", session: sessionId(), epoch: epoch(), tail: 3, version: "1" };
  expect(parseControlFrame("hello", JSON.stringify({ ...hello, heartbeatMs: 0 })).ok).toBe(false);
  expect(parseControlFrame("hello", JSON.stringify({ ...hello, heartbeatMs: null })).ok).toBe(false);
});
