import type { SendMode } from "../../../src/protocol/events.ts";
import type { SessionId } from "../../../src/protocol/ids.ts";
import type { TurnState } from "../../../src/protocol/conversation.ts";
import type { TurnView } from "../../../src/state/turn-view.ts";
import type { Life, Tab } from "../world/tab.ts";
import type { World } from "../world/world.ts";
import { byPerson, pick, type Deed } from "./command.ts";

const MODES: readonly SendMode[] = ["queue", "queue", "queue", "steer", "parallel"];

/** What a person does in a page he looks at. */
export const PERSON_DEEDS: Readonly<Record<string, Deed>> = {
  send: {
    weight: 34,
    run: byPerson((world, tab, life, choice) => {
      const mode = pick(MODES, choice) ?? "queue";
      const session = life.core.viewed();
      const text = send(world, tab, life, mode);
      const where = session === undefined ? "a new session" : name(session);
      return `the person sends "${text}" (${mode}) in ${where}`;
    }),
  },
  "send-new": {
    weight: 10,
    run: byPerson((world, tab, life) => {
      if (world.book.sessions.size > 5) return undefined;
      life.app.actions.openNewSession();
      return `the person sends "${send(world, tab, life, "queue")}" in a new session`;
    }),
  },
  "send-twice": {
    weight: 3,
    run: byPerson((world, tab, life, choice) => {
      const first = send(world, tab, life, "queue");
      const second = send(world, tab, life, pick(MODES, choice) ?? "queue");
      return `the person sends "${first}" and at once "${second}"`;
    }),
  },
  "send-side-by-side": {
    weight: 3,
    run: byPerson((world, tab, life) => {
      const texts = [send(world, tab, life, "parallel"), send(world, tab, life, "parallel")];
      return `the person sends "${texts.join('" and "')}" to be answered side by side`;
    }),
  },
  "send-lost": {
    weight: 3,
    fault: "the first try of a message lost",
    run: byPerson((world, tab, life) => {
      life.network.nextSends.push("lost");
      return `the person sends "${send(world, tab, life, "queue")}", which is lost on its way`;
    }),
  },
  type: {
    weight: 6,
    run: byPerson((world, tab, life) => `the person types "${type(world, tab, life)}"`),
  },
  "send-typed": {
    weight: 3,
    run: byPerson((world, tab, life) => {
      const text = life.app.state.draft.text.peek();
      if (text === "") return undefined;
      post(world, tab, life, text, "queue");
      return `the person sends what stands there, "${text}"`;
    }),
  },
  switch: {
    weight: 26,
    run: byPerson((_world, _tab, life, choice) => {
      const session = pick(shownSessions(life), choice);
      if (session === undefined || session === life.core.viewed()) return undefined;
      life.app.actions.openSession(session);
      return `the person opens ${name(session)}`;
    }),
  },
  "type-send-and-back": {
    weight: 3,
    run: byPerson((world, tab, life, choice) => {
      const here = life.core.viewed();
      const other = pick(shownSessions(life), choice);
      if (here === undefined || other === undefined || here === other) return undefined;
      const kept = type(world, tab, life);
      const typed = life.typed;
      life.app.actions.openSession(other);
      const sent = send(world, tab, life, "queue");
      life.app.actions.openSession(here);
      life.typed = typed;
      return `the person types "${kept}", sends "${sent}" in ${name(other)} and is back at once`;
    }),
  },
  "switch-to-and-fro": {
    weight: 4,
    run: byPerson((_world, _tab, life, choice) => {
      const back = life.core.viewed();
      const session = pick(shownSessions(life), choice);
      if (session === undefined || back === undefined || session === back) return undefined;
      life.app.actions.openSession(session);
      life.app.actions.openSession(back);
      return `the person opens ${name(session)} and at once ${name(back)} again`;
    }),
  },
  "open-new": {
    weight: 2,
    run: byPerson((_world, _tab, life) => {
      life.app.actions.openNewSession();
      return "the person opens the page for a new session";
    }),
  },
  stop: {
    weight: 16,
    run: byPerson((_world, _tab, life, choice) => {
      const turn = pick(turnsOf(life, "running"), choice);
      if (turn === undefined) return undefined;
      void life.app.actions.stop(turn.id);
      return `the person stops turn ${name(turn.id)}`;
    }),
  },
  withdraw: {
    weight: 8,
    run: byPerson((world, _tab, life, choice) => {
      const turn = pick(turnsOf(life, "queued"), choice);
      if (turn === undefined) return undefined;
      takeBack(world, turn.text);
      void life.app.actions.withdraw(turn.id);
      return `the person withdraws the queued turn ${name(turn.id)}`;
    }),
  },
  edit: {
    weight: 6,
    run: byPerson((world, _tab, life, choice) => {
      const turn = pick(turnsOf(life, "queued"), choice);
      if (turn === undefined) return undefined;
      world.texts += 1;
      const text = `${turn.text} edited ${world.texts}`;
      void life.app.actions.editQueued(turn.id, text);
      return `the person edits the queued turn ${name(turn.id)}`;
    }),
  },
  "take-back": {
    weight: 2,
    run: byPerson((world, tab, life, choice) => {
      const waiting = life.engine.outbox
        .entries()
        .filter(
          (entry) =>
            entry.session === life.core.viewed() && (entry.kind === "send" || entry.kind === "refused"),
        );
      const entry = pick(waiting, choice);
      if (entry === undefined || (entry.kind !== "send" && entry.kind !== "refused")) return undefined;
      takeBack(world, entry.body.text);
      world.typed.push({ tab: tab.number, key: entry.session, atMs: world.time.now(), isTakenBack: true });
      life.typed = undefined;
      void life.app.actions.takeBack(entry.id);
      return `the person takes "${entry.body.text}" back into the composer`;
    }),
  },
  again: {
    weight: 4,
    run: byPerson((_world, _tab, life, choice) => {
      const turn = pick(
        shownTurns(life).filter((shown) => shown.status === "ended"),
        choice,
      );
      if (turn === undefined) return undefined;
      if (choice % 2 === 0) life.app.actions.retry(turn);
      else life.app.actions.continueTurn(turn);
      return `the person asks turn ${name(turn.id)} ${choice % 2 === 0 ? "again" : "to go on"}`;
    }),
  },
  answer: {
    weight: 6,
    run: byPerson((_world, _tab, life, choice) => {
      const open = shownTurns(life).flatMap((turn) =>
        turn.approvals.filter((asked) => asked.resolved === undefined),
      );
      const approval = pick(open, choice);
      if (approval === undefined) return undefined;
      void life.app.actions.resolveApproval(approval.id, choice % 2 === 0 ? "yes" : "no");
      return "the person answers the question";
    }),
  },
  rename: {
    weight: 2,
    run: byPerson((world, _tab, life, choice) => {
      const session = pick(shownSessions(life), choice);
      if (session === undefined) return undefined;
      world.texts += 1;
      life.app.actions.rename(session, `Title ${world.texts}`);
      return `the person renames ${name(session)}`;
    }),
  },
  delete: {
    weight: 2,
    run: byPerson((world, _tab, life, choice) => {
      const session = pick(shownSessions(life), choice);
      if (session === undefined) return undefined;
      world.deletedByPerson.add(session);
      world.everDeleted.add(session);
      life.typed = undefined;
      life.app.actions.deleteSession(session);
      return `the person deletes ${name(session)}`;
    }),
  },
  "delete-and-undo": {
    weight: 2,
    run: byPerson((world, _tab, life, choice) => {
      const session = pick(shownSessions(life), choice);
      if (session === undefined) return undefined;
      life.typed = undefined;
      life.app.actions.deleteSession(session);
      const wasDeleted = world.everDeleted.has(session);
      // A deletion before it, whose time to be undone is over, has been done: a tab without a line may still list it.
      const wasDeletedByPerson = world.deletedByPerson.has(session);
      world.deletedByPerson.add(session);
      world.everDeleted.add(session);
      // A page that is gone by then undoes nothing.
      life.loop.setTimer(choice % 6_000, () => {
        // A clock that was set ahead meanwhile has had it sent already: he comes too late.
        if (!world.book.everDeleted.has(session)) {
          if (!wasDeletedByPerson) world.deletedByPerson.delete(session);
          if (!wasDeleted) world.everDeleted.delete(session);
        }
        life.app.actions.undoDelete(session);
      });
      return `the person deletes ${name(session)} and undoes it ${choice % 6_000} ms later`;
    }),
  },
  "retry-now": {
    weight: 2,
    run: byPerson((_world, _tab, life) => {
      life.app.actions.retryNow();
      return 'the person presses "Retry now"';
    }),
  },
  "sign-in": {
    weight: 3,
    run: byPerson((_world, _tab, life) => {
      if (!life.app.state.connection.isSignedOut.peek()) return undefined;
      void life.app.actions.signIn("password");
      return "the person signs in";
    }),
  },
};

