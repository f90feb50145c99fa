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

/** By the number of the start condition less one. [CommonMark 4.6] */
const BLOCK_STARTS: readonly RegExp[] = [
  /^<(?:script|pre|textarea|style)(?:[ \t>]|$)/i,
  /^<!--/,
  /^<[?]/,
  /^<![A-Za-z]/,
  /^<!\[CDATA\[/,
  new RegExp(`^</?(?:${BLOCK_TAGS})(?:[ \\t]|/?>|$)`, "i"),
];

const BLOCK_ENDS: readonly RegExp[] = [/<\/(?:script|pre|textarea|style)>/i, /-->/, /\?>/, />/, /\]\]>/];

/** The start condition that the line meets, 1 to 7; 0: none. The seventh doesn't interrupt a paragraph. */
export function htmlBlockStart(text: string, mayInterrupt: boolean): number {
  const index = BLOCK_STARTS.findIndex((start) => start.test(text));
  if (index >= 0) return index + 1;
  const tagEnd = mayInterrupt ? scanHtmlTag(text, 0) : undefined;
  return typeof tagEnd === "number" && /^[ \t]*$/.test(text.slice(tagEnd)) ? 7 : 0;
}

/** Whether a block of this condition ends with this line. Those of 6 and 7 end before a blank line. */
export function isHtmlBlockEnd(condition: number, line: string): boolean {
  return BLOCK_ENDS[condition - 1]?.test(line) ?? false;
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

/** Past what is sought; `offset`: it isn't there. */
function skip(sought: RegExp, text: string, offset: number): number {
  sought.lastIndex = offset;
  return sought.test(text) ? sought.lastIndex : offset;
}
