import { trim } from "./character-class.ts";
import { unescapeText, type DecodeReference } from "./character-reference.ts";
import { normalizeLabel } from "./link-syntax.ts";

const ATX = /^(#{1,6})(?:[ \t]+|$)/;
const FENCE = /^(?:(`{3,})([^`]*)|(~{3,})(.*))$/s;
const CLOSING_FENCE = /^(`{3,}|~{3,})[ \t]*$/;
const SETEXT = /^(=+|-+)[ \t]*$/;
const THEMATIC_BREAK = /^(?:(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|(?:-[ \t]*){3,})$/;
const FOOTNOTE = /^\[\^([^\]\s]+)\]:[ \t]*/;

export type HeadingLevel = 1 | 2 | 3 | 4 | 5 | 6;

/** [CommonMark 4.2] */
export function scanAtxHeading(
  text: string,
): { readonly level: HeadingLevel; readonly content: string } | undefined {
  const match = ATX.exec(text);
  if (match === null) return undefined;
  let end = text.length;
  while (end > 0 && " \t".includes(text.charAt(end - 1))) end -= 1;
  let hashes = end;
  while (hashes > 0 && text.charAt(hashes - 1) === "#") hashes -= 1;
  // Closing hashes need a space before them, or nothing.
  if (hashes < end && (hashes <= match[0].length || " \t".includes(text.charAt(hashes - 1)))) end = hashes;
  const level = match[1]?.length as HeadingLevel;
  return { level, content: trim(text.slice(match[0].length, Math.max(end, match[0].length))) };
}

/** [CommonMark 4.5] */
export function scanFence(
  text: string,
  decode: DecodeReference,
): { readonly fence: string; readonly info: string } | undefined {
  const match = FENCE.exec(text);
  if (match === null) return undefined;
  const fence = match[1] ?? match[3] ?? "";
  return { fence, info: unescapeText(trim(match[2] ?? match[4] ?? ""), decode) };
}

export function isClosingFence(text: string, fence: string): boolean {
  const closer = CLOSING_FENCE.exec(text)?.[1];
  return closer !== undefined && closer.startsWith(fence);
}

/** [CommonMark 4.3] */
export function setextLevel(text: string): 1 | 2 | undefined {
  const match = SETEXT.exec(text);
  if (match === null) return undefined;
  return text.startsWith("=") ? 1 : 2;
}

/** [CommonMark 4.1] */
export function isThematicBreak(text: string): boolean {
  return THEMATIC_BREAK.test(text);
}

/** `[^label]:`, as cmark-gfm has it. */
export function scanFootnoteMarker(
  text: string,
): { readonly label: string; readonly written: string; readonly length: number } | undefined {
  const match = FOOTNOTE.exec(text);
  if (match === null) return undefined;
  const written = match[1] ?? "";
  return { label: normalizeLabel(written), written, length: match[0].length };
}

/** A line that begins a block of math: what closes it, what follows on the line, and whether that closes it already. */
export interface MathStart {
  readonly closer: string;
  readonly content: string;
  readonly isClosed: boolean;
}

/** `$$` or `\[` at the start of a line, when nothing but math is on it. */
export function scanMathStart(text: string): MathStart | undefined {
  const closer = text.startsWith("$$") ? "$$" : text.startsWith("\\[") ? "\\]" : "";
  if (closer === "") return undefined;
  const rest = trim(text.slice(2));
  if (rest === "") return { closer, content: "", isClosed: false };
  const at = findMathCloser(rest, closer);
  if (at < 0)
    return closer === "$$" && !rest.startsWith("$") ? { closer, content: rest, isClosed: false } : undefined;
  const content = trim(rest.slice(0, at));
  return at + 2 === rest.length && /[\p{L}\p{N}]/u.test(content)
    ? { closer, content, isClosed: true }
    : undefined;
}

/** Where the closer stands; -1: nowhere. A backslash takes the character after it along. */
export function findMathCloser(text: string, closer: string): number {
  for (let at = 0; at < text.length; at += 1) {
    if (text.startsWith(closer, at)) return at;
    if (text.charCodeAt(at) === 92) at += 1;
  }
  return -1;
}

/**
 * Whether a partial line that was taken as the text of a paragraph stays that, whatever follows on it. False is always
 * right: the line is then taken anew with every piece.
 */
export function isSettledText(text: string): boolean {
  switch (text.charAt(0)) {
    case "":
    case "<":
    case "$":
    case "\\":
      return /^(?:\$[^$]|\\[^[]|<[^A-Za-z/!?])/.test(text);
    case "[":
      return !/^\[(?:[ xX]?\]?[ \t]*|\^[^\]\s]*\]?)$/.test(text);
    case "`":
    case "~":
      return /^(.)\1{0,2}[^`~]/s.test(text) && !/^(```|~~~)/.test(text);
    default:
      // Markers of lists, headings, breaks, tables.
      return !/^(?:[-+*_=:|# \t]+|\d{1,9}(?:[.)][ \t]*)?)$/.test(text);
  }
}
