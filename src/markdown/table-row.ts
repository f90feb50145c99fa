import { trim } from "./character-class.ts";
import type { CellAlignment } from "./tree.ts";

const DELIMITER_CELL = /^(:?)-+(:?)$/;

/** The cells of a row; a bar that is escaped belongs to its cell, even in code. [GFM 4.10] */
export function splitTableRow(line: string, most = Number.POSITIVE_INFINITY): string[] {
  const text = trim(line);
  const cells: string[] = [];
  let start = text.startsWith("|") ? 1 : 0;
  for (let at = start; at < text.length && cells.length < most; at += 1) {
    // As cmark-gfm: the backslash before a bar is the bar's, whatever is before that.
    if (text.charCodeAt(at) !== 124 || text.charCodeAt(at - 1) === 92) continue;
    cells.push(cellText(text.slice(start, at)));
    start = at + 1;
  }
  if (start < text.length && cells.length < most) cells.push(cellText(text.slice(start)));
  return cells;
}

function cellText(source: string): string {
  return trim(source).replaceAll("\\|", "|");
}

/** The columns of a delimiter row; undefined: the line is none. One that may begin a list does that, as in cmark-gfm. */
export function parseDelimiterRow(line: string): CellAlignment[] | undefined {
  if (!/^(?!-[ \t])[-:| \t]+$/.test(line) || !line.includes("-")) return undefined;
  const alignments: CellAlignment[] = [];
  for (const cell of splitTableRow(line)) {
    const match = DELIMITER_CELL.exec(cell);
    if (match === null) return undefined;
    const isLeft = match[1] === ":";
    const isRight = match[2] === ":";
    alignments.push(isLeft && isRight ? "center" : isLeft ? "left" : isRight ? "right" : undefined);
  }
  return alignments.length === 0 ? undefined : alignments;
}
