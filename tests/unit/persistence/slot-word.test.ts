import { expect, test } from "vitest";
import { createSlotWord } from "../../../src/persistence/slot-word.ts";
import type { TabMessage } from "../../../src/persistence/tab-channel.ts";

test("each slot has a word of its own, and other words are not for it", () => {
  const posted: TabMessage[] = [];
  const listeners: ((message: TabMessage) => void)[] = [];
  const word = createSlotWord({
    post: (message) => void posted.push(message),
    subscribe(listener) {
      listeners.push(listener);
      return () => undefined;
    },
  });
  for (const slot of [0, 1, 2, 3, 4]) word.ask(slot);
  expect(posted).toEqual(["slot-0-wanted", "slot-1-wanted", "slot-2-wanted", "slot-3-wanted"]);
  const heard: number[] = [];
  word.subscribe((slot) => heard.push(slot));
  for (const message of ["outbox", ...posted, "wiped"] as const) listeners.forEach((hear) => hear(message));
  expect(heard).toEqual([0, 1, 2, 3]);
});
