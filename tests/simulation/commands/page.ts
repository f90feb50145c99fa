import type { PageEvent } from "../../../src/streaming/ports.ts";
import { killTab, reloadTab, type Life, type Tab } from "../world/tab.ts";
import type { World } from "../world/world.ts";
import { checkDraftsSurvive } from "../checks/drafts.ts";
import { onPage, type Deed } from "./command.ts";

const JUMPS_MS = [-3_600_000, -60_000, -1_000, 4_000, 60_000, 3_600_000, 86_400_000];

/** After so long a line that looks open is not to be believed: the product says 5 s. Unit: ms. */
const LONG_AWAY_MS = 5_500;

/** What happens to a page (PLATFORM §1.3). */
export const PAGE_DEEDS: Readonly<Record<string, Deed>> = {
  hide: {
    weight: 8,
    fault: "page hidden",
    run: onPage((world, _tab, life) => {
      if (life.page.facts.isHidden) return undefined;
      setHidden(world, life, true);
      return "the page is hidden";
    }),
  },
  show: {
    weight: 30,
    run: onPage((world, _tab, life) => {
      if (!life.page.facts.isHidden || life.isInCache) return undefined;
      setHidden(world, life, false);
      return "the page is shown again";
    }),
  },
  focus: {
    weight: 2,
    run: onPage((_world, _tab, life) => {
      if (life.page.facts.isHidden) return undefined;
      life.page.emit("focus");
      return "the window gets the focus";
    }),
  },
  freeze: {
    weight: 4,
    fault: "page frozen",
    run: onPage((world, _tab, life) => {
      if (!life.page.facts.isHidden) setHidden(world, life, true);
      life.page.emit("freeze");
      leave(world, life);
      life.loop.freeze();
      return "the page is hidden and frozen";
    }),
  },
  suspend: {
    weight: 4,
    fault: "page suspended without a word",
    run: onPage((world, _tab, life) => {
      leave(world, life);
      life.loop.freeze();
      return "the device stops the page without a word";
    }),
  },
  wake: { weight: 24, run: (world, tab, choice) => wake(world, tab, choice % 2 === 0) },
  "enter-cache": {
    weight: 3,
    fault: "back-forward cache",
    run: onPage((world, tab, life, choice) => {
      life.page.emit("pagehide");
      setHidden(world, life, true);
      life.isInCache = true;
      life.loop.freeze();
      if (choice % 2 === 0) return "the page goes into the back-forward cache, its stream left open";
      // WebKit closes the socket on entry and lets the locks go.
      life.network.drop("reset");
      world.browser.locks.release(life.loop, true);
      void tab;
      return "the page goes into the back-forward cache, its stream cut and its locks let go";
    }),
  },
  reload: {
    weight: 6,
    fault: "reload",
    run: (world, tab) => {
      const { life } = tab;
      if (life !== undefined && life.loop.state !== "running") return undefined;
      reloadTab(tab, world.tabParts, () => {
        if (life !== undefined) checkDraftsSurvive(world, tab, life, "reloaded");
      });
      return life === undefined ? "a new page is loaded" : "the page is reloaded";
    },
  },
  kill: {
    weight: 6,
    fault: "tab killed",
    run: (world, tab) => {
      const { life } = tab;
      if (life === undefined) return undefined;
      killTab(tab, world.browser);
      checkDraftsSurvive(world, tab, life, "killed");
      return "the tab is killed";
    },
  },
  load: {
    weight: 16,
    run: (world, tab) => {
      if (tab.life !== undefined) return undefined;
      tab.facts = { ...tab.facts, isHidden: false };
      world.load(tab);
      return "the tab is opened again";
    },
  },
  "jump-clock": {
    weight: 4,
    fault: "clock set or jumped",
    run: (world, _tab, choice) => {
      const ms = JUMPS_MS[choice % JUMPS_MS.length] ?? 0;
      world.browser.jumpWall(ms);
      return `the clock of the device jumps by ${ms / 1000} s`;
    },
  },
  offline: {
    weight: 4,
    fault: "offline",
    run: onPage((world, _tab, life, choice) => {
      if (!life.page.facts.isOnline) return undefined;
      life.page.facts.isOnline = false;
      life.network.mode = choice % 3 === 0 ? "fine" : "gone";
      if (choice % 3 === 1) life.network.halfOpen();
      // iOS says nothing.
      if (choice % 4 !== 0) {
        leave(world, life);
        life.page.emit("offline");
      }
      return `the page goes offline${choice % 4 === 0 ? " without an event" : ""}`;
    }),
  },
  online: {
    weight: 16,
    run: onPage((world, _tab, life) => {
      if (life.page.facts.isOnline) return undefined;
      life.page.facts.isOnline = true;
      life.network.mode = "fine";
      comeBack(world, life, "online");
      return "the page is online again";
    }),
  },
};

function leave(world: World, life: Life): void {
  life.away ??= { sinceMs: world.time.now(), sinceWallMs: world.browser.wallMs() };
}

export function setHidden(world: World, life: Life, isHidden: boolean): void {
  life.page.facts.isHidden = isHidden;
  life.loop.setHidden(isHidden);
  if (isHidden) {
    leave(world, life);
    life.page.emit("hidden");
  } else comeBack(world, life, "visible");
}

/** Tells the page that it is back, and remembers what it must not believe from now on. */
export function comeBack(world: World, life: Life, ...events: readonly PageEvent[]): void {
  const { isHidden, isOnline } = life.page.facts;
  if (!isHidden && isOnline) {
    const { away } = life;
    life.away = undefined;
    const awayMs = away === undefined ? 0 : world.time.now() - away.sinceMs;
    // By a clock that was set back the page was not away for long, and can't know better.
    const awayWallMs = away === undefined ? 0 : world.browser.wallMs() - away.sinceWallMs;
    if (awayMs > LONG_AWAY_MS && (awayWallMs > LONG_AWAY_MS || awayWallMs < 0))
      life.cameBack = { atMs: world.time.now(), opensBefore: 0 };
  }
  for (const event of events) life.page.emit(event);
}

export function wake(world: World, tab: Tab, isBurstFirst: boolean): string | undefined {
  const { life } = tab;
  if (life === undefined || life.loop.state !== "frozen") return undefined;
  if (life.isInCache) {
    life.isInCache = false;
    life.loop.thaw();
    life.page.facts.isHidden = false;
    life.loop.setHidden(false);
    comeBack(world, life, "restored", "visible");
    return "the page comes back out of the back-forward cache";
  }
  if (!life.page.facts.isHidden) {
    // Suspended without a word: nothing is told on return either, but for time itself, or `focus`.
    life.loop.thaw();
    comeBack(world, life, ...(isBurstFirst ? [] : (["focus"] as const)));
    return "the device lets the page go on";
  }
  life.page.emit("resume");
  life.loop.thaw();
  life.loop.setTimer(isBurstFirst ? 1 : 0, () => {
    if (life.page.facts.isHidden) setHidden(world, life, false);
  });
  return "the page wakes, and is shown";
}
