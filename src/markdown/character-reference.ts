/** What `&name;` stands for; undefined: there is no such name. The name comes without `&` and `;`. */
export type DecodeReference = (name: string) => string | undefined;

/** With the ampersand and the semicolon. */
export const MAX_REFERENCE_CHARS = 34;

const REFERENCE = /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,31}));/y;
const ESCAPE_OR_REFERENCE =
  /\\([!-/:-@[-`{-~])|&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,31}));/g;

/** A character reference as text, and its length in the source. */
export interface ScannedReference {
  readonly text: string;
  readonly length: number;
}

const BASIC_REFERENCES: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
  ["nbsp", "\u00A0"],
]);

/** The few names that every text needs. All 2,125 are in `full-references.ts`. */
export function decodeBasicReference(name: string): string | undefined {
  return BASIC_REFERENCES.get(name);
}

/** The reference at `offset`, if one is there. [CommonMark 2.5] */
export function scanReference(
  text: string,
  offset: number,
  decode: DecodeReference,
): ScannedReference | undefined {
  REFERENCE.lastIndex = offset;
  const match = REFERENCE.exec(text);
  if (match === null) return undefined;
  const [source, decimal, hex, name] = match;
  const decoded = name === undefined ? fromCodePoint(decimal, hex) : decode(name);
  return decoded === undefined ? undefined : { text: decoded, length: source.length };
}

/** A text with its backslash escapes and references resolved: destinations, titles, info strings. [CommonMark 2.4, 2.5] */
export function unescapeText(text: string, decode: DecodeReference): string {
  if (!text.includes("\\") && !text.includes("&")) return text;
  return text.replace(
    ESCAPE_OR_REFERENCE,
    (source: string, escaped?: string, decimal?: string, hex?: string, name?: string) =>
      escaped ?? (name === undefined ? fromCodePoint(decimal, hex) : decode(name)) ?? source,
  );
}

/** NUL and what is no character are replaced. [CommonMark 2.3, 2.5] */
function fromCodePoint(decimal: string | undefined, hex: string | undefined): string {
  const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number.parseInt(decimal, 10);
  const isCharacter = code !== 0 && code <= 0x10_ff_ff && (code < 0xd8_00 || code > 0xdf_ff);
  return isCharacter ? String.fromCodePoint(code) : "\uFFFD";
}
