import { isAsciiPunctuation } from "./character-class.ts";

const MAX_LABEL_CHARS = 999;
/** As cmark: keeps `[a](b[a](b…` linear. */
const MAX_PARENTHESES = 32;

/** A part of a text: its content and where it ends. */
export interface Scanned {
  readonly text: string;
  readonly end: number;
}

/** `[label]` from its opening bracket; the text is the content as written; "open": it may become one. [CommonMark 4.7] */
export function scanLinkLabel(text: string, offset: number): Scanned | "open" | undefined {
  if (text.charCodeAt(offset) !== 91) return undefined;
  const limit = Math.min(text.length, offset + MAX_LABEL_CHARS + 2);
  for (let at = offset + 1; at < limit; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 92 && isAsciiPunctuation(text.charAt(at + 1))) at += 1;
    else if (code === 91) return undefined;
    else if (code === 93) return { text: text.slice(offset + 1, at), end: at + 1 };
  }
  return limit === text.length ? "open" : undefined;
}

/** Not unescaped; "open": it hasn't ended yet. [CommonMark 6.3] */
export function scanLinkDestination(text: string, offset: number): Scanned | "open" | undefined {
  if (text.charCodeAt(offset) === 60) return scanPointyDestination(text, offset);
  let depth = 0;
  let at = offset;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 92 && isAsciiPunctuation(text.charAt(at + 1))) {
      at += 1;
    } else if (code === 40) {
      depth += 1;
      if (depth > MAX_PARENTHESES) return undefined;
    } else if (code === 41) {
      if (depth === 0) break;
      depth -= 1;
    } else if (code <= 32 || code === 127) {
      break;
    }
  }
  if (depth > 0) return at === text.length ? "open" : undefined;
  return { text: text.slice(offset, at), end: at };
}

function scanPointyDestination(text: string, offset: number): Scanned | "open" | undefined {
  for (let at = offset + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 10 || code === 60) return undefined;
    if (code === 62) return { text: text.slice(offset + 1, at), end: at + 1 };
    if (code === 92) at += 1;
  }
  return "open";
}

/** Not unescaped; "open": it hasn't ended yet. [CommonMark 6.3] */
export function scanLinkTitle(text: string, offset: number): Scanned | "open" | undefined {
  const opener = text.charAt(offset);
  if (opener !== '"' && opener !== "'" && opener !== "(") return undefined;
  const closer = opener === "(" ? ")" : opener;
  for (let at = offset + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === closer) return { text: text.slice(offset + 1, at), end: at + 1 };
    if (character === "(" && opener === "(") return undefined;
    if (character === "\\") at += 1;
  }
  return "open";
}

/** Past spaces and tabs and at most one line end. */
export function skipSpaceAndLineEnd(text: string, offset: number): number {
  let at = skipSpaces(text, offset);
  if (text.charCodeAt(at) === 10) at = skipSpaces(text, at + 1);
  return at;
}

/** Past spaces and tabs. */
export function skipSpaces(text: string, offset: number): number {
  let at = offset;
  while (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9) at += 1;
  return at;
}

/** Labels match when they are the same by this. Blank: "". [CommonMark 6.3] */
export function normalizeLabel(label: string): string {
  return label
    .replace(/[ \t\n]+/g, " ")
    .replace(/^ | $/g, "")
    .toLowerCase()
    .toUpperCase();
}
