import { skip } from "./skip.ts";

const TAG_START = /<\/?[A-Za-z][A-Za-z0-9-]*/y;
const ATTRIBUTE =
  // eslint-disable-next-line no-control-regex
  /[ \t\n]+[a-zA-Z_:][a-zA-Z0-9:._-]*(?:[ \t\n]*=[ \t\n]*(?:[^"'=<>`\x00-\x20]+|'[^']*'|"[^"]*"))?/y;
const TAG_END = /[ \t\n]*\/?>/y;
/** What may become an attribute or the end of a tag. More than that is right, too: it is asked again. */
const OPEN_TAG = /[ \t\n]*(?:\/|(?:[a-zA-Z_:][a-zA-Z0-9:._-]*)?[ \t\n]*(?:=[ \t\n]*(?:'[^']*|"[^"]*)?)?)$/y;
const BLOCK_TAGS =
  "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|" +
  "fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|" +
  "menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul";

/** What is no tag: how it begins and ends. [CommonMark 6.6, and 4.6 conditions 2 to 5] */
export const HTML_SPANS: readonly (readonly [opener: RegExp, closer: string])[] = [
  [/<!--/y, "-->"],
  [/<\?/y, "?>"],
  [/<![A-Za-z]/y, ">"],
  [/<!\[CDATA\[/y, "]]>"],
];
const RAW_TEXT_START = /^<(?:script|pre|textarea|style)(?:[ \t>]|$)/i;
const RAW_TEXT_END = /<\/(?:script|pre|textarea|style)>/i;
const BLOCK_TAG_START = new RegExp(`^</?(?:${BLOCK_TAGS})(?:[ \\t]|/?>|$)`, "i");

/** The start condition that the line meets, 1 to 7; 0: none. The seventh doesn't interrupt a paragraph. [CommonMark 4.6] */
export function htmlBlockStart(text: string, mayInterrupt: boolean): number {
  if (RAW_TEXT_START.test(text)) return 1;
  const span = HTML_SPANS.findIndex(([opener]) => skip(opener, text, 0) > 0);
  if (span >= 0) return span + 2;
  if (BLOCK_TAG_START.test(text)) return 6;
  const tagEnd = mayInterrupt ? scanHtmlTag(text, 0) : undefined;
  return typeof tagEnd === "number" && /^[ \t]*$/.test(text.slice(tagEnd)) ? 7 : 0;
}

/** Whether a block of this condition ends with this line. Those of 6 and 7 end before a blank line. */
export function isHtmlBlockEnd(condition: number, line: string): boolean {
  if (condition === 1) return RAW_TEXT_END.test(line);
  const closer = HTML_SPANS[condition - 2]?.[1];
  return closer !== undefined && line.includes(closer);
}

/** Past the tag that begins at `offset`; "open": it may become one; undefined: there is none. [CommonMark 6.6] */
export function scanHtmlTag(text: string, offset: number): number | "open" | undefined {
  let at = skip(TAG_START, text, offset);
  if (at === offset) return undefined;
  const isOpening = text.charCodeAt(offset + 1) !== 47;
  for (let next = isOpening ? skip(ATTRIBUTE, text, at) : at; next > at; next = skip(ATTRIBUTE, text, at))
    at = next;
  const end = skip(TAG_END, text, at);
  if (end > at) return isOpening || !text.endsWith("/>", end) ? end : undefined;
  return skip(OPEN_TAG, text, at) > at || at === text.length ? "open" : undefined;
}
