import { expect, test } from "vitest";
import * as fc from "fast-check";
import { decodeRow } from "../../../src/backend/stored-event.ts";

/** Texts with all that JSON escapes, and with what looks like a row. */
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string(),
  fc.constantFrom('"', "\\", "\ud83d", "\u2028", "\n", '"}]}', '\\","delta":"x', "word "),
);

test("a row says what its JSON says, however it is read", () => {
  const delta = fc.record({
    type: fc.constantFrom("text-delta", "reasoning-delta", "tool-delta"),
    at: fc.oneof(fc.nat(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(-1)),
    turn: text,
    part: text,
    offset: fc.nat(),
    delta: text,
  });
  const other = fc.record({
    type: fc.constantFrom("tool-started", "text-delta", "later"),
    input: fc.jsonValue(),
  });
  const events = fc.oneof(fc.tuple(delta), fc.array(fc.oneof(delta, other), { minLength: 1, maxLength: 3 }));
  fc.assert(
    fc.property(fc.nat(), fc.nat(), events, (from, more, said) => {
      const seq = from + more;
      const data = JSON.stringify({ from, seq, events: said });
      expect(decodeRow({ from, seq, data })).toEqual(JSON.parse(data));
    }),
    { numRuns: 500 },
  );
});
