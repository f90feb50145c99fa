import type { LineCursor } from "./line-cursor.ts";

const MARKER = /^(?:([*+-])|(\d{1,9})([.)]))(?=[ \t]|$)/;
/** What may interrupt a paragraph: not empty, and with 1 as its number. */
const INTERRUPTING = /^(?:[*+-]|0*1[.)])[ \t]+[^ \t]/;

/** The beginning of an item. */
export interface ListMarker {
  /** Columns to what is in the item, from the container's edge. */
  readonly contentIndent: number;
  /** A list goes on with items of the same character. */
  readonly bullet: string;
  readonly isOrdered: boolean;
  readonly start: number;
}

/** A list marker at the cursor, which is moved past it; undefined: there is none, and the cursor stands as before. [CommonMark 5.2] */
export function scanListMarker(cursor: LineCursor, isInParagraph: boolean): ListMarker | undefined {
  const { text, indent } = cursor;
  const match = MARKER.exec(text);
  if (match === null || (isInParagraph && !INTERRUPTING.test(text))) return undefined;
  const [source, bullet, digits, delimiter = ""] = match;
  cursor.advanceOver(source);
  // One to four columns belong to the marker; five or more begin indented code after the first.
  const spaces = cursor.isBlank || cursor.indent > 4 ? 1 : cursor.indent;
  cursor.advance(spaces);
  return {
    contentIndent: indent + source.length + spaces,
    bullet: bullet ?? delimiter,
    isOrdered: digits !== undefined,
    start: Number(digits ?? 1),
  };
}
