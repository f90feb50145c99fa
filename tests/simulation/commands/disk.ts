import type { DiskTrouble } from "../world/virtual-disk.ts";
import type { World } from "../world/world.ts";
import { pick, type Deed } from "./command.ts";

const TROUBLES: readonly DiskTrouble[] = ["full", "hanging", "refused", "slow"];

/** What happens to what the browser keeps, whichever tab the step names (PLATFORM §3). */
export const DISK_DEEDS: Readonly<Record<string, Deed>> = {
  "disk-trouble": {
    weight: 4,
    fault: "disk full, hanging, refused or slow",
    run(world, _tab, choice) {
      const { disk } = world.browser;
      disk.trouble = pick(TROUBLES, choice) ?? "slow";
      if (disk.trouble !== "slow") unkept(world);
      return `the browser's disk is ${disk.trouble}`;
    },
  },
  "disk-lost": {
    weight: 3,
    fault: "disk connection lost",
    run(world, _tab, choice) {
      world.browser.disk.lose(choice % 2 === 0);
      return `the connections to the browser's disk are lost${choice % 2 === 0 ? "" : ", and this page can't open new ones"}`;
    },
  },
  "disk-fine": {
    weight: 8,
    run(world) {
      const { disk, storage } = world.browser;
      if (disk.trouble === "fine" && !storage.isFull) return undefined;
      // What was typed while neither took it is kept by the next try, which is not at once.
      if (isKeepingNothing(world)) for (const [, life] of world.liveTabs()) life.typed = undefined;
      disk.heal();
      storage.isFull = false;
      return "the browser's disk works again";
    },
  },
  "local-full": {
    weight: 2,
    fault: "localStorage full",
    run(world) {
      world.browser.storage.isFull = true;
      unkept(world);
      // What was typed lies only where the other disk took it.
      for (const [, life] of world.liveTabs()) life.typed = undefined;
      return "localStorage is full";
    },
  },
  corrupt: {
    weight: 3,
    fault: "record corrupt",
    run(world, _tab, choice) {
      const { disk } = world.browser;
      const key = pick(
        [...disk.records.keys()].filter((known) => /^(head|turn|chunk|list)/.test(known)).sort(),
        choice,
      );
      if (key === undefined) return undefined;
      disk.spoil(key, choice);
      return `the record ${key} is overwritten with garbage`;
    },
  },
  evict: {
    weight: 2,
    fault: "disk emptied",
    run(world, _tab, choice) {
      world.browser.disk.evict();
      if (choice % 2 === 0) world.browser.storage.texts.clear();
      // What only the disk had is gone; what a page holds in memory is not.
      for (const message of world.sent) message.wasUnkept = true;
      for (const [, life] of world.liveTabs()) life.typed = undefined;
      return `the browser empties IndexedDB${choice % 2 === 0 ? " and localStorage" : ""}`;
    },
  },
};

/** From now on a tab may be the only place of what is sent; it says so. */
export function unkept(world: World): void {
  if (!isKeepingNothing(world)) return;
  for (const message of world.sent) if (!message.wasLogged) message.wasUnkept = true;
}

function isKeepingNothing({ browser: { disk, storage } }: World): boolean {
  return storage.isFull && disk.trouble !== "fine" && disk.trouble !== "slow";
}
