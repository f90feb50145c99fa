import { scanHtmlTag } from "./html-syntax.ts";
import type { Missing } from "./resumable-text.ts";

/** What is neither a tag nor a declaration, and how many characters its opener and content have at least. */
const SPANS: readonly (readonly [opener: RegExp, closer: string, least: number])[] = [
  [/<!--/y, "-->", 4],
  [/<\?/y, "?>", 2],
  [/<!\[CDATA\[/y, "]]>", 9],
  [/<![A-Za-z]/y, ">", 3],
];
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
  SHORT_COMMENT.lastIndex = offset;
  if (SHORT_COMMENT.test(text)) return SHORT_COMMENT.lastIndex;
  for (const [opener, closer, least] of SPANS) {
    opener.lastIndex = offset;
    if (!opener.test(text)) continue;
    const at = isMissing(closer) ? -1 : text.indexOf(closer, offset + least);
    return at < 0 ? { missing: closer } : at + closer.length;
  }
  const tag = scanHtmlTag(text, offset);
  return tag === "open" ? { missing: "" } : tag;
}
