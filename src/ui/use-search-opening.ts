import { effect } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { PartId, TurnId } from "../protocol/ids.ts";
import type { OccurrencePlace } from "../state/search-state.ts";
import { useApp } from "./app-context.ts";

/** Places that a part was opened for: one that is folded again by hand stays so when its row comes back into the page. */
const OPENED = new WeakSet<OccurrencePlace>();

/** Calls `open` when a search goes to an occurrence within the part. */
export function useSearchOpening(turn: TurnId, part: PartId, open: () => void): void {
  const { search } = useApp().state;
  const latest = useRef(open);
  latest.current = open;
  useLayoutEffect(
    () =>
      effect(() => {
        const place = search.place.value;
        if (place?.turn !== turn || place.part !== part || OPENED.has(place)) return;
        OPENED.add(place);
        latest.current();
      }),
    [search, turn, part],
  );
}
