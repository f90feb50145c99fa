import type { FoundTurn, Occurrence } from "../state/search-state.ts";

/** The occurrence after (`by` 1) or before (`by` −1) `from`, all around; without `from` the first or the last. */
export function neighbourOf(
  found: readonly FoundTurn[],
  from: Occurrence | undefined,
  by: 1 | -1,
): Occurrence | undefined {
  const at = from === undefined ? -1 : found.findIndex(({ turn }) => turn === from.turn);
  const here = found[at];
  if (from !== undefined && here !== undefined) {
    const index = from.index + by;
    if (index >= 0 && index < here.count) return { turn: here.turn, index };
  }
  const start = at < 0 ? (by === 1 ? 0 : found.length - 1) : (at + by + found.length) % found.length;
  const next = found[start];
  return next === undefined ? undefined : { turn: next.turn, index: by === 1 ? 0 : next.count - 1 };
}
