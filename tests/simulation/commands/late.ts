import type { SessionId, TurnId } from "../../../src/protocol/ids.ts";
import type { Life, Tab } from "../world/tab.ts";
import type { World } from "../world/world.ts";
import { byPerson, pick, type Deed } from "./command.ts";
import { unkept } from "./disk.ts";
import { name, send, shownSessions } from "./person.ts";

/** How long the stop waits for its moment, and how often it looks. Unit: ms. */
const PATIENCE_MS = 40_000;
const LOOK_MS = 50;

/** What a person does at the wrong moment: as the turn ends, as the disk stops to answer. */
export const LATE_DEEDS: Readonly<Record<string, Deed>> = {
  "stop-late": {
    weight: 5,
    run: byPerson((_world, _tab, life) => {
      const session = life.core.viewed();
      const view = session === undefined ? undefined : life.core.view(session);
      const turns = [...(view?.conversation.turns.values() ?? [])];
      const ended = turns.findLast((turn) => turn.status === "ended");
      if (session === undefined || ended === undefined || !turns.some((turn) => turn.status === "running"))
        return undefined;
      // Past the page's own look at the turn: it was running when the person pressed.
      void life.environment.ports.api.stopTurn(session, ended.id);
      return `a stop for turn ${name(ended.id)} arrives when it has ended and another runs`;
    }),
  },
  "queue-and-stop-late": {
    weight: 3,
    run: byPerson((world, tab, life) => {
      const first = send(world, tab, life, "queue");
      const second = send(world, tab, life, "queue");
      stopOnceEnded(world, tab, life, first, PATIENCE_MS);
      return `the person sends "${first}" and "${second}"; a stop for the first arrives as the second runs`;
    }),
  },
  // WebKit: a transaction that is stuck in the back-forward cache blocks the next page's.
  "switch-to-hanging-disk": {
    weight: 2,
    fault: "disk hanging as a session is opened",
    run: byPerson((world, _tab, life, choice) => {
      // One that memory has does without the disk.
      const held = new Set(life.core.report().map(({ view }) => view.session));
      const shown = shownSessions(life);
      const unheld = shown.filter((known) => !held.has(known));
      const session = pick(unheld.length > 0 ? unheld : shown, choice);
      if (session === undefined || session === life.core.viewed()) return undefined;
      world.browser.disk.trouble = "hanging";
      unkept(world);
      life.app.actions.openSession(session);
      return `the browser's disk is hanging as the person opens ${name(session)}`;
    }),
  },
};

function stopOnceEnded(world: World, tab: Tab, life: Life, text: string, leftMs: number): void {
  world.time.after(LOOK_MS, () => {
    if (leftMs <= 0 || tab.life !== life || life.loop.state !== "running") return;
    for (const [session, log] of world.book.sessions) {
      const turns = [...log.turns.values()];
      const ended = turns.find((turn) => turn.firstText === text && turn.endedSeq !== Infinity);
      if (ended === undefined) continue;
      if (turns.some((turn) => turn.startedSeq !== Infinity && turn.endedSeq === Infinity)) {
        void life.environment.ports.api.stopTurn(session as SessionId, ended.id as TurnId);
      }
      return;
    }
    stopOnceEnded(world, tab, life, text, leftMs - LOOK_MS);
  });
}
