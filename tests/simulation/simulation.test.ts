import { expect, test } from "vitest";
import * as fc from "fast-check";
import { scheduleArbitrary, type Schedule } from "./commands/schedule.ts";
import { runSchedule } from "./run-schedule.ts";
import { simulate, type FoundViolation } from "./simulate.ts";

/** Long enough for a busy machine; alone on two cores all of it takes some 15 s. Unit: ms. */
const PATIENCE_MS = 180_000;
const STEPS = 60;

/** A failure is told as the command line tells it. */
function sentences(violation: FoundViolation | undefined): readonly string[] {
  return violation === undefined
    ? []
    : [violation.message, ...violation.story, `seed ${violation.seed}, path ${violation.path}`];
}

test.for([1, 2, 3])("80 stories of seed %i hold", { timeout: PATIENCE_MS }, async (seed) => {
  const { violation, runs } = await simulate({ runs: 80, steps: STEPS, seed, isShrinking: true });
  expect(sentences(violation)).toEqual([]);
  expect(runs).toBe(80);
});

test("40 stories that nobody has told before hold", { timeout: PATIENCE_MS }, async () => {
  const seed = Math.floor(Math.random() * 0x7fff_ffff);
  console.log(`simulation: fresh seed ${seed}`);
  const { violation } = await simulate({ runs: 40, steps: STEPS, seed, isShrinking: true });
  expect(sentences(violation)).toEqual([]);
});

test(
  "the same story is told twice in the same way, down to the last event",
  { timeout: PATIENCE_MS },
  async () => {
    for (const schedule of fc.sample(scheduleArbitrary(STEPS), { numRuns: 5, seed: 7 })) {
      const first = await runSchedule(schedule);
      const second = await runSchedule(schedule);
      expect(second.trace).toBe(first.trace);
      expect(second.story).toEqual(first.story);
      expect(second.events).toBe(first.events);
    }
  },
);

