import { isPast } from "../world/script.ts";
import { Violation } from "../world/violation.ts";
import type { SentMessage, World } from "../world/world.ts";

/** S7: what was sent is in the log of its own session, once; until then it is kept somewhere a person finds it. */
export function checkSends(world: World): void {
  const counts = new Map<string, number>();
  /** Words that were taken back, joined with others, and sent as one. */
  const joined = new Set<string>();
  for (const [session, log] of world.book.sessions) {
    for (const turn of log.turns.values()) {
      for (const piece of turn.firstText.split("\n\n")) joined.add(piece);
      // Asked again, a question of before the story may be taken back and sent anew: that one alone was sent in it.
      if (turn.isCopy || isPast(turn.id)) continue;
      counts.set(turn.firstText, (counts.get(turn.firstText) ?? 0) + 1);
      const message = world.sent.find((sent) => sent.text === turn.firstText);
      if (message === undefined) continue;
      const isOwn = world.sent.some((sent) => sent.text === turn.firstText && sent.session === session);
      if (!isOwn)
        world.complain(
          new Violation(
            "S7",
            `"${turn.firstText}", written in ${message.session}, is in the log of ${session}`,
          ),
        );
      // Those that were taken back and joined with others, too: a backup that is put back takes them along.
      const pieces = new Set(turn.firstText.split("\n\n"));
      for (const sent of world.sent)
        if (sent.text.split("\n\n").every((piece) => pieces.has(piece))) sent.wasLogged = true;
    }
  }
  for (const message of world.sent) {
    if (message.wasUnkept && !world.browser.storage.isFull && isOnDisk(world, message.text))
      message.wasUnkept = false;
    const sends = world.sent.filter((sent) => sent.text === message.text).length;
    const count = counts.get(message.text) ?? 0;
    if (count > sends) world.complain(new Violation("S7", `"${message.text}" is in the log ${count} times`));
    if (count > 0 || isExcused(world, message)) continue;
    if (message.text.split("\n\n").some((piece) => !joined.has(piece) && !isKept(world, piece))) {
      world.complain(
        new Violation(
          "S7",
          `"${message.text}" is lost: not in the log, not in the outbox, not in a composer`,
        ),
      );
    }
  }
}

function isExcused(world: World, message: SentMessage): boolean {
  const { session } = message;
  if (message.isTakenBack || message.wasUnkept) return true;
  if (session !== undefined && (world.deletedByPerson.has(session) || world.book.deleted.has(session)))
    return true;
  return message.wasLogged && world.book.restores() > 0;
}

/** Somewhere the next page finds it. */
function isOnDisk(world: World, text: string): boolean {
  const { storage, disk } = world.browser;
  for (const [key, value] of storage.texts) {
    if (/^holdfast:(outbox|draft):/.test(key) && hasWord(value, text)) return true;
  }
  for (const [key, value] of disk.records) {
    if (/^(outbox|draft)\//.test(key) && hasWord(JSON.stringify(value), text)) return true;
  }
  return false;
}

/** Somewhere a person, or the next page, finds it. */
function isKept(world: World, text: string): boolean {
  if (isOnDisk(world, text)) return true;
  return world.liveTabs().some(
    ([, life]) =>
      hasWord(life.app.state.draft.text.peek(), text) ||
      // Put under "New session" a moment ago: on disk within 250 ms.
      hasWord(life.environment.drafts.peek("new"), text) ||
      life.engine.outbox
        .entries()
        .some((entry) => "body" in entry && "text" in entry.body && hasWord(entry.body.text, text)),
  );
}

/** "Q1" is not in "Q12". */
function hasWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const next = text.charCodeAt(at + word.length);
    if (!(next >= 48 && next <= 57)) return true;
  }
  return false;
}
