import { MAX_FRAME_BYTES } from "../../../src/protocol/limits.ts";
import type { LogHistory } from "./log-book.ts";

/** Of a page by its first turn or the one after it. PX.20: two at least, and one that is there already beside them. */
const FEW_TURNS = 3;

/**
 * How many turns a page of a snapshot has in a story of small pages. What those of the newest page say does not fit into
 * one frame, as with real pages: a frame that began before it would tell of turns that are unknown there (§3).
 */
export function fewestTurns(log: LogHistory, isNewest: boolean): number {
  if (!isNewest) return FEW_TURNS;
  let count = 0;
  let chars = 0;
  for (const id of log.order.toReversed()) {
    if (chars > MAX_FRAME_BYTES) break;
    count += 1;
    for (const part of log.turns.get(id)?.parts.values() ?? []) chars += part.lengths.at(-1) ?? 0;
  }
  return Math.max(count, 1);
}
