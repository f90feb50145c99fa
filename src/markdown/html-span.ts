import { scanHtmlTag } from "./html-syntax.ts";

/** What is neither a tag nor a declaration, and how many characters its opener and content have at least. */
const SPANS: readonly (readonly [opener: string, closer: string, least: number])[] = [
  ["<!--", "-->", 4],
  ["<?", "?>", 2],
  ["<![CDATA[", "]]>", 9],
];

/**
 * Past the raw HTML that begins at `offset`; undefined: there is none. `missing` remembers the closers that don't follow
 * any more, so that none is sought twice. [CommonMark 6.6]
 */
export function scanHtmlSpan(text: string, offset: number, missing: Set<string>): number | undefined {
  const tagEnd = scanHtmlTag(text, offset);
  if (tagEnd !== undefined) return tagEnd;
  if (text.startsWith("<!-->", offset)) return offset + 5;
  if (text.startsWith("<!--->", offset)) return offset + 6;
  for (const [opener, closer, least] of SPANS) {
    if (text.startsWith(opener, offset)) return findAfter(text, closer, offset + least, missing);
  }
  const isDeclaration = /^<![A-Za-z]/.test(text.slice(offset, offset + 3));
  return isDeclaration ? findAfter(text, ">", offset + 3, missing) : undefined;
}

function findAfter(text: string, closer: string, from: number, missing: Set<string>): number | undefined {
  if (missing.has(closer)) return undefined;
  const at = text.indexOf(closer, from);
  if (at < 0) missing.add(closer);
  return at < 0 ? undefined : at + closer.length;
}
