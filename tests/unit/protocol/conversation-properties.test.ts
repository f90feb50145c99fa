import * as fc from "fast-check";
import { expect, test } from "vitest";
import { fromTurnSnapshot, toTurnSnapshot } from "../../../src/protocol/conversation-snapshot.ts";
import { createConversation, foldEvent, type ConversationState } from "../../../src/protocol/conversation.ts";
import type { LogEvent } from "../../../src/protocol/events.ts";
import { encodeLogFrame, parseLogFrameJson, type LogFrame } from "../../../src/protocol/frames.ts";
import { parse } from "../../../src/protocol/parse.ts";
import { TurnSnapshotSchema, type TurnSnapshot } from "../../../src/protocol/snapshot.ts";
import { arbitraryLog, cutFrame } from "../../support/arbitrary-log.ts";

/** A reader that keeps P3.19 and nothing else. */
interface Reader {
  readonly conversation: ConversationState;
  cursor: number;
}

function take(reader: Reader, frame: LogFrame): void {
  if (frame.seq <= reader.cursor) return;
  expect(frame.from).toBeLessThanOrEqual(reader.cursor + 1);
  for (const event of frame.events) {
    const outcome = foldEvent(reader.conversation, event);
    if (outcome.kind === "hole") throw new Error(outcome.why);
  }
  reader.cursor = frame.seq;
}

function shown(conversation: ConversationState): TurnSnapshot[] {
  return [...conversation.turns.values()].map(toTurnSnapshot);
}

function foldPlain(log: readonly LogEvent[]): ConversationState {
  const conversation = createConversation();
  for (const event of log) foldEvent(conversation, event);
  return conversation;
}

/** How frames may come: how far back a frame reaches, how long it is, merged or not, sent again or not. */
const schedule = fc.array(
  fc.record({
    back: fc.nat(30),
    length: fc.integer({ min: 1, max: 30 }),
    isMerged: fc.boolean(),
    isTwice: fc.boolean(),
  }),
  {
    minLength: 1,
    maxLength: 30,
  },
);

function restore(turns: readonly TurnSnapshot[]): ConversationState {
  const conversation = createConversation();
  for (const turn of turns) {
    const parsed = parse(TurnSnapshotSchema, JSON.parse(JSON.stringify(turn)));
    if (!parsed.ok) throw new Error(`${parsed.error.field} ${parsed.error.message}`);
    conversation.turns.set(parsed.value.id, fromTurnSnapshot(parsed.value));
  }
  return conversation;
}

test("under any overlap, duplication and merging a reader shows exactly the log up to its cursor", () => {
  fc.assert(
    fc.property(arbitraryLog, schedule, (log, steps) => {
      const reader: Reader = { conversation: createConversation(), cursor: 0 };
      for (const { back, length, isMerged, isTwice } of steps) {
        if (log.length === 0) return;
        const from = Math.max(1, Math.min(reader.cursor + 1, log.length) - back);
        const frame = cutFrame(log, from, Math.min(log.length, from + length - 1), isMerged);
        take(reader, frame);
        if (isTwice) take(reader, frame);
        expect(shown(reader.conversation)).toEqual(shown(foldPlain(log.slice(0, reader.cursor))));
      }
    }),
    { numRuns: 400 },
  );
});

test("S2 at every seq each text is a prefix of what the log ends with", () => {
  fc.assert(
    fc.property(arbitraryLog, (log) => {
      const whole = foldPlain(log);
      const conversation = createConversation();
      for (const event of log) {
        foldEvent(conversation, event);
        for (const turn of shown(conversation)) {
          const final = whole.turns.get(turn.id);
          if (final === undefined) continue;
          for (const part of turn.parts) {
            const text = toTurnSnapshot(final).parts.find((other) => other.id === part.id)?.text ?? "";
            expect(text.startsWith(part.text ?? "")).toBe(true);
          }
        }
      }
    }),
    { numRuns: 200 },
  );
});

test("a snapshot of any moment, written, read and streamed on, equals the log", () => {
  fc.assert(
    fc.property(arbitraryLog, fc.nat(60), fc.nat(20), fc.boolean(), (log, moment, back, isMerged) => {
      const cursor = Math.min(moment, log.length);
      const restored = restore(shown(foldPlain(log.slice(0, cursor))));
      expect(shown(restored)).toEqual(shown(foldPlain(log.slice(0, cursor))));
      if (cursor === log.length) return;
      const from = Math.max(1, cursor + 1 - back);
      take({ conversation: restored, cursor }, cutFrame(log, from, log.length, isMerged));
      expect(shown(restored)).toEqual(shown(foldPlain(log)));
    }),
    { numRuns: 300 },
  );
});

test("a frame survives the wire, merged or not", () => {
  fc.assert(
    fc.property(arbitraryLog, fc.boolean(), (log, isMerged) => {
      if (log.length === 0) return;
      const frame = cutFrame(log, 1, log.length, isMerged);
      expect(parseLogFrameJson(encodeLogFrame(frame))).toEqual({ ok: true, value: frame });
    }),
    { numRuns: 100 },
  );
});

test("folding never throws and never doubles, whatever the order of events", () => {
  fc.assert(
    fc.property(arbitraryLog, fc.array(fc.nat(200), { maxLength: 80 }), (log, picks) => {
      if (log.length === 0) return;
      const whole = foldPlain(log);
      const conversation = createConversation();
      for (const pick of picks) {
        const event = log[pick % log.length];
        if (event !== undefined) foldEvent(conversation, event);
      }
      for (const turn of shown(conversation)) {
        const final = whole.turns.get(turn.id);
        if (final === undefined) continue;
        for (const part of turn.parts) {
          const text = toTurnSnapshot(final).parts.find((other) => other.id === part.id)?.text ?? "";
          expect(text.startsWith(part.text ?? "")).toBe(true);
        }
      }
    }),
    { numRuns: 200 },
  );
});
