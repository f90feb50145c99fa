/** What a piece of code is, for its colour. The place in the list is what goes over the wire from the worker; at most 16. */
export const TOKEN_KINDS = [
  "text",
  "comment",
  "string",
  "keyword",
  "number",
  "function",
  "type",
  "property",
  "tag",
  "escape",
  "inserted",
  "deleted",
  "heading",
] as const;

export type TokenKind = (typeof TOKEN_KINDS)[number];

/** Longer lines stay as they are: a grammar's patterns may take a time that grows with the square of a line. Unit: UTF-16 code units. */
export const MAX_LINE_CHARS = 2_000;

const KIND_BITS = 4;
const KIND_MASK = (1 << KIND_BITS) - 1;

/**
 * A token in 16 bits: where it begins in its line, and its kind. It reaches to the next one's beginning.
 * [MAX_LINE_CHARS is below 2 to the 12th]
 */
export function packToken(start: number, kind: number): number {
  return (start << KIND_BITS) | kind;
}

export function tokenStart(token: number): number {
  return token >>> KIND_BITS;
}

export function tokenKind(token: number): TokenKind {
  return TOKEN_KINDS[token & KIND_MASK] ?? "text";
}