export function send(world: World, tab: Tab, life: Life, mode: SendMode): string {
  world.texts += 1;
  const text = beside(world, life, `Q${world.texts}`);
  life.app.actions.setDraft(text);
  post(world, tab, life, text, mode);
  return text;
}

/** Nobody types over a message that came back into the composer; over something he typed and did not send he may. */
function beside(world: World, life: Life, text: string): string {
  const cameBack = life.app.state.draft.text
    .peek()
    .split("\n\n")
    .filter(
      (piece) =>
        piece.startsWith("Q") || world.sent.some(({ text: sent }) => sent.split("\n\n").includes(piece)),
    );
  return [...cameBack, text].join("\n\n");
}

function post(world: World, tab: Tab, life: Life, text: string, mode: SendMode): void {
  life.app.actions.send(mode);
  life.typed = undefined;
  const { storage } = world.browser;
  world.sent.push({
    text,
    tab: tab.number,
    life,
    session: life.core.viewed(),
    atMs: world.time.now(),
    isTakenBack: false,
    wasLogged: false,
    // Without localStorage it takes a moment until it is kept.
    wasUnkept: storage.isFull,
    isOvertakable: storage.isFull,
  });
}

export function type(world: World, tab: Tab, life: Life): string {
  world.texts += 1;
  const text = beside(world, life, `D${world.texts}`);
  life.app.actions.setDraft(text);
  life.typed = { key: life.core.viewed() ?? "new", text, atMs: world.time.now() };
  world.typed.push({ ...life.typed, tab: tab.number });
  return text;
}

function takeBack(world: World, text: string): void {
  for (const message of world.sent) if (text.includes(message.text)) message.isTakenBack = true;
}

export function shownSessions(life: Life): readonly SessionId[] {
  return life.app.state.list.shownRows.peek().map((row) => row.id);
}

function turnsOf(life: Life, status: TurnState["status"]): readonly TurnState[] {
  const sid = life.core.viewed();
  const turns = sid === undefined ? undefined : life.core.view(sid)?.conversation.turns.values();
  return [...(turns ?? [])].filter((turn) => turn.status === status);
}

export function shownTurns(life: Life): readonly TurnView[] {
  return life.app.state.conversation.rows
    .peek()
    .flatMap((row) => row.slots.flatMap((slot) => [...slot.alternatives]));
}

/** An id short enough for a sentence. */
export function name(id: string): string {
  return `…${id.slice(-5)}`;
}
