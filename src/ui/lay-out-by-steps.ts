/** An element of fewer blocks is laid out at once. */
const MIN_BLOCKS = 48;
/** Blocks that are laid out more in each frame: about 10 KB of prose. */
const BLOCKS_PER_FRAME = 20;

/** Guessed of a block until it is laid out; all of it is out of sight. Unit of both: px; letters of prose make lines of 90. */
const LINE_PX = 26;
const GAP_PX = 12;
const CHARS_PER_LINE = 90;

/**
 * Lays out what a long text shows at once, and the rest in steps, a frame each, from the end upward. For a text that comes
 * into the page as a whole: 100 KB take two frames to lay out, of which a screen is seen. The browser itself tells what
 * is seen; where it does not know how to leave the rest out, all is laid out at once.
 *
 * @param chars How much text is in it; reading it out of the page would take as long as writing it. Unit: UTF-16 code units.
 * @returns An idempotent disposer; with it, all that is left is laid out at once.
 */
export function layOutBySteps(element: HTMLElement, chars: number): () => void {
  const left = [...element.querySelectorAll<HTMLElement>(":scope > :not(.md-group), :scope > .md-group > *")];
  if (left.length < MIN_BLOCKS) return () => undefined;
  const px = Math.round((chars / left.length / CHARS_PER_LINE) * LINE_PX + GAP_PX);
  for (const { style } of left) {
    style.containIntrinsicBlockSize = `${px}px`;
    style.contentVisibility = "auto";
  }
  let frame = requestAnimationFrame(step);

  function step(): void {
    release(left.splice(-BLOCKS_PER_FRAME));
    if (left.length > 0) frame = requestAnimationFrame(step);
  }

  return () => {
    cancelAnimationFrame(frame);
    release(left.splice(0));
  };
}

function release(blocks: readonly HTMLElement[]): void {
  for (const { style } of blocks) {
    style.contentVisibility = "";
    style.containIntrinsicBlockSize = "";
  }
}
