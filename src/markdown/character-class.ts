const ASCII_PUNCTUATION = /[!-/:-@[-`{-~]/;
const UNICODE_PUNCTUATION = /[\p{P}\p{S}]/u;
const UNICODE_WHITESPACE = /[\t\n\f\r\p{Zs}]/u;

/** The classes that decide whether a run of delimiters may open or close. [CommonMark 2.1] */
export type CharacterClass = "space" | "punctuation" | "other";

export function isAsciiPunctuation(character: string): boolean {
  return ASCII_PUNCTUATION.test(character);
}

/** Of a whole code point; "" is the edge of the text, which counts as space. */
export function characterClass(character: string): CharacterClass {
  if (character === "" || UNICODE_WHITESPACE.test(character)) return "space";
  return UNICODE_PUNCTUATION.test(character) ? "punctuation" : "other";
}

/** The code point that ends before `offset`. */
export function characterBefore(text: string, offset: number): string {
  const pair = characterAt(text, offset - 2);
  return pair.length > 1 ? pair : text.charAt(offset - 1);
}

/** The code point that begins at `offset`. */
export function characterAt(text: string, offset: number): string {
  const code = text.codePointAt(offset);
  return code === undefined ? "" : String.fromCodePoint(code);
}

/** The text without spaces, tabs and line ends at its end, in linear time. */
export function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && " \t\n".includes(text.charAt(end - 1))) end -= 1;
  return end === text.length ? text : text.slice(0, end);
}

/** The text without spaces, tabs and line ends at both ends. */
export function trim(text: string): string {
  return trimEnd(text.replace(/^[ \t\n]+/, ""));
}
