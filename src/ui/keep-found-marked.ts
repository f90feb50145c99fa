import type { OccurrencePlace } from "../state/search-state.ts";
import { createSearchMarks } from "./search-marks.ts";
import type { StickyScroll } from "./sticky-scroll.ts";

/** What comes into the page is marked this long after it came: an answer that streams changes it sixty times a second. Unit: ms. */
const MARK_AGAIN_MS = 200;
/** An occurrence that is gone to stands this far down. Unit: share of the screen. */
const OCCURRENCE_AT = 0.3;

export interface Sought {
  readonly query: string;
  /** The current occurrence. */
  readonly place: OccurrencePlace | undefined;
  /** It is brought into sight once. */
  readonly isGoneTo: boolean;
}

/** Marks what is found in `box`, and what comes into it later. Returns a disposer that takes the marks away. */
export function keepFoundMarked(
  box: HTMLElement,
  { query, place, isGoneTo }: Sought,
  moveBy: StickyScroll["moveBy"],
): () => void {
  const marks = createSearchMarks(box);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isDue = isGoneTo;

  function mark(): void {
    timer = undefined;
    const range = marks.mark(query, place);
    // It has no place yet in a part that is folded, nor in what is left of a long text that comes back: the card opens, or
    // its step comes, and then it is looked for again.
    if (!isDue || range === undefined || range.getClientRects().length === 0) return;
    isDue = false;
    show(range);
  }

  function show(range: Range): void {
    const view = box.getBoundingClientRect();
    const words = range.getBoundingClientRect();
    const margin = 0.1 * view.height;
    if (words.top >= view.top + margin && words.bottom <= view.bottom - margin) return;
    moveBy(words.top - view.top - OCCURRENCE_AT * view.height);
  }

  const observer = new MutationObserver(() => {
    timer ??= setTimeout(mark, MARK_AGAIN_MS);
  });
  observer.observe(box, {
    childList: true,
    characterData: true,
    attributeFilter: ["open", "style"],
    subtree: true,
  });
  mark();
  return () => {
    observer.disconnect();
    clearTimeout(timer);
    marks.clear();
  };
}
