import { expect, it } from "vitest";
import { createTranscriptCache } from "../../../src/streaming/transcript-cache.ts";
import { session } from "../../support/streaming-samples.ts";

it("lets the session that was left the longest ago go first", () => {
  const cache = createTranscriptCache({ maxSessions: 2, maxChars: 100 });
  for (const number of [1, 2, 3]) cache.leave(session(number), 1);
  expect(cache.overflow()).toEqual([session(1)]);
  cache.leave(session(1), 1);
  expect(cache.overflow()).toEqual([session(2)]);
});

it("counts text as well as sessions", () => {
  const cache = createTranscriptCache({ maxSessions: 10, maxChars: 100 });
  cache.leave(session(1), 60);
  cache.leave(session(2), 30);
  expect(cache.overflow()).toEqual([]);
  cache.leave(session(3), 30);
  expect(cache.overflow()).toEqual([session(1)]);
});

it("does not count what is viewed again", () => {
  const cache = createTranscriptCache({ maxSessions: 1, maxChars: 100 });
  cache.leave(session(1), 1);
  cache.leave(session(2), 1);
  cache.enter(session(1));
  expect(cache.overflow()).toEqual([]);
  expect(cache.has(session(1))).toBe(false);
});
