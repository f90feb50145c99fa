const TAG_NAME = "[A-Za-z][A-Za-z0-9-]*";
const ATTRIBUTE =
  "(?:[ \\t\\n]+[a-zA-Z_:][a-zA-Z0-9:._-]*(?:[ \\t\\n]*=[ \\t\\n]*(?:[^\"'=<>`\\x00-\\x20]+|'[^']*'|\"[^\"]*\"))?)";
const TAG = `(?:<${TAG_NAME}${ATTRIBUTE}*[ \\t\\n]*/?>|</${TAG_NAME}[ \\t\\n]*>)`;
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
  new RegExp(`^${TAG}[ \\t]*$`),
];

const BLOCK_ENDS: readonly RegExp[] = [/<\/(?:script|pre|textarea|style)>/i, /-->/, /\?>/, />/, /\]\]>/];

const INLINE_TAG = new RegExp(TAG, "y");

/** The start condition that the line meets, 1 to 7; 0: none. The seventh doesn't interrupt a paragraph. */
export function htmlBlockStart(text: string, mayInterrupt: boolean): number {
  const index = BLOCK_STARTS.findIndex((start) => start.test(text));
  return index === 6 && !mayInterrupt ? 0 : index + 1;
}

/** Whether a block of this condition ends with this line. Those of 6 and 7 end before a blank line. */
export function isHtmlBlockEnd(condition: number, line: string): boolean {
  return BLOCK_ENDS[condition - 1]?.test(line) ?? false;
}

/** Past the tag that begins at `offset`; undefined: there is none. [CommonMark 6.6] */
export function scanHtmlTag(text: string, offset: number): number | undefined {
  INLINE_TAG.lastIndex = offset;
  return INLINE_TAG.test(text) ? INLINE_TAG.lastIndex : undefined;
}
