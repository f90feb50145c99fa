import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatCursor, parseCursor } from "../../../src/protocol/cursor.ts";
import { epoch } from "../../support/wire-samples.ts";

test("a cursor is its epoch, a dot and its seq", () => {
  expect(formatCursor({ epoch: epoch(), seq: 42 })).toBe("k3f9.42");
  expect(parseCursor("k3f9.42")).toEqual({ ok: true, value: { epoch: "k3f9", seq: 42 } });
});

test("seq 0 is the beginning", () => {
  expect(parseCursor("k3f9.0")).toEqual({ ok: true, value: { epoch: "k3f9", seq: 0 } });
});

test.each([
  "",
  ".",
  "k3f9",
  "k3f9.",
  ".42",
  "k3f9.-1",
  "k3f9.+1",
  "k3f9.042",
  "k3f9.4.2",
  "k3f9.4e1",
  "k3f9. 4",
  "k3f9.4 ",
  "k3f9.42\n",
  "K3F9.42",
  "k3-9.42",
  "k3f9.9007199254740992",
  "k3f9.99999999999999999999",
  `${"a".repeat(33)}.1`,
  "null",
])("%j is not a cursor, and the failure says what one looks like", (text) => {
  const parsed = parseCursor(text);
  expect(parsed.ok).toBe(false);
  if (!parsed.ok) expect(parsed.error.message).toContain("expected <epoch>.<seq>");
});

test("a failure quotes no more than the beginning of what was given", () => {
  const parsed = parseCursor("x".repeat(5_000));
  if (parsed.ok) throw new Error("parsed");
  expect(parsed.error.message.length).toBeLessThan(200);
});

test("every cursor survives being written and read", () => {
  const epochs = fc.stringMatching(/^[0-9a-z]{1,32}$/);
  fc.assert(
    fc.property(epochs, fc.maxSafeNat(), (name, seq) => {
      expect(parseCursor(formatCursor({ epoch: epoch(name), seq }))).toEqual({
        ok: true,
        value: { epoch: name, seq },
      });
    }),
  );
});

test("what parses writes the same text again", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-z]{0,3}\.[0-9]{0,3}$/)), (text) => {
      const parsed = parseCursor(text);
      if (parsed.ok) expect(formatCursor(parsed.value)).toBe(text);
    }),
  );
});