/** What the simulation found in the product, told again: each was seen to fail without its mend. */
const FOUND: Readonly<Record<string, Schedule>> = {
  // A disk that answered late put what was just sent back into the composer, to be sent once more.
  "a message on its way does not come back into the composer": {
    seed: 41,
    tabs: 1,
    commands: [
      { deed: "send-twice", tab: 0, choice: 0, waitMs: 1 },
      ...Array.from({ length: 8 }, () => ({ deed: "wait", tab: 0, choice: 0, waitMs: 1 })),
    ],
  },
  // Begun offline they were outside the bound of the cache, and stayed there once the server had them.
  "sessions begun offline fall out of memory once the server has them": {
    seed: 43,
    tabs: 1,
    commands: [
      { deed: "send", tab: 0, choice: 0, waitMs: 300 },
      { deed: "offline", tab: 0, choice: 1, waitMs: 120 },
      ...Array.from({ length: 4 }, () => ({ deed: "send-new", tab: 0, choice: 0, waitMs: 300 })),
      { deed: "online", tab: 0, choice: 0, waitMs: 31_000 },
    ],
  },
  // All storage was emptied under a disk that hung: the other tab then found, and sent, the later message alone.
  "a message whose copies are emptied under a hanging disk is not overtaken by the next one": {
    seed: 1_228_405_963,
    tabs: 2,
    commands: [
      { deed: "send", tab: 3, choice: 3864, waitMs: 4_000 },
      { deed: "disk-trouble", tab: 0, choice: 9717, waitMs: 4_000 },
      { deed: "send", tab: 3, choice: 2931, waitMs: 1 },
      { deed: "evict", tab: 2, choice: 6100, waitMs: 4_000 },
      { deed: "send", tab: 1, choice: 899, waitMs: 1 },
    ],
  },
  // With localStorage full, a disk that stopped to answer took the creation of the session along: what was behind it went first.
  "a message does not go before the creation of its session that only a hung disk has": {
    seed: 1_252_338_242,
    tabs: 4,
    commands: [
      { deed: "open-new", tab: 1, choice: 5182, waitMs: 6_500 },
      { deed: "local-full", tab: 1, choice: 6663, waitMs: 1 },
      { deed: "suspend", tab: 2, choice: 9046, waitMs: 20 },
      { deed: "send", tab: 0, choice: 420, waitMs: 0 },
      { deed: "disk-trouble", tab: 0, choice: 9955, waitMs: 0 },
      { deed: "send", tab: 0, choice: 3740, waitMs: 1_500 },
      { deed: "network-fine", tab: 2, choice: 6680, waitMs: 31_000 },
    ],
  },
  // A draft that only the disk had after the crash was written over by the next message that came back.
  "what a session that is gone refused is still there after a crash and the next refusal": {
    seed: 304_795_493,
    tabs: 2,
    commands: [
      { deed: "back-up", tab: 2, choice: 3955, waitMs: 700 },
      { deed: "send", tab: 2, choice: 9467, waitMs: 0 },
      { deed: "send-new", tab: 1, choice: 9315, waitMs: 700 },
      { deed: "restore", tab: 2, choice: 5563, waitMs: 70_000 },
      { deed: "send", tab: 2, choice: 2877, waitMs: 0 },
      { deed: "kill", tab: 0, choice: 5619, waitMs: 300 },
      { deed: "crash-browser", tab: 1, choice: 7133, waitMs: 31_000 },
      { deed: "load", tab: 2, choice: 7636, waitMs: 0 },
      { deed: "send-lost", tab: 2, choice: 2968, waitMs: 12_000 },
    ],
  },
  // The tab stood in the queue for the lock, and took the message out of the outbox while another one was sending it.
  "a message that another tab is sending is not taken back, to be sent once more": {
    seed: 1,
    tabs: 4,
    commands: [
      { deed: "send-lost", tab: 1, choice: 9337, waitMs: 701 },
      { deed: "send-twice", tab: 1, choice: 753, waitMs: 21 },
      { deed: "take-back", tab: 1, choice: 5118, waitMs: 12_000 },
      { deed: "send-typed", tab: 1, choice: 6274, waitMs: 0 },
    ],
  },
  // The check's own: what the page before sent in the millisecond of the reload was taken for this page's.
  "a message of the page before may stand in the composer, too, when it was reloaded at once": {
    seed: 2,
    tabs: 1,
    commands: [
      { deed: "queue-and-stop-late", tab: 2, choice: 9613, waitMs: 0 },
      { deed: "offline", tab: 0, choice: 6797, waitMs: 12_000 },
      { deed: "send-side-by-side", tab: 2, choice: 7972, waitMs: 0 },
      { deed: "send", tab: 0, choice: 5683, waitMs: 0 },
      { deed: "reload", tab: 2, choice: 1071, waitMs: 20 },
    ],
  },
  // The check's own: the clock was set ahead, the deletion was sent, and its undo, too late, was taken for one that held.
  "a deletion whose undo came too late is one, and the backup brings it back to nobody who heard of it": {
    seed: 939_493_614,
    tabs: 1,
    commands: [
      { deed: "back-up", tab: 1, choice: 7728, waitMs: 12_000 },
      { deed: "delete-and-undo", tab: 2, choice: 611, waitMs: 1 },
      { deed: "jump-clock", tab: 2, choice: 6830, waitMs: 4_000 },
      { deed: "restore", tab: 2, choice: 8946, waitMs: 31_000 },
    ],
  },
  // The disk had it and had not said so when the browser emptied both places: the composer let its words go after that.
  "a message that both places lost before it was told to be kept is kept again": {
    seed: 2,
    tabs: 1,
    commands: [
      { deed: "send-new", tab: 0, choice: 0, waitMs: 6_500 },
      { deed: "disk-trouble", tab: 0, choice: 2_123, waitMs: 700 },
      { deed: "offline", tab: 0, choice: 0, waitMs: 20 },
      { deed: "send", tab: 0, choice: 0, waitMs: 700 },
      { deed: "evict", tab: 0, choice: 0, waitMs: 4_000 },
    ],
  },
  // Another tab was sending it still: shown in the composer already, it could have been sent a second time.
  "a message that is being taken back is in no composer before it has left the outbox": {
    seed: 1_457_041_552,
    tabs: 3,
    commands: [
      { deed: "next-502", tab: 2, choice: 2_953, waitMs: 1 },
      { deed: "network-trouble", tab: 0, choice: 5_250, waitMs: 31_000 },
      { deed: "send-twice", tab: 2, choice: 2_003, waitMs: 6_500 },
      { deed: "send", tab: 0, choice: 9_012, waitMs: 300 },
      { deed: "next-send-hangs", tab: 1, choice: 8_762, waitMs: 70_000 },
      { deed: "send", tab: 3, choice: 1_592, waitMs: 120 },
      { deed: "take-back", tab: 3, choice: 7_638, waitMs: 300 },
      { deed: "switch", tab: 0, choice: 2_869, waitMs: 700 },
      { deed: "switch", tab: 0, choice: 300, waitMs: 20 },
    ],
  },
  // The watchdog's patience with lines that died owing text stayed grown for a later one that was half-open.
  "a half-open line is left within three heartbeats, though others before it died and brought nothing": {
    seed: 6,
    tabs: 1,
    commands: [
      { deed: "latency", tab: 0, choice: 9_362, waitMs: 0 },
      { deed: "next-dies", tab: 0, choice: 0, waitMs: 1_500 },
      { deed: "send", tab: 0, choice: 0, waitMs: 0 },
      { deed: "next-dies", tab: 0, choice: 128, waitMs: 0 },
      { deed: "next-dies", tab: 0, choice: 0, waitMs: 70_000 },
      ...Array.from({ length: 3 }, () => ({ deed: "next-dies", tab: 0, choice: 0, waitMs: 0 })),
    ],
  },
  // Stopped just after a look of the watchdog for less than 6 s: the next look was late by less than 5, and the dead line believed.
  "a page that was stopped without a word for 5.6 s leaves its dead line within a second": {
    seed: 63,
    tabs: 2,
    commands: [
      { deed: "look-back", tab: 0, choice: 4_762, waitMs: 700 },
      { deed: "look-back", tab: 1, choice: 3_204, waitMs: 700 },
      { deed: "network-trouble", tab: 1, choice: 1, waitMs: 20 },
      { deed: "send", tab: 1, choice: 3_276, waitMs: 300 },
      { deed: "suspend", tab: 1, choice: 9_003, waitMs: 120 },
      { deed: "send", tab: 0, choice: 2_845, waitMs: 4_000 },
      { deed: "send-side-by-side", tab: 0, choice: 3_374, waitMs: 1_500 },
      { deed: "network-fine", tab: 1, choice: 0, waitMs: 1 },
      { deed: "next-ahead", tab: 1, choice: 6_715, waitMs: 0 },
      { deed: "wake", tab: 1, choice: 1_544, waitMs: 700 },
      { deed: "show", tab: 1, choice: 5_087, waitMs: 4_000 },
    ],
  },
  // What the first tab put again when the draft was cleared was taken for later than what the last one had typed since.
  "of the drafts that three tabs wrote in one composer the one typed in last stays": {
    seed: 1,
    tabs: 3,
    commands: [
      { deed: "type", tab: 0, choice: 0, waitMs: 1_500 },
      { deed: "send", tab: 2, choice: 0, waitMs: 1 },
      { deed: "type", tab: 1, choice: 0, waitMs: 1_500 },
      { deed: "kill", tab: 1, choice: 0, waitMs: 300 },
    ],
  },
  // The last half second of localStorage was lost with the undo in it: its mirror said that the session was to be deleted.
  "a deletion that was undone before the browser was killed is not done after all": {
    seed: 1_011_274_523,
    tabs: 1,
    commands: [
      { deed: "sign-out", tab: 3, choice: 4_102, waitMs: 700 },
      { deed: "send-new", tab: 2, choice: 4_670, waitMs: 12_000 },
      { deed: "delete-and-undo", tab: 2, choice: 6_458, waitMs: 700 },
      { deed: "crash-browser", tab: 0, choice: 3_819, waitMs: 1 },
    ],
  },
};

test.for(Object.entries(FOUND))("%s", { timeout: PATIENCE_MS }, async ([, schedule]) => {
  const { violation, story } = await runSchedule(schedule);
  expect(violation === undefined ? [] : [violation.message, ...story]).toEqual([]);
});
