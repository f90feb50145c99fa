/** Keeps a scroller as high as its content was when it was last looked at. */
export interface ScrollFloor {
  /** How high the content is by now. A layout, where it has changed. Unit: px. */
  measure(): number;
  /** From here on the height that was measured is kept. After what reads the page: it is laid out with the next frame. */
  hold(): void;
  /** Other content takes its place: nothing is kept until it is measured. */
  release(): void;
  /** The content was made lower, or higher, on purpose. Unit: px. */
  shift(px: number): void;
}

/**
 * Content that shrinks for a moment, as when a plain text is taken out to be written anew with its formats, must not move
 * the view: whatever asks for a layout in that moment has the browser bring the view to the new end, and by the time of
 * the scroll event the content may be as high as before, and nothing tells this from a reader who moved up.
 *
 * @param element In `scroller`, out of the flow, 1 px high at the top, with nothing to be seen.
 */
export function createScrollFloor(
  scroller: HTMLElement,
  content: HTMLElement,
  element: HTMLElement,
): ScrollFloor {
  let floorPx = 0;
  let contentPx = 0;
  let screenPx = 0;
  let measuredPx = 0;
  const set = (px: number): void => {
    if (px === floorPx) return;
    floorPx = px;
    // What is moved out of its place counts as something to be scrolled to, and costs no layout.
    element.style.transform = px === 0 ? "" : `translateY(${px - 1}px)`;
  };
  return {
    measure() {
      const { offsetHeight } = content;
      const { clientHeight } = scroller;
      // Lower than before, it would be the floor that is measured.
      if (offsetHeight < contentPx || clientHeight < screenPx) set(0);
      contentPx = offsetHeight;
      screenPx = clientHeight;
      measuredPx = scroller.scrollHeight;
      return measuredPx;
    },
    hold: () => set(measuredPx),
    release() {
      measuredPx = 0;
      set(0);
    },
    shift(px) {
      measuredPx = Math.max(0, measuredPx + px);
      set(Math.max(0, floorPx + px));
    },
  };
}
