import type { Life, Tab } from "../world/tab.ts";
import type { World } from "../world/world.ts";
import { checkDraftsSurvive } from "../checks/drafts.ts";
import { killTab } from "../world/tab.ts";
import { byPerson, pick, type Deed } from "./command.ts";
import { setHidden } from "./page.ts";
import { type } from "./person.ts";

/** Long enough to be away, short enough for the stream of a turn to be still there. Unit: ms. */
const AWAY_MS = [5_600, 7_000, 9_000, 14_000, 20_000];

/** What was typed is kept by then. Unit: ms. */
const JUST_KEPT_MS = 301;

/** What belongs together, and would seldom come together by chance. */
export const POCKET_DEEDS: Readonly<Record<string, Deed>> = {
  // iOS: the socket is dead, `readyState` says OPEN, and no error ever comes.
  pocket: {
    weight: 6,
    fault: "line dead on return, readyState OPEN",
    run: byPerson((world, tab, life, choice) => {
      const awayMs = pick(AWAY_MS, choice) ?? 7_000;
      setHidden(world, life, true);
      life.network.halfOpen();
      comeBackLater(world, tab, life, awayMs);
      return `the phone goes into the pocket, its line dies, and it is looked at again ${awayMs / 1_000} s later`;
    }),
  },
  "type-and-die": {
    weight: 2,
    fault: "tab killed 300 ms after the last key",
    run: byPerson((world, tab, life) => {
      const text = type(world, tab, life);
      world.time.after(JUST_KEPT_MS, () => {
        if (tab.life !== life || world.violation !== undefined) return;
        killTab(tab, world.browser);
        checkDraftsSurvive(world, tab, life, "killed");
      });
      return `the person types "${text}", and the tab is killed ${JUST_KEPT_MS} ms later`;
    }),
  },
};

/** Unless the story has done something else with the page by then. */
function comeBackLater(world: World, tab: Tab, life: Life, awayMs: number): void {
  world.time.after(awayMs, () => {
    const isWaiting = tab.life === life && life.loop.state === "running" && !life.isInCache;
    if (isWaiting && life.page.facts.isHidden && world.violation === undefined) setHidden(world, life, false);
  });
}
