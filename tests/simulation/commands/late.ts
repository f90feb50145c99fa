import { byPerson, type Deed } from "./command.ts";
import { name } from "./person.ts";

/** What a person did to a page that was behind: it arrives when the world has moved on. */
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
};
