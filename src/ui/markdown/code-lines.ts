import { createTextRun, growTextRun, textRunLength, type TextRun } from "../text-run.ts";
import { createElement } from "./element.ts";
import { createGroups } from "./groups.ts";

/** Lines in one chunk: layout of an open chunk is paid each frame, a closed one is not touched. */
const CHUNK_LINES = 8;

/**
 * The text of a block of code in the page: chunks that are blocks of their own, in those one node per line, and
 * 16 chunks in a block. Only the last line ever changes.
 */
export interface CodeLines {
  /** Lines that will not change any more, each with its line end if it has one. */
  readonly closed: readonly ChildNode[];
  /**
   * Keeps the first `keep` characters and appends `text`.
   * @returns False, having done nothing, where `keep` lies before the last line, or the last was closed without a line end.
   */
  grow(keep: number, text: string): boolean;
  /** The last line will not grow either, though it has no line end. */
  close(): void;
  /** All of it, without a line end after the last line. */
  text(): string;
}

export function createCodeLines(element: HTMLElement): CodeLines {
  const closed: ChildNode[] = [];
  const chunks = createGroups(
    element,
    () => createElement("span", "md-lines"),
    () => null,
  );
  let closedChars = 0;
  /** The last line, while it has no line end. */
  let open: TextRun | undefined;
  let isEnded = false;

  function closeLast(): void {
    if (open === undefined) return;
    closedChars += textRunLength(open);
    closed.push(nodeOf(open));
    open = undefined;
  }

  function growOpen(keep: number, text: string): void {
    if (open !== undefined) {
      growTextRun(open, keep, text);
      if (textRunLength(open) > 0) return;
      for (const piece of open.pieces) piece.remove();
      open = undefined;
      chunks.trim(Math.ceil(closed.length / CHUNK_LINES));
    } else if (text !== "") {
      open = createTextRun(text);
      chunks.at(Math.floor(closed.length / CHUNK_LINES)).append(...open.pieces);
    }
  }

  return {
    closed,
    grow(keep, text) {
      let kept = keep - closedChars;
      if (kept < 0 || isEnded) return false;
      let from = 0;
      for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", from)) {
        growOpen(kept, text.slice(from, end + 1));
        closeLast();
        kept = 0;
        from = end + 1;
      }
      growOpen(kept, text.slice(from));
      return true;
    },
    close() {
      isEnded ||= open !== undefined;
      closeLast();
    },
    text() {
      const nodes = [...closed, ...(open?.pieces ?? [])];
      return withoutLineEnd(nodes.map((node) => node.textContent).join(""));
    },
  };
}

export function withoutLineEnd(text: string): string {
  return text.replace(/\n$/, "");
}

/** A line is one node, so that what decorates it can replace it. */
function nodeOf({ pieces }: TextRun): ChildNode {
  const [first] = pieces;
  if (first !== undefined && pieces.length === 1) return first;
  const holder = createElement("span");
  first?.before(holder);
  holder.append(...pieces);
  return holder;
}
