import type { PartId, TurnId } from "../protocol/ids.ts";
import { useApp } from "./app-context.ts";
import { useTaken } from "./use-taken.ts";

/** Calls `open` when a search goes to an occurrence within the part: once, so that one that is folded again by hand stays so. */
export function useSearchOpening(turn: TurnId, part: PartId, open: () => void): void {
  useTaken(useApp().state.search.place, (place) => {
    const isHere = place.turn === turn && place.part === part;
    if (isHere) open();
    return isHere;
  });
}
