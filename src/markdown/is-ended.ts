import { scanPointyAutolink } from "./autolink.ts";
import type { DecodeReference } from "./character-reference.ts";
import { scanHtmlSpan } from "./html-span.ts";
import { scanLinkTail } from "./link-tail.ts";
import { scanBackslashMath, scanDollarMath } from "./math-span.ts";
import { isMissing, type Watch } from "./resumable-text.ts";

/** Whether the opener has its closer now; if not, what may end it; undefined: it can't come any more. Backticks aside. */
export function isEnded(
  text: string,
  { offset, closer, trigger }: Watch,
  decode: DecodeReference,
): true | string | undefined {
  const found = scanSpan(text, offset, decode);
  // Those that waited for the same may open something now.
  if (found === undefined) return closer === "" ? undefined : true;
  if (!isMissing(found)) return true;
  // A link waits for the end of its destination, of its title, and its own.
  return closer === "" ? found.missing : trigger;
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
