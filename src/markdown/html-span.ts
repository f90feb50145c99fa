import { HTML_SPANS, scanHtmlTag } from "./html-syntax.ts";
import type { Missing } from "./resumable-text.ts";
import { skip } from "./skip.ts";

const SHORT_COMMENT = /<!--(?:-?)>/y;

/**
 * Past the raw HTML that begins at `offset`; missing: what may still come, "" for a tag; undefined: there is none.
 * [CommonMark 6.6]
 */
export function scanHtmlSpan(
  text: string,
  offset: number,
  isMissing: (closer: string) => boolean,
): number | Missing | undefined {
  const end = skip(SHORT_COMMENT, text, offset);
  if (end > offset) return end;
  for (const [opener, closer] of HTML_SPANS) {
    const start = skip(opener, text, offset);
    if (start === offset) continue;
    const at = isMissing(closer) ? -1 : text.indexOf(closer, start);
    return at < 0 ? { missing: closer } : at + closer.length;
  }
  const tag = scanHtmlTag(text, offset);
  return tag === "open" ? { missing: "" } : tag;
}
