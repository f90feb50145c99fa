import type { SessionId } from "../../../src/protocol/ids.ts";
import type { TurnView } from "../../../src/state/turn-view.ts";
import type { Life } from "../world/tab.ts";
import type { World } from "../world/world.ts";
import { endedTurns, textOf, turnComplaint } from "./conversations.ts";

/**
 * S2, for what is shown without the core's holding it: turns far up, loaded apart, whole and without a hole between them.
 * Where the page shows no gap behind them, nothing is missing there. Answers what is wrong, as the rest of a sentence.
 */
export function farTurnsComplaint(world: World, life: Life, session: SessionId): string | undefined {
  const { conversation } = life.app.state;
  const view = life.core.view(session);
  if (view?.cursor === undefined) return undefined;
  const { cursor } = view;
  const history = world.book.of(session, cursor.epoch);
  if (history === undefined) return undefined;
  const held = new Set<string>([...view.earlier.map((turn) => turn.id), ...view.conversation.turns.keys()]);
  const rows = conversation.rows.peek();
  const shown = rows.flatMap((row) => row.slots.flatMap((slot) => slot.alternatives)).filter(isAccepted);
  const shownIds = new Set<string>(shown.map((turn) => turn.id));
  const far = shown.filter((turn) => !held.has(turn.id));
  // Not painted yet: the page still shows what was held before, withdrawn by now, or of another incarnation of the log.
  const isPast = ({ id }: TurnView): boolean => {
    const told = history.turns.get(id);
    return told === undefined || told.withdrawnSeq <= cursor.seq;
  };
  if ([...held].some((id) => !shownIds.has(id)) || far.some(isPast)) return undefined;
  const hasGap = conversation.gapAfter.peek() !== undefined;
  if (far.length === 0) return hasGap ? "shows a gap behind nothing" : undefined;
  const ended = endedTurns(history, cursor.seq);
  for (const turn of far) {
    if (!ended.includes(turn.id)) return `shows turn ${turn.id}, which is neither held nor ended`;
    const complaint = turnComplaint(history, cursor.seq, {
      id: turn.id,
      text: turn.text,
      status: turn.status,
      parts: turn.parts.map((part) => ({ id: part.id, type: part.type, text: textOf(part.buffer) })),
    });
    if (complaint !== undefined) return `far up ${complaint}`;
  }
  const places = far.map((turn) => ended.indexOf(turn.id)).sort((left, right) => left - right);
  const from = places[0] ?? 0;
  const to = places.at(-1) ?? 0;
  if (to - from + 1 !== places.length)
    return `far up leaves out a turn between ${ended[from]} and ${ended[to]}`;
  const firstHeld = ended.findIndex((id) => held.has(id));
  const next = firstHeld < 0 ? ended.length : firstHeld;
  if (to >= next) return `shows turn ${ended[to]} far up, behind turns that it holds`;
  if (!hasGap && to !== next - 1) return `shows no gap between ${ended[to]} and ${ended[next]}`;
  if (!conversation.hasMore.peek() && from !== 0) return `shows turn ${ended[from]} as the first of all`;
  const lastFar = shown.findLastIndex((turn) => !held.has(turn.id));
  if (shown.slice(0, lastFar).some((turn) => held.has(turn.id)))
    return "shows far turns behind turns that it holds";
  return undefined;
}

function isAccepted(turn: TurnView): boolean {
  return turn.delivery.kind === "accepted";
}
