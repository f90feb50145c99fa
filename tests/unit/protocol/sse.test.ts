import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseLogFrameJson } from "../../../src/protocol/frames.ts";
import { controlMessage, encodeRetry, encodeStreamMessage, logMessage } from "../../../src/protocol/sse.ts";
import { parseSseBlock, readSse } from "../../support/sse-reader.ts";
import { epoch, textDelta } from "../../support/wire-samples.ts";

test("a log frame has an id and no event name", () => {
  const text = encodeStreamMessage(logMessage(epoch(), { from: 4, seq: 5, events: [textDelta(1, 0, "hi")] }));
  expect(text.startsWith('id: k3f9.5\ndata: {"from":4,"seq":5,"events":[')).toBe(true);
  expect(text.endsWith("]}\n\n")).toBe(true);
  expect(text).not.toContain("event:");
});

test("a control frame has an event name and no id", () => {
  expect(encodeStreamMessage(controlMessage({ name: "caught-up", tail: 7 }))).toBe(
    'event: caught-up\ndata: {"tail":7}\n\n',
  );
});

test("the retry is a block of its own", () => {
  expect(encodeRetry(1_000)).toBe("retry: 1000\n\n");
});

test.each([
  ["CR", "a\rb"],
  ["LF", "a\nb"],
  ["CRLF and an empty line", "a\r\n\r\nb"],
  ["what looks like fields", "\n\nevent: bye\ndata: {}\n\n"],
  ["NUL", "a\0b"],
  ["U+2028 and U+2029", "a\u2028b\u2029c"],
  ["a lone high surrogate", "a\ud83d"],
  ["a lone low surrogate", "\ude00b"],
  ["a byte order mark", "\ufeffa"],
])("%s in a text stays on one line of data and survives", (_, text) => {
  const block = encodeStreamMessage(
    logMessage(epoch(), { from: 1, seq: 1, events: [textDelta(1, 0, text)] }),
  );
  const bytes = new TextEncoder().encode(block);
  const read = parseSseBlock(new TextDecoder().decode(bytes).slice(0, -2));
  expect(parseLogFrameJson(read.data ?? "")).toMatchObject({
    ok: true,
    value: { events: [{ delta: text }] },
  });
});

test("any text survives, whatever code units it is made of and wherever the network cuts the bytes", async () => {
  const codeUnits = fc
    .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(10, 13, 0, 0x2028, 0xd83d, 0xde00)))
    .map((units) => String.fromCharCode(...units));
  await fc.assert(
    fc.asyncProperty(codeUnits, fc.integer({ min: 1, max: 40 }), async (text, step) => {
      const message = logMessage(epoch(), { from: 1, seq: 1, events: [textDelta(1, 0, text)] });
      const bytes = new TextEncoder().encode(encodeRetry(1_000) + encodeStreamMessage(message));
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          for (let at = 0; at < bytes.length; at += step) controller.enqueue(bytes.slice(at, at + step));
          controller.close();
        },
      });
      const reader = readSse(new Response(body));
      await reader.untilEnd();
      expect(reader.blocks).toHaveLength(2);
      const frame = parseLogFrameJson(reader.blocks[1]?.data ?? "");
      expect(frame).toMatchObject({ ok: true, value: { events: [{ delta: text }] } });
    }),
    { numRuns: 60 },
  );
});

test.each([
  ["a CR", "data: a\r"],
  ["an unknown field", "foo: bar"],
  ["a second data line", "data: a\ndata: b"],
  ["a missing space", "data:a"],
  ["a line without a colon", "data"],
])("the strict reader refuses %s", (_, text) => {
  expect(() => parseSseBlock(text)).toThrow();
});
