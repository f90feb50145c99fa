import type { Missing } from "./resumable-text.ts";

/** A formula within a line. */
export interface ScannedMath {
  readonly text: string;
  readonly isDisplay: boolean;
  readonly end: number;
}

/** `$…$` as pandoc has it: no space inside the dollars, no digit after. `$$…$$`: neither rule. */
export function scanDollarMath(
  text: string,
  offset: number,
  isMissing: (closer: string) => boolean,
): ScannedMath | Missing | undefined {
  const isDisplay = text.charCodeAt(offset + 1) === 36;
  const closer = isDisplay ? "$$" : "$";
  const start = offset + closer.length;
  const first = text.charAt(start);
  if (first === "$" || (!isDisplay && /\s/.test(first))) return undefined;
  const at = isMissing(closer) ? -1 : findMathCloser(text, closer, start);
  if (at < 0) return { missing: closer };
  const content = text.slice(start, at);
  const end = at + closer.length;
  if (isDisplay) return /\S/.test(content) ? { text: content, isDisplay, end } : undefined;
  if (/\s/.test(text.charAt(at - 1)) || /[0-9]/.test(text.charAt(end))) return undefined;
  return { text: content, isDisplay, end };
}

/** `\(…\)`, `\[…\]`, from the backslash. What has neither letter nor digit is left to the escapes, by the caller. [CommonMark 2.4] */
export function scanBackslashMath(
  text: string,
  offset: number,
  isMissing: (closer: string) => boolean,
): ScannedMath | Missing {
  const isDisplay = text.charCodeAt(offset + 1) === 91;
  const closer = isDisplay ? "\\]" : "\\)";
  const at = isMissing(closer) ? -1 : findMathCloser(text, closer, offset + 2);
  if (at < 0) return { missing: closer };
  return { text: text.slice(offset + 2, at), isDisplay, end: at + 2 };
}

/** Where the closer stands at or after `start`; -1: nowhere. A backslash takes the character after it along. */
export function findMathCloser(text: string, closer: string, start = 0): number {
  for (let at = start; at < text.length; at += 1) {
    if (text.startsWith(closer, at)) return at;
    if (text.charCodeAt(at) === 92) at += 1;
  }
  return -1;
}
