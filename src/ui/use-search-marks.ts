import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import type { SessionId } from "../protocol/ids.ts";
import { useApp } from "./app-context.ts";
import type { StickyScroll } from "./sticky-scroll.ts";

/** Marks what is found as it comes into the page, and brings the current occurrence into sight once. */
export function useSearchMarks(
  scroller: RefObject<HTMLElement | null>,
  sticky: RefObject<StickyScroll | undefined>,
  session: SessionId,
): void {
  const { state } = useApp();
  const isOpen = state.search.isOpen.value;
  const query = state.search.query.value;
  const place = state.search.place.value;
  const target = state.conversation.target.value;

  useEffect(() => {
    const box = scroller.current;
    if (!isOpen || box === null) return undefined;
    const isGoneTo = place !== undefined && target?.turn === place.turn && target.occurrence !== undefined;
    let isOver = false;
    let clear = (): void => undefined;
    const begin = async (): Promise<void> => {
      const keepFoundMarked = await loadSearchMarks();
      if (isOver || keepFoundMarked === undefined) return;
      clear = keepFoundMarked(box, { query, place, isGoneTo }, (px) => sticky.current?.moveBy(px));
    };
    void begin();
    return () => {
      isOver = true;
      clear();
    };
  }, [isOpen, query, place, target, session]);
}

/** They come with the search bar, which says so when it can't be loaded. Never rejects. */
export async function loadSearchMarks(): Promise<
  typeof import("./keep-found-marked.ts").keepFoundMarked | undefined
> {
  try {
    return (await import("./keep-found-marked.ts")).keepFoundMarked;
  } catch {
    return undefined;
  }
}
