/** A word that grows is read as a whole up to this length. Unit: UTF-16 code units. */
const WORD_CHARS = 64;
/** Less than this of a link as it is written is no beginning of one. Unit: UTF-16 code units. */
const LITERAL_OPENER_CHARS = 8;

/** Where the plain text from `start` on, of which what is before `limit` stays, may be cut: at its last word. The end: nowhere. */
export function wordStart(text: string, start: number, limit: number): number {
  // Spaces before a line end may be a hard break.
  const last = skipSpacesBack(text, start, limit - 1);
  for (let at = last; at > start && at > limit - WORD_CHARS; at -= 1) {
    if (text.charCodeAt(at - 1) === 32) return at;
  }
  const cut = skipSpacesBack(text, start, limit - LITERAL_OPENER_CHARS);
  return cut > start + WORD_CHARS ? cut : text.length;
}

function skipSpacesBack(text: string, start: number, offset: number): number {
  let at = offset;
  while (at > start && text.charCodeAt(at) === 32) at -= 1;
  return at;
}
