import { expect, test } from "vitest";
import { relativeTime } from "../../../src/ui/relative-time.ts";

const NOW = new Date(2026, 10, 21, 12, 0).getTime();

test.each([
  [-5_000, "now"],
  [59_000, "now"],
  [60_000, "1 min"],
  [3_599_000, "59 min"],
  [3_600_000, "1 h"],
  [23.9 * 3_600_000, "23 h"],
  [2 * 86_400_000, "Thu"],
  [30 * 86_400_000, "Oct 22"],
  [400 * 86_400_000, "Oct 17, 2025"],
])("%d ms ago is %s", (ageMs, words) => {
  expect(relativeTime(NOW - ageMs, NOW, "en-US")).toBe(words);
});
