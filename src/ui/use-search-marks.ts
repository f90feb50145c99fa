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
  const current = state.search.current.value;
  const target = state.conversation.target.value;

  useEffect(() => {
    const box = scroller.current;
    if (!isOpen || box === null) return undefined;
    const marks = createSearchMarks(box);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isDue = current !== undefined && target?.turn === current.turn && target.occurrence !== undefined;
    const mark = (): void => {
      timer = undefined;
      const range = marks.mark(query, current);
      if (!isDue || range === undefined) return;
      isDue = false;
      show(box, range);
    };
    const show = (scrolled: HTMLElement, range: Range): void => {
      const view = scrolled.getBoundingClientRect();
      const place = range.getBoundingClientRect();
      const margin = 0.1 * view.height;
      if (place.top >= view.top + margin && place.bottom <= view.bottom - margin) return;
      sticky.current?.moveBy(place.top - view.top - OCCURRENCE_AT * view.height);
    };
    const observer = new MutationObserver(() => {
      timer ??= setTimeout(mark, MARK_AGAIN_MS);
    });
    observer.observe(box, { childList: true, characterData: true, subtree: true });
    mark();
    return () => {
      observer.disconnect();
      clearTimeout(timer);
      marks.clear();
    };
  }, [isOpen, query, current, target, session]);
}
