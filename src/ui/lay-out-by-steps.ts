/** An element of fewer blocks is laid out at once. */
const MIN_BLOCKS = 48;
/** So much of the end is laid out at once: what is seen, and what a browser lays out beyond it for who begins to scroll. Unit: windows. */
const AT_ONCE_WINDOWS = 2.5;
/** Blocks that are laid out more in each frame: about 10 KB of prose. */
const BLOCKS_PER_FRAME = 20;

/** Guessed of a block until it is laid out; all of it is out of sight. Unit of both: px; letters of prose make lines of 90. */
const LINE_PX = 26;
const GAP_PX = 12;
const CHARS_PER_LINE = 90;

/**
 * Lays out the end of a long text at once, and the rest in steps, a frame each, from the end upward. For a text that comes
 * into the page as a whole: 100 KB take two frames to lay out, of which a screen is seen. What is seen elsewhere than at
 * the end the browser itself tells; where it does not know how to leave the rest out, all is laid out at once.
 *
 * @param chars How much text is in it; reading it out of the page would take as long as writing it. Unit: UTF-16 code units.
 * @returns An idempotent disposer; with it, all that is left is laid out at once.
 */
export function layOutBySteps(element: HTMLElement, chars: number): () => void {
  /** Blocks, and groups of which all blocks are left: each that is left out costs a frame its share. */
  const left = elementsIn(element);
  const blocks = left.reduce((sum, each) => sum + blocksIn(each), 0);
  if (blocks < MIN_BLOCKS) return () => undefined;
  const px = Math.round((chars / blocks / CHARS_PER_LINE) * LINE_PX + GAP_PX);
  // What is left out and found to be in sight is styled and laid out in a pass of its own. No layout is forced by asking for this.
  for (let room = AT_ONCE_WINDOWS * outerHeight; room > 0 && left.length > 0; room -= px) takeBlock();
  left.forEach(leaveOut);
  let frame = requestAnimationFrame(step);

  function step(): void {
    for (let count = 0; count < BLOCKS_PER_FRAME && left.length > 0; count += 1) takeBlock();
    if (left.length > 0) frame = requestAnimationFrame(step);
  }

  /** The last that is left. */
  function takeBlock(): void {
    const last = left.pop();
    if (last === undefined) return;
    release(last);
    if (!isGroup(last)) return;
    const within = elementsIn(last);
    within.forEach(leaveOut);
    left.push(...within);
    takeBlock();
  }

  function leaveOut(part: HTMLElement): void {
    part.style.containIntrinsicBlockSize = `${px * blocksIn(part)}px`;
    part.style.contentVisibility = "auto";
  }

  return () => {
    cancelAnimationFrame(frame);
    left.splice(0).forEach(release);
  };
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

function release({ style }: HTMLElement): void {
  style.contentVisibility = "";
  style.containIntrinsicBlockSize = "";
}
