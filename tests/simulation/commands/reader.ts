import { TurnIdSchema } from "../../../src/protocol/ids.ts";
import { parse } from "../../../src/protocol/parse.ts";
import { byPerson, pick, type Deed } from "./command.ts";
import { isPast } from "../world/script.ts";
import { name, shownSessions } from "./person.ts";

/** What a person does who reads what was said long ago. */
export const READER_DEEDS: Readonly<Record<string, Deed>> = {
  "look-back": {
    weight: 10,
    run: byPerson((_world, _tab, life, choice) => {
      const past = shownSessions(life).find(isPast);
      if (past === undefined) return undefined;
      life.app.actions.openSession(past);
      const isThere = (): boolean => life.core.viewed() === past;
      life.loop.setTimer(choice % 500, () => {
        if (isThere()) void life.app.actions.jumpToStart();
      });
      const end = choice % 2 === 0 ? "above" : "below";
      life.loop.setTimer((choice % 500) + (choice % 900), () => {
        if (isThere()) void life.app.actions.loadBetween(end);
      });
      return `the person opens the old session ${name(past)}, jumps to its first message and comes to the gap from ${end}`;
    }),
  },
  "jump-up": {
    weight: 8,
    run: byPerson((world, _tab, life, choice) => {
      const session = life.core.viewed();
      if (session === undefined || !life.app.state.conversation.hasMore.peek()) return undefined;
      if (choice % 3 === 0) {
        void life.app.actions.jumpToStart();
        return "the person jumps to the first message";
      }
      const turn = parse(TurnIdSchema, pick(world.book.current(session)?.order ?? [], choice));
      if (!turn.ok) return undefined;
      void life.app.actions.jumpToTurn(turn.value);
      return `the person jumps to turn ${name(turn.value)}`;
    }),
  },
  "read-up": {
    weight: 10,
    run: byPerson((_world, _tab, life, choice) => {
      const { conversation } = life.app.state;
      if (conversation.gapAfter.peek() !== undefined && choice % 3 > 0) {
        const end = choice % 3 === 1 ? "above" : "below";
        void life.app.actions.loadBetween(end);
        return `the person comes to the gap from ${end}`;
      }
      if (!conversation.hasMore.peek()) return undefined;
      void life.app.actions.loadEarlier();
      return "the person comes to the first turn that is loaded";
    }),
  },
};
