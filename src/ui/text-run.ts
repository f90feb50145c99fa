import { isSelectionEnd } from "./selection-ends.ts";

/**
 * A piece of text ends at the first white space from here on. One text node of 100 KB costs WebKit 9 ms a frame;
 * pieces make the cost of a frame that of a piece. Unit: UTF-16 code units.
 */
const CUT_FROM_CHARS = 1_800;

/** Where there is no white space, from here on between any two letters. Unit: UTF-16 code units. */
const CUT_ANYWHERE_CHARS = 2_000;

/** And from here on between what belongs together. Unit: UTF-16 code units. */
const CUT_REGARDLESS_CHARS = 4_000;

/** Up to here a text is set anew rather than appended to. Unit: UTF-16 code units. */
const SHORT_CHARS = 400;

const JOINS_PREVIOUS = /[\p{M}\p{Emoji_Modifier}\u200C\u200D]/u;

/** A growing text in the page, as text nodes that stand side by side. Where it is cut depends on the text alone, not on how it grew. */
export interface TextRun {
  readonly kind: "text";
  /** At least one. */
  readonly pieces: Text[];
  /** In all pieces but the last. */
  closedChars: number;
}

export function createTextRun(text: string): TextRun {
  const run: TextRun = { kind: "text", pieces: [new Text("")], closedChars: 0 };
  growTextRun(run, 0, text);
  return run;
}

export function lastPiece(run: TextRun): Text {
  // Never empty by construction; the fallback is for the type alone.
  return run.pieces.at(-1) ?? new Text("");
}

export function textRunLength(run: TextRun): number {
  return run.closedChars + lastPiece(run).length;
}

/** Keeps the first `keep` characters and appends `text`. Reads and writes the last piece alone, but where less than that is kept. */
export function growTextRun(run: TextRun, keep: number, text: string): void {
  let last = reopen(run, keep);
  const kept = keep - run.closedChars;
  if (kept + text.length < CUT_FROM_CHARS) {
    replaceEnd(last, kept, text);
    return;
  }
  if (kept < last.length) last.deleteData(kept, last.length - kept);
  const whole = last.data + text;
  let from = 0;
  for (let to = findCut(whole, 0); to !== undefined; to = findCut(whole, from)) {
    setEnd(last, whole.slice(from, to));
    const next = new Text("");
    last.after(next);
    run.pieces.push(next);
    run.closedChars += to - from;
    last = next;
    from = to;
  }
  setEnd(last, whole.slice(from));
}

/** Takes pieces away until the last is one in which `keep` ends, or whose end depended on what is no longer kept. */
function reopen(run: TextRun, keep: number): Text {
  let last = lastPiece(run);
  while (run.pieces.length > 1 && keep <= run.closedChars) {
    last.remove();
    run.pieces.pop();
    last = lastPiece(run);
    run.closedChars -= last.length;
  }
  return last;
}

/**
 * Chromium shapes a text that is appended to at once, and takes the square of what is in its paragraph for it: 4 s for
 * 4,000 lines. A text that is set anew is shaped by the next layout, with all that was added since. Long ones are
 * appended to all the same: of those the layout shapes the end alone, and no paragraph has many of them.
 */
function replaceEnd(node: Text, kept: number, text: string): void {
  // Setting its data would drop a selection that begins or ends in it.
  if (node.length <= SHORT_CHARS && !isSelectionEnd(node)) {
    if (kept < node.length || text !== "") node.data = node.data.slice(0, kept) + text;
    return;
  }
  if (kept < node.length) node.deleteData(kept, node.length - kept);
  if (text !== "") node.appendData(text);
}

/** Appends or cuts off where it can: replacing the data would drop a selection in it. */
function setEnd(node: Text, data: string): void {
  if (data.length < node.length) node.deleteData(data.length, node.length - data.length);
  else if (data.length > node.length) node.appendData(data.slice(node.length));
}

/** Where the piece that begins at `from` ends, if what follows it is there already. */
function findCut(text: string, from: number): number | undefined {
  for (let at = from + CUT_FROM_CHARS; at < text.length; at += 1) {
    const chars = at - from;
    if (chars >= CUT_REGARDLESS_CHARS) return isWithinPair(text, at) ? at - 1 : at;
    if (isSpace(text.charCodeAt(at - 1))) return at;
    if (chars >= CUT_ANYWHERE_CHARS && !isWithinPair(text, at) && !isJoined(text, at)) return at;
  }
  return undefined;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x09;
}

function isWithinPair(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0xdc_00 && code <= 0xdf_ff;
}

/** Marks on a letter, and what a joiner joins, are drawn as one. */
function isJoined(text: string, at: number): boolean {
  const next = text.codePointAt(at);
  return (next !== undefined && JOINS_PREVIOUS.test(String.fromCodePoint(next))) || text[at - 1] === "\u200D";
}
