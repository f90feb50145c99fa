import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import type { SessionId } from "../protocol/ids.ts";
import { useApp } from "./app-context.ts";
import { createSearchMarks } from "./search-marks.ts";
import type { StickyScroll } from "./sticky-scroll.ts";

/** What comes into the page is marked this long after it came: an answer that streams changes it sixty times a second. Unit: ms. */
const MARK_AGAIN_MS = 200;
/** An occurrence that is gone to stands this far down. Unit: share of the screen. */
const OCCURRENCE_AT = 0.3;

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
    const marks = createSearchMarks(box);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isDue = place !== undefined && target?.turn === place.turn && target.occurrence !== undefined;
    const mark = (): void => {
      timer = undefined;
      const range = marks.mark(query, place);
      // In a part that is folded it has no place yet: its card opens, and then it is looked for again.
      if (!isDue || range === undefined || range.getClientRects().length === 0) return;
      isDue = false;
      show(box, range);
    };
    const show = (scrolled: HTMLElement, range: Range): void => {
      const view = scrolled.getBoundingClientRect();
      const words = range.getBoundingClientRect();
      const margin = 0.1 * view.height;
      if (words.top >= view.top + margin && words.bottom <= view.bottom - margin) return;
      sticky.current?.moveBy(words.top - view.top - OCCURRENCE_AT * view.height);
    };
    const observer = new MutationObserver(() => {
      timer ??= setTimeout(mark, MARK_AGAIN_MS);
    });
    observer.observe(box, {
      childList: true,
      characterData: true,
      attributeFilter: ["open"],
      subtree: true,
    });
    mark();
    return () => {
      observer.disconnect();
      clearTimeout(timer);
      marks.clear();
    };
  }, [isOpen, query, place, target, session]);
}
