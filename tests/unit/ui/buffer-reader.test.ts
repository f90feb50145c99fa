import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createBuffer, type TextBuffer } from "../../../src/protocol/conversation.ts";
import { createBufferReader } from "../../../src/ui/buffer-reader.ts";

function append(buffer: TextBuffer, text: string): void {
  buffer.chunks.push(text);
  buffer.length += text.length;
}

test("every character is taken once and in order, whatever grows and is joined meanwhile", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          text: fc.string({ unit: "grapheme", minLength: 1, maxLength: 9 }),
          isJoined: fc.boolean(),
          takes: fc.nat(3),
        }),
        { maxLength: 20 },
      ),
      fc.integer({ min: 1, max: 12 }),
      (steps, maxChars) => {
        const buffer = createBuffer();
        const reader = createBufferReader();
        let taken = "";
        for (const { text, isJoined, takes } of steps) {
          append(buffer, text);
          for (let at = 0; at < takes; at += 1) {
            const piece = reader.take(buffer, maxChars) ?? "";
            expect(piece.length).toBeLessThanOrEqual(maxChars);
            taken += piece;
          }
          if (isJoined) buffer.chunks.splice(0, buffer.chunks.length, buffer.chunks.join(""));
        }
        for (let piece = reader.take(buffer); piece !== undefined; piece = reader.take(buffer))
          taken += piece;
        expect(taken).toBe(steps.map(({ text }) => text).join(""));
        expect(reader.takenChars()).toBe(buffer.length);
      },
    ),
  );
});

test("a letter of two code units is not parted", () => {
  const buffer = createBuffer("a👍b");
  const reader = createBufferReader();
  expect([reader.take(buffer, 2), reader.take(buffer, 2), reader.take(buffer, 2)]).toEqual(["a", "👍", "b"]);
});

test("the joined text is not read: only new chunks are", () => {
  const buffer = createBuffer("one ");
  const reader = createBufferReader();
  reader.take(buffer);
  const chunks = new Proxy(buffer.chunks, {
    get(target, name) {
      if (name === "join") throw new Error("joined");
      return Reflect.get(target, name) as unknown;
    },
  });
  const watched: TextBuffer = { chunks, length: buffer.length };
  append(watched, "two");
  expect(reader.take(watched)).toBe("two");
});
