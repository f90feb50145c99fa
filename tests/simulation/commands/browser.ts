import { checkDraftsSurvive } from "../checks/drafts.ts";
import { killTab } from "../world/tab.ts";
import type { Deed } from "./command.ts";

/** The locks that are leave to stream, as `src/platform/tab-lock.ts` and `src/streaming/stream-slots.ts` name them. */
const SLOTS = [0, 1, 2, 3].map((slot) => `holdfast:stream-${slot}`);

/** Messages younger than this may not have reached IndexedDB when the browser dies. Unit: ms. */
const YOUNG_MS = 600;

/** What happens to the browser as a whole, whichever tab the step names. */
export const BROWSER_DEEDS: Readonly<Record<string, Deed>> = {
  "take-slots": {
    weight: 3,
    fault: "streams taken by other windows",
    run(world, _tab, choice) {
      if (world.occupied.length > 0) return undefined;
      const free = SLOTS.filter((name) => world.browser.locks.queued(name) === 0).slice(0, 1 + (choice % 4));
      for (const name of free) world.occupied.push(world.browser.locks.occupy(name));
      return free.length === 0
        ? undefined
        : `other windows stream over ${free.length} of the 4 lines there may be`;
    },
  },
  "free-slots": {
    weight: 4,
    run(world) {
      if (world.occupied.length === 0) return undefined;
      for (const letGo of world.occupied.splice(0)) letGo();
      return "the other windows are closed";
    },
  },
  "crash-browser": {
    weight: 2,
    fault: "browser killed",
    run(world) {
      const lives = world.liveTabs();
      const { storage, disk } = world.browser;
      const isKeeping = disk.trouble === "fine";
      for (const [tab] of lives) killTab(tab, world.browser);
      storage.crash();
      const nowMs = world.time.now();
      for (const message of world.sent) {
        if (!message.wasLogged && (!isKeeping || nowMs - message.atMs < YOUNG_MS)) message.wasUnkept = true;
      }
      for (const [tab, life] of lives) {
        // localStorage has lost its last half second, IndexedDB has what it was given; with neither nothing can be asked.
        if (isKeeping) checkDraftsSurvive(world, tab, life, "killed with the whole browser");
      }
      for (const [tab] of lives) {
        tab.facts = { ...tab.facts, isHidden: false };
        world.load(tab);
      }
      return "the whole browser is killed, and started again with its tabs";
    },
  },
};
