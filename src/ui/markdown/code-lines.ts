import { createTextRun, growTextRun, textRunLength, type TextRun } from "../text-run.ts";

/** Lines in one chunk: layout of an open chunk is paid each frame, a closed one is not touched. */
const CHUNK_LINES = 16;

/**
 * The text of a block of code in the page: chunks that are blocks of their own, in those one node per line.
 * Only the last line ever changes.
 */
export interface CodeLines {
  readonly element: HTMLElement;
  /** Lines that will not change any more, each with its line end if it has one. */
  readonly closed: ChildNode[];
  closedChars: number;
  /** The last line, while it has no line end. */
  open: TextRun | undefined;
  /** The last closed line has no line end: nothing can follow it. */
  isEnded: boolean;
}

export function createCodeLines(element: HTMLElement): CodeLines {
  return { element, closed: [], closedChars: 0, open: undefined, isEnded: false };
}

/**
 * Keeps the first `keep` characters and appends `text`.
 * @returns False, having done nothing, where `keep` lies before the last line, or the last was closed without a line end.
 */
export function growCodeLines(lines: CodeLines, keep: number, text: string): boolean {
  let kept = keep - lines.closedChars;
  if (kept < 0 || lines.isEnded) return false;
  let from = 0;
  for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", from)) {
    growOpen(lines, kept, text.slice(from, end + 1));
    closeLast(lines);
    kept = 0;
    from = end + 1;
  }
  growOpen(lines, kept, text.slice(from));
  return true;
}

/** The last line will not grow either. */
export function closeOpenLine(lines: CodeLines): void {
  if (lines.open === undefined) return;
  closeLast(lines);
  lines.isEnded = true;
}

function closeLast(lines: CodeLines): void {
  const { open } = lines;
  if (open === undefined) return;
  lines.closedChars += textRunLength(open);
  lines.closed.push(nodeOf(open));
  lines.open = undefined;
}

/** The text of a closed line, without its line end. */
export function closedLineText(lines: CodeLines, index: number): string {
  return (lines.closed[index]?.textContent ?? "").replace(/\n$/, "");
}

/** All of it, without a line end after the last line. */
export function codeText(lines: CodeLines): string {
  const closed = lines.closed.map((node) => node.textContent ?? "").join("");
  return (closed + (lines.open?.pieces.map((piece) => piece.data).join("") ?? "")).replace(/\n$/, "");
}

function growOpen(lines: CodeLines, keep: number, text: string): void {
  if (lines.open !== undefined) {
    growTextRun(lines.open, keep, text);
    if (textRunLength(lines.open) === 0) dropOpen(lines, lines.open);
  } else if (text !== "") {
    lines.open = createTextRun(text);
    chunkFor(lines).append(...lines.open.pieces);
  }
}

/** No chunk is there without a line. */
function dropOpen(lines: CodeLines, open: TextRun): void {
  for (const piece of open.pieces) piece.remove();
  lines.open = undefined;
  const chunk = lines.element.lastElementChild;
  if (chunk?.firstChild === null) chunk.remove();
}

/** Where the next line goes. */
function chunkFor(lines: CodeLines): Element {
  const last = lines.element.lastElementChild;
  if (last !== null && lines.closed.length % CHUNK_LINES !== 0) return last;
  const chunk = document.createElement("span");
  chunk.className = "md-lines";
  lines.element.append(chunk);
  return chunk;
}

/** A line is one node, so that what decorates it can replace it. */
function nodeOf(run: TextRun): ChildNode {
  const [first] = run.pieces;
  if (first !== undefined && run.pieces.length === 1) return first;
  const holder = document.createElement("span");
  first?.before(holder);
  holder.append(...run.pieces);
  return holder;
}
