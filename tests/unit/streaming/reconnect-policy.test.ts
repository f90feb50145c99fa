import { expect, it } from "vitest";
import { drainingDelayMs, retryDelayMs } from "../../../src/streaming/reconnect-policy.ts";

it("doubles the ceiling from half a second to fifteen seconds and stays there", () => {
  const ceilings = [1, 2, 3, 4, 5, 6, 7, 50].map((attempt) => retryDelayMs(attempt, 1));
  expect(ceilings).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
});

it("spreads a delay over the whole range below its ceiling", () => {
  expect(retryDelayMs(3, 0)).toBe(0);
  expect(retryDelayMs(3, 0.5)).toBe(1_000);
});

it("comes back to a draining server no earlier than asked and at most twice as late", () => {
  expect(drainingDelayMs(2_000, 0)).toBe(2_000);
  expect(drainingDelayMs(2_000, 0.999)).toBeLessThan(4_000);
  expect(drainingDelayMs(undefined, 0)).toBe(1_000);
});
