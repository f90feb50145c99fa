/** A formula within a line. */
export interface ScannedMath {
  readonly text: string;
  readonly isDisplay: boolean;
  readonly end: number;
}

/** What was sought before, so that no opener seeks it again. */
export class MathMemo {
  /** Not found up to the end of the text. */
  readonly missing = new Set<string>();
  /** No content that begins before this has a letter or digit. */
  emptyUntil = 0;
}

/** `$…$` as pandoc has it: no space inside the dollars, no digit after. `$$…$$`: neither rule. */
export function scanDollarMath(text: string, offset: number, memo: MathMemo): ScannedMath | undefined {
  const isDisplay = text.charCodeAt(offset + 1) === 36;
  const closer = isDisplay ? "$$" : "$";
  const start = offset + closer.length;
  const first = text.charAt(start);
  if (first === "" || first === "$" || memo.missing.has(closer)) return undefined;
  if (!isDisplay && /\s/.test(first)) return undefined;
  const at = findCloser(text, start, closer, memo);
  if (at === undefined) return undefined;
  const content = text.slice(start, at);
  const end = at + closer.length;
  if (isDisplay) return /\S/.test(content) ? { text: content, isDisplay, end } : undefined;
  if (/\s/.test(text.charAt(at - 1)) || /[0-9]/.test(text.charAt(end))) return undefined;
  return { text: content, isDisplay, end };
}

/** `\(…\)`, `\[…\]`, from the backslash. A content without letter or digit is left to the escapes. [CommonMark 2.4] */
export function scanBackslashMath(text: string, offset: number, memo: MathMemo): ScannedMath | undefined {
  const isDisplay = text.charCodeAt(offset + 1) === 91;
  const closer = isDisplay ? "\\]" : "\\)";
  if (memo.missing.has(closer) || offset < memo.emptyUntil) return undefined;
  const at = findCloser(text, offset + 2, closer, memo);
  if (at === undefined) return undefined;
  const content = text.slice(offset + 2, at);
  if (/[\p{L}\p{N}]/u.test(content)) return { text: content, isDisplay, end: at + 2 };
  memo.emptyUntil = at;
  return undefined;
}

/** A backslash takes the character after it along. */
function findCloser(text: string, start: number, closer: string, memo: MathMemo): number | undefined {
  for (let at = start; at < text.length; at += 1) {
    if (text.startsWith(closer, at)) return at;
    if (text.charCodeAt(at) === 92) at += 1;
  }
  memo.missing.add(closer);
  return undefined;
}
