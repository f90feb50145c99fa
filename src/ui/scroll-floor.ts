/** Keeps a scroller as high as its content was when it was last looked at. */
export interface ScrollFloor {
  /** How high the content is by now; from here on this height is kept. A layout, where the content has changed. Unit: px. */
  measure(): number;
  /** The content was made lower, or higher, on purpose. Unit: px. */
  shift(px: number): void;
}

/**
 * Content that shrinks for a moment, as when a plain text is taken out to be written anew with its formats, must not move
 * the view: whatever asks for a layout in that moment has the browser bring the view to the new end, and by the time of
 * the scroll event the content may be as high as before, and nothing tells this from a reader who moved up.
 *
 * @param element In `scroller`, out of the flow, with nothing to be seen; only its height is written.
 */
export function createScrollFloor(
  scroller: HTMLElement,
  content: HTMLElement,
  element: HTMLElement,
): ScrollFloor {
  let floorPx = 0;
  let contentPx = 0;
  let screenPx = 0;
  const set = (px: number): void => {
    if (px === floorPx) return;
    floorPx = px;
    element.style.height = `${px}px`;
  };
  return {
    measure() {
      const { offsetHeight } = content;
      const { clientHeight } = scroller;
      // Lower than before, it would be the floor that is measured.
      if (offsetHeight < contentPx || clientHeight < screenPx) set(0);
      contentPx = offsetHeight;
      screenPx = clientHeight;
      const height = scroller.scrollHeight;
      set(height);
      return height;
    },
    shift: (px) => set(Math.max(0, floorPx + px)),
  };
}
