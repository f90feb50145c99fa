import type { Token } from "marked";
import { bufferText, type TextBuffer } from "../../protocol/conversation.ts";
import { followCopyButtons } from "./copy-code.ts";
import { lexBlocks, START } from "./lex-blocks.ts";
import { morph } from "./morph.ts";
import { addRaw, renderBlock } from "./render-block.ts";
import { UNBOUNDED, type WriteBudget } from "./write-budget.ts";
import "./markdown.css";

/** Puts a growing answer into an element that is its own, as formatted Markdown. */
export interface AnswerWriter {
  /**
   * Brings the page to what `buffer` holds; at most once a frame. A settled text is written at once, but for what is
   * beyond the budget of a frame: that follows in the next ones.
   */
  update(buffer: TextBuffer, isSettled: boolean): void;
  dispose(): void;
}

/** What the writer needs of the world; tests bring their own. */
export interface WriterClock {
  /** Unit: ms, fractions included. */
  now(): number;
  /** Returns an idempotent disposer. */
  setTimer(delayMs: number, run: () => void): () => void;
}

/** A write that took longer than this is followed by a pause of four times its length. Unit: ms. */
const LONG_WRITE_MS = 8;

const pageClock: WriterClock = {
  now: () => performance.now(),
  setTimer(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

interface ShownBlock {
  readonly type: string;
  readonly raw: string;
  /** Undefined: a block that shows nothing. */
  readonly element: Element | undefined;
}

/**
 * Whatever the chunking, a settled text looks as if it had been written at once. Leading blocks that didn't change
 * keep their elements; the rest is patched, so selection and scroll survive. Raw HTML is text, no picture is
 * loaded, and no string of HTML exists anywhere. No input throws.
 */
export function createAnswerWriter(
  mount: HTMLElement,
  clock: WriterClock = pageClock,
  budget: WriteBudget = UNBOUNDED,
): AnswerWriter {
  let shown: ShownBlock[] = [];
  let definitions = "";
  let boundary = START;
  let shownLength = -1;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let cancelCatchUp = (): void => undefined;
  let isDisposed = false;
  const unfollow = followCopyButtons(mount);

  const write = (buffer: TextBuffer): void => {
    cancelCatchUp();
    if (buffer.length === shownLength) return;
    const from = Math.max(shownLength, 0);
    const until = from + budget.take(buffer.length - from);
    if (until > from || buffer.length === 0) writeUntil(buffer, until);
    if (until < buffer.length) cancelCatchUp = budget.whenRefilled(() => write(buffer));
  };

  const writeUntil = (buffer: TextBuffer, until: number): void => {
    const startedAt = clock.now();
    shownLength = until;
    writeText(until < buffer.length ? bufferText(buffer).slice(0, until) : bufferText(buffer));
    const tookMs = clock.now() - startedAt;
    pausedUntil = tookMs > LONG_WRITE_MS ? startedAt + tookMs * 5 : Number.NEGATIVE_INFINITY;
  };

  const writeText = (text: string): void => {
    try {
      writeBlocks(text);
    } catch {
      // Nesting beyond the stack (ten thousand `>`): legible as it is, and better than nothing.
      mount.replaceChildren();
      shown = [];
      definitions = "";
      boundary = START;
      addRaw(mount, text);
    }
  };

  const writeBlocks = (given: string): void => {
    const text = given.includes("\r") ? given.replaceAll(/\r\n|\r/g, "\n") : given;
    let from = boundary;
    let lexed = lexBlocks(text, from);
    const isRedefined = lexed.definitions !== definitions;
    if (isRedefined && from !== START) {
      from = START;
      lexed = lexBlocks(text, from);
    }
    const { blocks } = lexed;
    const first = firstChanged(shown.slice(from.blocks), blocks, isRedefined);
    lexed.readInlines(first);
    // What a fallback left behind belongs to no block.
    if (shown.length === 0) mount.replaceChildren();
    const before = shown;
    shown = before.slice(0, from.blocks + first);
    for (const token of blocks.slice(first)) shown.push(place(token, before[shown.length]?.element, shown));
    for (const { element } of before.slice(shown.length)) if (element !== undefined) takeOut(element);
    definitions = lexed.definitions;
    boundary = lexed.boundary;
  };

  /** Puts a block where `old` stood, or after what is before it. */
  const place = (token: Token, old: Element | undefined, before: readonly ShownBlock[]): ShownBlock => {
    const { type, raw } = token;
    const wanted = renderBlock(token);
    if (wanted === undefined) {
      if (old !== undefined) takeOut(old);
      return { type, raw, element: undefined };
    }
    if (old !== undefined) return { type, raw, element: morph(old, wanted) };
    const previous = before.findLast(({ element }) => element !== undefined)?.element;
    if (previous !== undefined) previous.after(SEPARATOR, wanted);
    else if (mount.hasChildNodes()) mount.prepend(wanted, SEPARATOR);
    else mount.append(wanted);
    return { type, raw, element: wanted };
  };

  return {
    update(buffer, isSettled) {
      if (isDisposed) return;
      const waitMs = isSettled ? 0 : pausedUntil - clock.now();
      if (waitMs <= 0) {
        write(buffer);
        return;
      }
      // The pause must not swallow the last update: a model that stops here would leave its end unseen.
      cancelCatchUp();
      cancelCatchUp = clock.setTimer(waitMs, () => write(buffer));
    },
    dispose() {
      if (isDisposed) return;
      isDisposed = true;
      cancelCatchUp();
      unfollow();
      mount.replaceChildren();
    },
  };
}

/** Stands between any two blocks: words of two blocks are two words in the page's text as well. */
const SEPARATOR = "\n";

/** Removes a block and the one separator that goes with it. */
function takeOut(block: Element): void {
  (block.previousSibling ?? block.nextSibling)?.remove();
  block.remove();
}

function firstChanged(shown: readonly ShownBlock[], blocks: readonly Token[], isRedefined: boolean): number {
  const changed = shown.findIndex(({ type, raw }, at) => {
    const block = blocks[at];
    const isSame = block !== undefined && block.type === type && block.raw === raw;
    return !isSame || (isRedefined && raw.includes("["));
  });
  return changed === -1 ? shown.length : changed;
}
