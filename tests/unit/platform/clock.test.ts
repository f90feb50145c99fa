import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createClock } from "../../../src/platform/clock.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a timer fires once, and not after it was taken back", () => {
  let fired = 0;
  const clock = createClock();
  const count = (): void => {
    fired += 1;
  };
  clock.setTimer(10, count);
  clock.setTimer(10, count)();
  vi.advanceTimersByTime(20);
  expect(fired).toBe(1);
});

test("a delay longer than a browser can count does not fire at once", () => {
  let fired = 0;
  createClock().setTimer(2 ** 40, () => {
    fired += 1;
  });
  vi.advanceTimersByTime(1_000);
  expect(fired).toBe(0);
});
