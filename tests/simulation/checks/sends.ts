import { localKeys, recordKeys } from "../../../src/persistence/keys.ts";
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
      if (turn.isCopy) continue;
      counts.set(turn.firstText, (counts.get(turn.firstText) ?? 0) + 1);
      const message = world.sent.find((sent) => sent.text === turn.firstText);
      if (message === undefined) continue;
      const isOwn = world.sent.some((sent) => sent.text === turn.firstText && sent.session === session);
      if (!isOwn) world.complain(new Violation("S7", `"${turn.firstText}", written in ${message.session}, is in the log of ${session}`));
      message.wasLogged = true;
    }
  }
  for (const message of world.sent) {
    if (message.wasUnkept && !world.browser.storage.isFull && isOnDisk(world, message.text)) message.wasUnkept = false;
    const sends = world.sent.filter((sent) => sent.text === message.text).length;
    const count = counts.get(message.text) ?? 0;
    if (count > sends) world.complain(new Violation("S7", `"${message.text}" is in the log ${count} times`));
    if (count === 0 && !joined.has(message.text) && !isExcused(world, message) && !isKept(world, message.text)) {
      world.complain(new Violation("S7", `"${message.text}" is lost: not in the log, not in the outbox, not in a composer`));
    }
  }
}

function isExcused(world: World, message: SentMessage): boolean {
  const { session } = message;
  if (message.isTakenBack || message.wasUnkept) return true;
  if (session !== undefined && (world.deletedByPerson.has(session) || world.book.deleted.has(session))) return true;
  return message.wasLogged && world.book.restores() > 0;
}

/** Somewhere the next page finds it. */
function isOnDisk(world: World, text: string): boolean {
  const quoted = JSON.stringify(text);
  const { storage, disk } = world.browser;
  for (const [key, value] of storage.texts) {
    if (key.startsWith(localKeys.outboxPrefix) && value.includes(quoted)) return true;
    if (key.startsWith(localKeys.draftPrefix) && value.includes(text)) return true;
  }
  for (const [key, value] of disk.records) {
    if (key.startsWith(recordKeys.outboxPrefix) && JSON.stringify(value).includes(quoted)) return true;
    if (key.startsWith("draft/") && JSON.stringify(value).includes(text)) return true;
  }
  return false;
}

/** Somewhere a person, or the next page, finds it. */
function isKept(world: World, text: string): boolean {
  if (isOnDisk(world, text)) return true;
  return world.liveTabs().some(
    ([, life]) =>
      life.app.state.draft.text.peek().includes(text) ||
      // Put under "New session" a moment ago: on disk within 250 ms.
      life.environment.drafts.peek("new").includes(text) ||
      life.engine.outbox.entries().some((entry) => "body" in entry && "text" in entry.body && entry.body.text === text),
  );
}
