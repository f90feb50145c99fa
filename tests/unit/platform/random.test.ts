import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createRandom } from "../../../src/platform/random.ts";

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("ids are UUIDv7 of the present time", () => {
  const id = createRandom().uuid();
  expect(id).toMatch(UUID_V7);
  const ms = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
  expect(Math.abs(ms - Date.now())).toBeLessThan(60_000);
});

test("ids only grow, within a millisecond and when the clock is set back", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 0, max: 255 }),
      (steps, byte) => {
        let nowMs = 1_795_000_000_000;
        const random = createRandom({ now: () => nowMs, bytes: (count) => new Uint8Array(count).fill(byte) });
        const ids: string[] = [];
        for (const step of steps) {
          nowMs += step;
          ids.push(random.uuid());
        }
        expect(ids.every((id) => UUID_V7.test(id))).toBe(true);
        expect(ids).toEqual([...new Set(ids)].sort());
      },
    ),
  );
});

test("ids grow beyond 4096 in one millisecond", () => {
  const random = createRandom({ now: () => 1_795_000_000_000, bytes: (count) => new Uint8Array(count) });
  const ids = Array.from({ length: 10_000 }, () => random.uuid());
  expect(ids).toEqual([...new Set(ids)].sort());
});

test("fractions lie in [0, 1)", () => {
  const of = (byte: number) =>
    createRandom({ now: () => 0, bytes: (count) => new Uint8Array(count).fill(byte) }).fraction();
  expect(of(0)).toBe(0);
  expect(of(255)).toBeLessThan(1);
  expect(of(255)).toBeGreaterThan(0.999);
});
