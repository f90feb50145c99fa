import { characterAt } from "./character-class.ts";
import type { Missing } from "./resumable-text.ts";
import { skip } from "./skip.ts";

const POINTY_URI = /<[A-Za-z][A-Za-z0-9.+-]{1,31}:[^<>\p{Cc} ]*>/uy;
const POINTY_EMAIL =
  /<[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*>/y;
/** What may become one of them. */
const POINTY_OPEN = /<[^\s<>\p{Cc}]*$/uy;
const LITERAL_START = /www\.|(?:[hH][tT][tT][pP][sS]?|[fF][tT][pP]):\/\//g;
const NOT_IN_HOST = /[\s!-,./:-@[-`{-~\p{P}]/u;
const EMAIL_DOMAIN = /[a-zA-Z0-9_-]+(?:\.(?=[a-zA-Z0-9])[a-zA-Z0-9_-]+)+\.?/y;
const XMPP_DOMAIN = /[a-zA-Z0-9_-]+(?:\.(?=[a-zA-Z0-9])[a-zA-Z0-9_/-]+)+\.?/y;
/** Names are shorter [RFC 1035 2.3.4]; a limit keeps `_www.a_www.a…` linear. */
const MAX_DOMAIN_CHARS = 256;
/** A literal link ends with a space: what goes on for longer is read once and is none. */
const MAX_LITERAL_CHARS = 4_096;
/** So much after its beginning decides whether a literal link has a domain. */
const DOMAIN_REACH = MAX_DOMAIN_CHARS + 10;
/** The characters of e-mail addresses and of the schemes before them. */
const WORD = /[A-Za-z0-9.+_@:/-]+/g;
/** Longer words hold no e-mail address: a name has 64 characters, a domain 255. [RFC 5321 4.5.3.1] */
export const MAX_WORD_CHARS = 512;
const SCHEME_BEFORE = /(?:^|[^A-Za-z0-9])(mailto:|xmpp:)$/;
const SPACE_OR_LESS = /[\s<]/;

/** A link that is written as its destination. */
export interface Autolink {
  readonly text: string;
  readonly destination: string;
  readonly end: number;
}

/** `<https://…>`, `<name@host>`; missing: more text may make it one. [CommonMark 6.5] */
export function scanPointyAutolink(text: string, offset: number): Autolink | Missing | undefined {
  const uriEnd = skip(POINTY_URI, text, offset);
  const end = uriEnd > offset ? uriEnd : skip(POINTY_EMAIL, text, offset);
  if (end === offset) return skip(POINTY_OPEN, text, offset) > offset ? { missing: "" } : undefined;
  const link = text.slice(offset + 1, end - 1);
  return { text: link, destination: end === uriEnd ? link : `mailto:${link}`, end };
}

/** Where `www.`, `http://`, `https://` or `ftp://` next stands; the end of the text: nowhere. */
export function findLiteralStart(text: string, from: number): number {
  LITERAL_START.lastIndex = from;
  return LITERAL_START.exec(text)?.index ?? text.length;
}

/** The literal link that begins at `start`, and how much of the text decides that. [GFM 6.9] */
export function scanLiteralAutolink(
  text: string,
  start: number,
): { readonly link: Autolink | undefined; readonly reach: number } {
  const none = { link: undefined, reach: start + DOMAIN_REACH };
  const opener = text.slice(start, skip(LITERAL_START, text, start));
  const before = text.charAt(start - 1);
  const isWww = opener === "www.";
  if (isWww ? before !== "" && !/[\s*_~(]/.test(before) : /[A-Za-z]/.test(before)) return none;
  const host = characterAt(text, start + opener.length);
  if (!isWww && (host === "" || NOT_IN_HOST.test(host))) return none;
  if (!isDomain(text, isWww ? start : start + opener.length, isWww)) return none;
  const whole = text.slice(start, start + MAX_LITERAL_CHARS + 1);
  const chars = whole.search(SPACE_OR_LESS);
  const limit = start + (chars < 0 ? whole.length : chars);
  if (limit - start > MAX_LITERAL_CHARS) return { link: undefined, reach: limit };
  const reach = limit === text.length ? Number.POSITIVE_INFINITY : limit + 1;
  const end = trimLiteral(text, start, limit);
  if (end <= start + opener.length) return { link: undefined, reach };
  const url = text.slice(start, end);
  return { link: { text: url, destination: isWww ? `http://${url}` : url, end }, reach };
}

/** Segments of letters, digits, `-` and `_`; no `_` in the last two. */
function isDomain(text: string, start: number, needsPeriod: boolean): boolean {
  const limit = Math.min(text.length, start + MAX_DOMAIN_CHARS);
  let periods = 0;
  let underscores = 0;
  let underscoresBefore = 0;
  for (let at = start; at < limit; at += 1) {
    const character = characterAt(text, at);
    if (character === "_") {
      underscores += 1;
    } else if (character === ".") {
      underscoresBefore = underscores;
      underscores = 0;
      periods += 1;
    } else if (character !== "-" && NOT_IN_HOST.test(character)) {
      break;
    }
  }
  return underscores + underscoresBefore === 0 && (periods > 0 || !needsPeriod);
}

/** What ends a sentence isn't part of the link; nor is a parenthesis that was opened before it, nor a reference. [GFM 6.9] */
function trimLiteral(text: string, start: number, limit: number): number {
  let end = limit;
  let unopened: number | undefined;
  for (; end > start; end -= 1) {
    const last = text.charAt(end - 1);
    if (last === ")") {
      unopened ??= countUnopened(text.slice(start, end));
      if (unopened <= 0) break;
      unopened -= 1;
    } else if (last === ";") {
      const reference = /&[A-Za-z]+;$/.exec(text.slice(Math.max(start, end - 40), end));
      if (reference !== null) end -= reference[0].length - 1;
    } else if (!"?!.,:*_~'\"".includes(last)) {
      break;
    }
  }
  return end;
}

function countUnopened(link: string): number {
  return link.split(")").length - link.split("(").length;
}

/** The e-mail addresses in a text that begins within a word of which so much was before. [GFM 6.9] */
export function findEmails(text: string, wordChars: number): (Autolink & { readonly start: number })[] {
  const found: (Autolink & { readonly start: number })[] = [];
  if (!text.includes("@")) return found;
  for (const { 0: word, index } of text.matchAll(WORD)) {
    if (word.length + (index === 0 ? wordChars : 0) > MAX_WORD_CHARS) continue;
    let from = 0;
    for (let email = findEmail(word, from); email !== undefined; email = findEmail(word, from)) {
      from = email.end;
      found.push({ ...email, start: index + email.start, end: index + email.end });
    }
  }
  return found;
}

/** How much of a word the text ends with, when so much of it was before. */
export function wordCharsAfter(text: string, wordChars: number): number {
  let at = text.length;
  while (at > 0 && /[A-Za-z0-9.+_@:/-]/.test(text.charAt(at - 1))) at -= 1;
  return at > 0 ? text.length - at : wordChars + text.length;
}

/** The first e-mail address in a text at or after `from`, with its start. [GFM 6.9] */
function findEmail(text: string, from: number): (Autolink & { readonly start: number }) | undefined {
  for (let at = text.indexOf("@", from); at >= 0; at = text.indexOf("@", at + 1)) {
    let start = at;
    while (start > from && /[A-Za-z0-9.+_-]/.test(text.charAt(start - 1))) start -= 1;
    if (start === at) continue;
    const scheme = SCHEME_BEFORE.exec(text.slice(Math.max(from, start - 8), start))?.[1] ?? "";
    const domain = scheme === "xmpp:" ? XMPP_DOMAIN : EMAIL_DOMAIN;
    const domainEnd = skip(domain, text, at + 1);
    if (domainEnd === at + 1 || text.charAt(domainEnd) === "@") continue;
    const end = text.charAt(domainEnd - 1) === "." ? domainEnd - 1 : domainEnd;
    if (!/[A-Za-z]/.test(text.charAt(end - 1))) continue;
    start -= scheme.length;
    const address = text.slice(start, end);
    return { text: address, destination: scheme === "" ? `mailto:${address}` : address, start, end };
  }
  return undefined;
}
