import { scanPointyAutolink } from "./autolink.ts";
import type { DecodeReference } from "./character-reference.ts";
import { scanHtmlSpan } from "./html-span.ts";
import { scanLinkTail } from "./link-tail.ts";
import { scanBackslashMath, scanDollarMath } from "./math-span.ts";
import { isMissing, type Watch } from "./resumable-text.ts";

/** Whether the opener has its closer now; undefined: it can't come any more. Backticks aside. */
export function isEnded(
  text: string,
  { offset, closer }: Watch,
  decode: DecodeReference,
): boolean | undefined {
  const found = scanSpan(text, offset, decode);
  // Those that waited for the same may open something now.
  if (found === undefined) return closer === "" ? undefined : true;
  return !isMissing(found);
}

function scanSpan(text: string, offset: number, decode: DecodeReference): object | number | undefined {
  const never = (): boolean => false;
  switch (text.charAt(offset)) {
    case "]":
      return scanLinkTail(text, offset + 1, decode);
    case "$":
      return scanDollarMath(text, offset, never);
    case "\\":
      return scanBackslashMath(text, offset, never);
    default: {
      const link = scanPointyAutolink(text, offset);
      return link === undefined || isMissing(link) ? (scanHtmlSpan(text, offset, never) ?? link) : link;
    }
  }
}
