import * as fc from "fast-check";
import { expect, it } from "vitest";
import {
  bufferText,
  createConversation,
  type ConversationState,
} from "../../../src/protocol/conversation.ts";
import { applyFrame } from "../../../src/streaming/apply-frame.ts";
import { ended, epoch, part, queued, said, started, turn } from "../../support/streaming-samples.ts";

const T = turn(1);
const at = (seq: number) => ({ epoch: epoch("e1"), seq });

function textOf(conversation: ConversationState): string {
  const buffer = conversation.turns.get(T)?.parts.get(part("a"))?.buffer;
  return buffer === undefined ? "" : bufferText(buffer);
}

it("drops a frame that is known as a whole", () => {
  expect(applyFrame(createConversation(), at(5), { from: 3, seq: 5, events: [queued(T)] })).toEqual({
    kind: "dropped",
  });
});

it("refuses a frame that comes too early and changes nothing", () => {
  const conversation = createConversation();
  const applied = applyFrame(conversation, at(5), { from: 7, seq: 8, events: [queued(T)] });
  expect(applied).toMatchObject({ kind: "hole", why: "events 6 to 6 are missing" });
  expect(conversation.turns.size).toBe(0);
});

it("names each part that grew once and each turn that ended", () => {
  const conversation = createConversation();
  const applied = applyFrame(conversation, at(0), {
    from: 1,
    seq: 6,
    events: [queued(T), started(T), said(T, 0, "ab"), said(T, 2, "c"), said(T, 0, "x", "b"), ended(T)],
  });
  expect(applied).toEqual({
    kind: "applied",
    cursor: at(6),
    effects: {
      grown: [
        { turn: T, part: "a" },
        { turn: T, part: "b" },
      ],
      ended: [T],
      hasChanged: true,
      chars: 4,
    },
  });
});

it("skips events of a later protocol and counts them", () => {
  const conversation = createConversation();
  const applied = applyFrame(conversation, at(0), {
    from: 1,
    seq: 2,
    events: [queued(T), { type: "unknown", raw: { type: "weather-changed" } }],
  });
  expect(applied).toMatchObject({ kind: "applied", cursor: { seq: 2 } });
});

it("takes a delta beyond the buffer's end for a hole and keeps the cursor", () => {
  const conversation = createConversation();
  const events = [queued(T), started(T), said(T, 0, "ab"), said(T, 5, "z")];
  const applied = applyFrame(conversation, at(0), { from: 1, seq: 4, events });
  expect(applied).toMatchObject({ kind: "hole", effects: { hasChanged: true } });
  expect(textOf(conversation)).toBe("ab");
});

it("folds any reading of the log, duplicated and overlapping, to the same text (S2)", () => {
  const word = fc.string({ minLength: 1, maxLength: 5 });
  const cuts = fc.array(fc.record({ back: fc.nat(6), length: fc.nat(6) }), { maxLength: 40 });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), cuts, (words, reads) => {
      const text = words.join("");
      const events = [queued(T), started(T)];
      let offset = 0;
      for (const delta of words) {
        events.push(said(T, offset, delta));
        offset += delta.length;
      }
      const conversation = createConversation();
      let cursor = at(0);
      const read = (from: number, seq: number): void => {
        const applied = applyFrame(conversation, cursor, { from, seq, events: events.slice(from - 1, seq) });
        if (applied.kind === "applied") cursor = applied.cursor;
        expect(text.startsWith(textOf(conversation))).toBe(true);
      };
      for (const { back, length } of reads) {
        const from = Math.max(1, Math.min(cursor.seq + 1 - back, events.length));
        read(from, Math.min(from + length, events.length));
      }
      read(1, events.length);
      expect(textOf(conversation)).toBe(text);
    }),
  );
});
