import type { LineCursor } from "./line-cursor.ts";
import type { BlockMarker } from "./block.ts";

const MARKER = /^(?:([*+-])|(\d{1,9})([.)]))/;

/** A list marker at the cursor, which is moved past it; undefined: there is none, and the cursor stands as before. [CommonMark 5.2] */
export function scanListMarker(cursor: LineCursor, isInParagraph: boolean): BlockMarker | undefined {
  const text = cursor.text;
  const match = MARKER.exec(text);
  if (match === null) return undefined;
  const [source, bullet, digits, delimiter] = match;
  const after = text.charAt(source.length);
  if (after !== "" && after !== " " && after !== "\t") return undefined;
  if (
    isInParagraph &&
    ((digits !== undefined && Number(digits) !== 1) || /^[ \t]*$/.test(text.slice(source.length)))
  ) {
    return undefined;
  }
  const markerIndent = cursor.indent;
  cursor.advanceToNext();
  cursor.advanceOffset(source.length);
  // One to four columns belong to the marker; five or more begin indented code after the first.
  const spaces = cursor.isBlank || cursor.indent > 4 ? 1 : cursor.indent;
  if (cursor.isBlank) cursor.skipSpace();
  else cursor.advanceColumns(spaces);
  return {
    contentIndent: markerIndent + source.length + spaces,
    bullet: bullet ?? delimiter ?? "",
    isOrdered: digits !== undefined,
    start: digits === undefined ? 1 : Number(digits),
  };
}
