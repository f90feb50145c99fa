import { byPerson, pick, type Deed } from "./command.ts";
import { unkept } from "./disk.ts";
import { name, shownSessions } from "./person.ts";

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
  // WebKit: a transaction that is stuck in the back-forward cache blocks the next page's.
  "switch-to-hanging-disk": {
    weight: 2,
    fault: "disk hanging as a session is opened",
    run: byPerson((world, _tab, life, choice) => {
      const session = pick(shownSessions(life), choice);
      if (session === undefined || session === life.core.viewed()) return undefined;
      world.browser.disk.trouble = "hanging";
      unkept(world);
      life.app.actions.openSession(session);
      return `the browser's disk is hanging as the person opens ${name(session)}`;
    }),
  },
};
