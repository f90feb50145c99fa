import { expect, onTestFinished, test, vi } from "vitest";
import { systemClock } from "../../../server/system-clock.ts";

test("a timer of months waits for months, and can be called off", () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const delayMs = 90 * 24 * 60 * 60_000;
  const rung: string[] = [];
  systemClock.setTimer(delayMs, () => rung.push("kept"));
  const callOff = systemClock.setTimer(delayMs, () => rung.push("called off"));
  vi.advanceTimersByTime(delayMs - 1);
  callOff();
  expect(rung).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(rung).toEqual(["kept"]);
  expect(vi.getTimerCount()).toBe(0);
});
