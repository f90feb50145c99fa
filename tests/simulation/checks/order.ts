import type { LogHistory } from "../world/log-book.ts";
import { Violation } from "../world/violation.ts";
import type { SentMessage, World } from "../world/world.ts";

/** What one tab sent into one session is in its log in the order in which it was sent. */
export function checkOrder(world: World): void {
  const latest = new Map<string, { readonly seq: number; readonly text: string }>();
  const sends = new Map<string, number>();
  for (const { text } of world.sent) sends.set(text, (sends.get(text) ?? 0) + 1);
  for (const message of world.sent) {
    const { session, tab, text } = message;
    // Asked again, taken back and sent anew: the log tells its words, not which of the two sends a turn is of.
    if (sends.get(text) !== 1) continue;
    const log = session === undefined ? undefined : world.book.current(session);
    const seq =
      log === undefined || message.isTakenBack || message.isOvertakable ? undefined : queuedSeq(log, message);
    if (seq === undefined) continue;
    const key = `${session} ${tab}`;
    const before = latest.get(key);
    if (before !== undefined && before.seq > seq) {
      world.complain(
        new Violation("order", `"${text}" is in the log of ${session} before "${before.text}", sent earlier`),
      );
      return;
    }
    latest.set(key, { seq, text });
  }
}

function queuedSeq(log: LogHistory, message: SentMessage): number | undefined {
  for (const turn of log.turns.values())
    if (!turn.isCopy && turn.firstText === message.text) return turn.queuedSeq;
  return undefined;
}
