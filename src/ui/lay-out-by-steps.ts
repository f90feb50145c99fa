/** An element of fewer blocks is laid out at once. */
const MIN_BLOCKS = 48;
/** So much of the end is laid out at once: what is seen, and a little more. Unit: windows. */
const AT_ONCE_WINDOWS = 1.25;
/** Blocks that are laid out more in each frame: about 5 KB of prose. */
const BLOCKS_PER_FRAME = 10;

/** Guessed of a block until it is laid out; all of it is out of sight. Unit of both: px; letters of prose make lines of 90. */
const LINE_PX = 26;
const GAP_PX = 12;
const CHARS_PER_LINE = 90;

/**
 * Lays out the end of a long text at once, and the rest in steps, a frame each, from the end upward; sooner what comes in
 * sight. For a text that comes into the page as a whole: 100 KB take several frames to style and lay out, of which a screen
 * is seen. Room is kept for what is left. It is `display: none`, for `content-visibility` spares WebKit the layout alone,
 * not the style, which is the greater part.
 *
 * @param chars How much text is in it; reading it out of the page would take as long as writing it. Unit: UTF-16 code units.
 * @param windowPx How high the window is. Unit: px.
 * @returns An idempotent disposer; with it, all that is left is laid out at once.
 */
export function layOutBySteps(element: HTMLElement, chars: number, windowPx: number): () => void {
  /** Blocks, and groups of which all blocks are left: each that is left out costs a frame its share. */
  const left = elementsIn(element);
  let blocks = left.reduce((sum, each) => sum + blocksIn(each), 0);
  if (blocks < MIN_BLOCKS) return () => undefined;
  const px = Math.round((chars / blocks / CHARS_PER_LINE) * LINE_PX + GAP_PX);
  let highest: HTMLElement | undefined;
  take(AT_ONCE_WINDOWS * windowPx);
  left.forEach(leaveOut);
  keepRoom();
  let frame = requestAnimationFrame(step);
  // Blocks that are lower than was guessed leave room in sight: seen before it is painted.
  const observer = new ResizeObserver(cover);
  observer.observe(element);
  // A scroll event does not bubble.
  const options = { capture: true, passive: true };
  addEventListener("scroll", cover, options);

  function step(): void {
    take(BLOCKS_PER_FRAME * px);
    keepRoom();
    if (left.length > 0) frame = requestAnimationFrame(step);
    else stop();
  }

  /** Called where the layout is known, so that none is forced by asking. */
  function cover(): void {
    const blankPx = highest?.getBoundingClientRect().top ?? 0;
    if (blankPx <= 0) return;
    take(blankPx + windowPx);
    keepRoom();
  }

  function take(guessedPx: number): void {
    for (let room = guessedPx; room > 0 && left.length > 0; room -= px) takeBlock();
  }

  /** The last that is left. */
  function takeBlock(): void {
    const last = left.pop();
    if (last === undefined) return;
    last.style.display = "";
    if (isGroup(last)) {
      const within = elementsIn(last);
      within.forEach(leaveOut);
      left.push(...within);
      takeBlock();
      return;
    }
    blocks -= 1;
    highest = last;
  }

  function keepRoom(): void {
    element.style.paddingBlockStart = left.length === 0 ? "" : `${blocks * px}px`;
  }

  function stop(): void {
    cancelAnimationFrame(frame);
    observer.disconnect();
    removeEventListener("scroll", cover, options);
  }

  return () => {
    stop();
    for (const each of left.splice(0)) each.style.display = "";
    keepRoom();
  };
}

function leaveOut({ style }: HTMLElement): void {
  style.display = "none";
}

function elementsIn(parent: Element): HTMLElement[] {
  return [...parent.querySelectorAll<HTMLElement>(":scope > *")];
}

function isGroup(element: Element): boolean {
  return element.className === "md-group";
}

function blocksIn(part: Element): number {
  return isGroup(part) ? elementsIn(part).reduce((sum, each) => sum + blocksIn(each), 0) : 1;
}
