import { trim, trimEnd } from "./character-class.ts";
import { unescapeText, type DecodeReference } from "./character-reference.ts";
import { scanHtmlTag } from "./html-syntax.ts";
import { findMathCloser } from "./math-span.ts";

const ATX = /^#{1,6}(?=[ \t]|$)/;
const FENCE = /^(`{3,}(?=[^`]*$)|~{3,})(.*)$/s;
const CLOSING_FENCE = /^(.)\1*[ \t]*$/;
const SETEXT = /^(?:=+|-+)[ \t]*$/;
const THEMATIC_BREAK = /^([*_-])[ \t]*(?:\1[ \t]*){2,}$/;
/** As long as a link's label. */
const FOOTNOTE = /^\[\^([^\]\s]{1,999})\]:/;
/** Markers of tasks, footnotes, fences, lists, headings, breaks and tables, and what may still become one. */
const MAYBE_MARKER =
  /^(?:[$\\]$|\[(?:[ xX]?\]?[ \t]*|\^[^\]\s]{0,999}\]?)$|[`~](?:[`~]?$|[`~]{2})|[-+*_=:|# \t]*$|\d{1,9}(?:[.)][ \t]*)?$)/;

export type HeadingLevel = 1 | 2 | 3 | 4 | 5 | 6;

/** [CommonMark 4.2] */
export function scanAtxHeading(
  text: string,
): { readonly level: HeadingLevel; readonly content: string } | undefined {
  const marker = ATX.exec(text)?.[0];
  if (marker === undefined) return undefined;
  const content = trim(text.slice(marker.length));
  let end = content.length;
  while (content.charAt(end - 1) === "#") end -= 1;
  // Closing hashes need a space before them, or nothing.
  const isClosed = end === 0 || " \t".includes(content.charAt(end - 1));
  return {
    level: marker.length as HeadingLevel,
    content: isClosed ? trimEnd(content.slice(0, end)) : content,
  };
}

/** [CommonMark 4.5] */
export function scanFence(
  text: string,
  decode: DecodeReference,
): { readonly fence: string; readonly info: string } | undefined {
  const [, fence, info = ""] = FENCE.exec(text) ?? [];
  return fence === undefined ? undefined : { fence, info: unescapeText(trim(info), decode) };
}

export function isClosingFence(text: string, fence: string): boolean {
  return text.startsWith(fence) && CLOSING_FENCE.test(text);
}

/** [CommonMark 4.3] */
export function setextLevel(text: string): 1 | 2 | undefined {
  if (!SETEXT.test(text)) return undefined;
  return text.startsWith("=") ? 1 : 2;
}

/** [CommonMark 4.1] */
export function isThematicBreak(text: string): boolean {
  return THEMATIC_BREAK.test(text);
}

/** The label of `[^label]:`, as written. */
export function scanFootnoteLabel(text: string): string | undefined {
  return FOOTNOTE.exec(text)?.[1];
}

/** A line that begins a block of math: what closes it, what follows on the line, and whether that closes it already. */
export interface MathStart {
  readonly closer: string;
  readonly content: string;
  readonly isClosed: boolean;
}

/** `$$` or `\[` at the start of a line, when nothing but math is on it. */
export function scanMathStart(text: string): MathStart | undefined {
  const isDollars = text.startsWith("$$");
  if (!isDollars && !text.startsWith("\\[")) return undefined;
  const closer = isDollars ? "$$" : "\\]";
  const rest = trim(text.slice(2));
  const at = findMathCloser(rest, closer);
  const isClosed = at >= 0;
  const content = isClosed ? trim(rest.slice(0, at)) : rest;
  const isMath = isClosed
    ? at + 2 === rest.length && /[\p{L}\p{N}]/u.test(content)
    : rest === "" || (isDollars && !rest.startsWith("$"));
  return isMath ? { closer, content, isClosed } : undefined;
}

/**
 * Whether a partial line that was taken as the text of a paragraph stays that, whatever follows on it. False is always
 * right: the line is then taken anew with every piece.
 */
export function isSettledText(text: string): boolean {
  // "<![CDATA[" is the longest beginning that isn't a tag's.
  if (text.startsWith("<")) return text.length > 9 && scanHtmlTag(text, 0) !== "open";
  // The first closer decides whether the line is a block of math.
  if (/^(?:\$\$|\\\[)/.test(text))
    return findMathCloser(trim(text.slice(2)), text.startsWith("$") ? "$$" : "\\]") >= 0;
  return !MAYBE_MARKER.test(text);
}
