import { findLiteralStart, scanLiteralAutolink, scanPointyAutolink, type Autolink } from "./autolink.ts";
import {
  characterAt,
  characterBefore,
  characterClass,
  isAsciiPunctuation,
  trimEnd,
} from "./character-class.ts";
import { scanReference, type DecodeReference } from "./character-reference.ts";
import type { UnfinishedInlines } from "./heal.ts";
import { scanHtmlSpan } from "./html-span.ts";
import { InlineDelimiters } from "./inline-delimiters.ts";
import { InlineItem, InlineList } from "./inline-item.ts";
import type { LinkDefinition } from "./link-definition.ts";
import { normalizeLabel, scanLinkLabel } from "./link-syntax.ts";
import { scanLinkTail } from "./link-tail.ts";
import { MathMemo, scanBackslashMath, scanDollarMath } from "./math-span.ts";

/** What the text of a block depends on beside itself. */
export interface InlineContext {
  readonly isGfm: boolean;
  readonly hasMath: boolean;
  readonly hasFootnotes: boolean;
  readonly decode: DecodeReference;
  /** By normalized label. Whoever answers remembers that it was asked. */
  findDefinition(label: string): LinkDefinition | undefined;
  /** The label as its definition has it; undefined: there is no such footnote. */
  findFootnote(label: string): string | undefined;
}

/** A place before which nothing can change any more, whatever follows. */
export interface InlineCheckpoint {
  readonly offset: number;
  /** The last item before it. */
  readonly last: InlineItem;
}

interface Bracket {
  readonly item: InlineItem;
  /** Of the first character after it. */
  readonly start: number;
  readonly isImage: boolean;
  /** Another bracket stands in it: then it is no label. */
  hasBracket: boolean;
  readonly previous: Bracket | undefined;
}

const PLAIN = /[^\n\\`*_[\]!<&~$]+/y;
const BACKTICKS = /`+/y;
const RUN = /\*+|_+|~+/y;
/** One text as inline items, from left to right, in linear time. [CommonMark 6] */
export class InlineParser {
  readonly list = new InlineList();
  checkpoint: InlineCheckpoint | undefined = undefined;
  readonly #text: string;
  readonly #before: string;
  readonly #checkpointLimit: number;
  readonly #context: InlineContext;
  readonly #delimiters = new InlineDelimiters(this.list);
  #bracket: Bracket | undefined = undefined;
  /** Brackets before this hold a link, so they are none. [CommonMark 6.3] */
  #noLinkBefore = 0;
  #offset = 0;
  /** Something was begun that a later character can still make into something else. */
  #isPending = false;
  #nextLiteral = -1;
  /** Length of a backtick run → where the last of that length begins, once all have been looked for. */
  #backticks: Map<number, number> | undefined = undefined;
  #openCode: UnfinishedInlines["code"] = undefined;
  #openTail: UnfinishedInlines["tail"] = undefined;
  readonly #missing = new Set<string>();
  readonly #math = new MathMemo();

  /** `before` is the character before the text; checkpoints are wanted before `checkpointLimit`. */
  constructor(text: string, before: string, checkpointLimit: number, context: InlineContext) {
    this.#text = trimEnd(text);
    this.#before = before;
    this.#checkpointLimit = Math.min(checkpointLimit, this.#text.length);
    this.#context = context;
  }

  parse(): void {
    while (this.#offset < this.#text.length) this.#parseNext();
    this.#delimiters.pair();
  }

  /** What has begun and not ended. */
  get unfinished(): UnfinishedInlines {
    const brackets: number[] = [];
    for (let bracket = this.#bracket; bracket !== undefined; bracket = bracket.previous) {
      brackets.push(bracket.start);
    }
    return {
      text: this.#text,
      runs: [...this.#delimiters.openers()],
      brackets,
      code: this.#openCode,
      tail: this.#openTail,
    };
  }

  #parseNext(): void {
    switch (this.#text.charAt(this.#offset)) {
      case "\n":
        return this.#parseLineEnd();
      case "\\":
        return this.#parseBackslash();
      case "`":
        return this.#parseBackticks();
      case "*":
      case "_":
        return this.#parseRun();
      case "~":
        return this.#context.isGfm ? this.#parseRun() : this.#parseCharacter();
      case "[":
        return this.#openBracket(false);
      case "!":
        return this.#text.startsWith("[", this.#offset + 1) && !this.#isFootnoteAt(this.#offset + 1)
          ? this.#openBracket(true)
          : this.#parseCharacter();
      case "]":
        return this.#closeBracket();
      case "<":
        return this.#parseLess();
      case "&":
        return this.#parseAmpersand();
      case "$":
        return this.#parseDollar();
      default:
        return this.#parsePlain();
    }
  }

  #append(type: InlineItem["type"], text: string, length: number): InlineItem {
    this.#offset += length;
    return this.list.append(new InlineItem(type, text));
  }

  #parseCharacter(): void {
    this.#append("text", this.#text.charAt(this.#offset), 1);
  }

  #parsePlain(): void {
    const start = this.#offset;
    PLAIN.lastIndex = start;
    PLAIN.test(this.#text);
    let end = PLAIN.lastIndex;
    const link = this.#context.isGfm ? this.#findLiteral(start, end) : undefined;
    if (link !== undefined) end = link.start;
    const word = this.#checkpointIn(start, end);
    const line = this.list.last;
    if (word === 0 && line?.type === "soft-break" && this.#isCertain(start)) {
      this.checkpoint = { offset: start, last: line };
    }
    if (word > start) {
      const item = this.#append("text", this.#text.slice(start, word), word - start);
      this.checkpoint = { offset: word, last: item };
    }
    if (end > this.#offset) this.#append("text", this.#text.slice(this.#offset, end), end - this.#offset);
    if (link !== undefined) this.#appendAutolink(link);
  }

  /** The start of the last word of a plain text before which everything is certain; 0: none. */
  #checkpointIn(start: number, end: number): number {
    if (!this.#isCertain(start)) return 0;
    let last = Math.min(end, this.#checkpointLimit) - 1;
    // Spaces before a line end may be a hard break.
    while (last > start && this.#text.charCodeAt(last) === 32) last -= 1;
    for (let at = last; at > start; at -= 1) {
      if (this.#text.charCodeAt(at - 1) === 32) return at;
    }
    return 0;
  }

  /** Nothing before `offset` can become something else. */
  #isCertain(offset: number): boolean {
    const isWaiting = this.#isPending || this.#bracket !== undefined || !this.#delimiters.isEmpty;
    return offset < this.#checkpointLimit && !isWaiting && !this.#delimiters.isTooDeep;
  }

  #findLiteral(start: number, end: number): (Autolink & { start: number }) | undefined {
    // In brackets that may become a link there are no links. [GFM 6.9 as cmark-gfm has it]
    if (this.#bracket !== undefined) return undefined;
    if (this.#nextLiteral < start) this.#nextLiteral = findLiteralStart(this.#text, start);
    while (this.#nextLiteral < end) {
      const at = this.#nextLiteral;
      const link =
        at === 0 && /[A-Za-z0-9]/.test(this.#before) ? undefined : scanLiteralAutolink(this.#text, at);
      if (link !== undefined) return { ...link, start: at };
      this.#nextLiteral = findLiteralStart(this.#text, at + 1);
    }
    return undefined;
  }

  #appendAutolink(link: Autolink): void {
    const item = this.#append("link", "", 0);
    this.#offset = link.end;
    item.destination = link.destination;
    item.first = new InlineItem("text", link.text);
    item.depth = 1;
  }

  #parseLineEnd(): void {
    const last = this.list.last;
    let isHard = false;
    if (last?.type === "text" && last.text.endsWith(" ")) {
      isHard = last.text.endsWith("  ");
      last.text = last.text.replace(/ +$/, "");
    }
    this.#append(isHard ? "hard-break" : "soft-break", "", 1);
    while (this.#text.charCodeAt(this.#offset) === 32) this.#offset += 1;
  }

  #parseBackslash(): void {
    const next = this.#text.charAt(this.#offset + 1);
    if (next === "\n") {
      this.#append("hard-break", "", 2);
      while (this.#text.charCodeAt(this.#offset) === 32) this.#offset += 1;
      return;
    }
    if (this.#context.hasMath && (next === "(" || next === "[")) {
      const math = scanBackslashMath(this.#text, this.#offset, this.#math);
      if (math !== undefined) return this.#appendMath(math);
      this.#isPending ||= this.#math.missing.size > 0;
    }
    if (isAsciiPunctuation(next)) this.#append("text", next, 2);
    else this.#parseCharacter();
  }

  #parseDollar(): void {
    const math = this.#context.hasMath ? scanDollarMath(this.#text, this.#offset, this.#math) : undefined;
    if (math !== undefined) return this.#appendMath(math);
    this.#isPending ||= this.#math.missing.size > 0;
    this.#parseCharacter();
    // A second dollar is part of this one's try.
    if (this.#text.charCodeAt(this.#offset) === 36) this.#parseCharacter();
  }

  #appendMath(math: { text: string; isDisplay: boolean; end: number }): void {
    this.#append("math-span", math.text, 0).isDisplay = math.isDisplay;
    this.#offset = math.end;
  }

  #parseBackticks(): void {
    const start = this.#offset;
    BACKTICKS.lastIndex = start;
    const length = BACKTICKS.exec(this.#text)?.[0].length ?? 1;
    this.#backticks ??= this.#findBackticks();
    if ((this.#backticks.get(length) ?? -1) > start) {
      let end = start + length;
      for (;;) {
        end = this.#text.indexOf("`", end);
        BACKTICKS.lastIndex = end;
        const found = BACKTICKS.exec(this.#text)?.[0].length ?? 1;
        if (found === length) break;
        end += found;
      }
      let code = this.#text.slice(start + length, end).replaceAll("\n", " ");
      if (code.startsWith(" ") && code.endsWith(" ") && /[^ ]/.test(code)) code = code.slice(1, -1);
      this.#append("code-span", code, end + length - start);
      return;
    }
    this.#isPending = true;
    this.#openCode ??= { offset: start, length };
    this.#append("text", "`".repeat(length), length);
  }

  #findBackticks(): Map<number, number> {
    const found = new Map<number, number>();
    for (const match of this.#text.matchAll(/`+/g)) found.set(match[0].length, match.index);
    return found;
  }

  #parseRun(): void {
    const start = this.#offset;
    RUN.lastIndex = start;
    const run = RUN.exec(this.#text)?.[0] ?? "";
    const before = characterClass(start === 0 ? this.#before : characterBefore(this.#text, start));
    const after = characterClass(characterAt(this.#text, start + run.length));
    const isLeft = after !== "space" && (after !== "punctuation" || before !== "other");
    const isRight = before !== "space" && (before !== "punctuation" || after !== "other");
    const item = this.#append("text", run, run.length);
    if (run.startsWith("~") && run.length > 2) return;
    const isUnderscore = run.startsWith("_");
    const canOpen = isLeft && (!isUnderscore || !isRight || before === "punctuation");
    const canClose = isRight && (!isUnderscore || !isLeft || after === "punctuation");
    if (!canOpen && !canClose) return;
    this.#delimiters.push(item, start, canOpen, canClose);
    // At once, so that less waits: only in brackets it must be known first what they are.
    if (canClose && this.#bracket === undefined) this.#delimiters.pair();
  }

  #openBracket(isImage: boolean): void {
    const length = isImage ? 2 : 1;
    const item = this.#append("text", isImage ? "![" : "[", length);
    if (this.#bracket !== undefined) this.#bracket.hasBracket = true;
    this.#bracket = {
      item,
      start: this.#offset,
      isImage,
      hasBracket: false,
      previous: this.#bracket,
    };
  }

  #closeBracket(): void {
    const opener = this.#bracket;
    const end = this.#offset;
    if (opener === undefined) return this.#parseCharacter();
    const link =
      opener.isImage || opener.start > this.#noLinkBefore ? this.#scanLinkTail(opener, end) : undefined;
    if (link !== undefined && !this.#delimiters.isTooDeep) return this.#closeLink(opener, link);
    this.#bracket = opener.previous;
    const label = this.#footnoteLabel(opener, end);
    if (label === undefined) {
      this.#parseCharacter();
      return;
    }
    this.#delimiters.pairFrom(opener.start);
    while (this.list.last !== undefined && this.list.last !== opener.item) this.list.remove(this.list.last);
    opener.item.type = "footnote-reference";
    opener.item.text = label;
    this.#offset = end + 1;
  }

  #closeLink(opener: Bracket, link: LinkDefinition & { readonly end: number }): void {
    this.#delimiters.pairFrom(opener.start);
    const holder = opener.item;
    const first = holder.next;
    const last = this.list.last;
    holder.type = opener.isImage ? "image" : "link";
    holder.text = "";
    holder.destination = link.destination;
    holder.title = link.title;
    if (first !== undefined && last !== undefined) {
      this.list.remove(holder);
      this.list.wrap(first, last, holder);
      this.#delimiters.isTooDeep ||= holder.depth >= 100;
    }
    this.#bracket = opener.previous;
    this.#offset = link.end;
    if (!opener.isImage) this.#noLinkBefore = opener.start;
  }

  /** What follows the closing bracket at `end`, or the label itself. [CommonMark 6.3] */
  #scanLinkTail(opener: Bracket, end: number): (LinkDefinition & { readonly end: number }) | undefined {
    const inline = scanLinkTail(this.#text, end + 1, this.#context.decode);
    if (inline === "unfinished") {
      this.#isPending = true;
      this.#openTail = { start: opener.start, parenthesis: end + 1 };
    } else if (inline !== undefined) {
      return inline;
    }
    const label = scanLinkLabel(this.#text, end + 1);
    const isFull = label !== undefined && label.text !== "";
    if (!isFull && opener.hasBracket) return undefined;
    const name = normalizeLabel(isFull ? label.text : this.#shortLabel(opener.start, end));
    const definition = name === "" ? undefined : this.#context.findDefinition(name);
    return definition && { ...definition, end: label?.end ?? end + 1 };
  }

  #shortLabel(start: number, end: number): string {
    return end - start > 999 ? "" : this.#text.slice(start, end);
  }

  #isFootnoteAt(offset: number): boolean {
    return this.#context.hasFootnotes && this.#text.startsWith("[^", offset);
  }

  /** `^label` in brackets, when there is such a footnote. */
  #footnoteLabel(opener: Bracket, end: number): string | undefined {
    if (opener.isImage || opener.hasBracket || !this.#isFootnoteAt(opener.start - 1)) return undefined;
    const label = this.#text.slice(opener.start + 1, end);
    if (label.length > 999 || !/^[^\s[\]]+$/.test(label)) return undefined;
    return this.#context.findFootnote(normalizeLabel(label));
  }

  #parseLess(): void {
    const start = this.#offset;
    const link = scanPointyAutolink(this.#text, start);
    if (link !== undefined) return this.#appendAutolink(link);
    const end = scanHtmlSpan(this.#text, start, this.#missing);
    if (end !== undefined) {
      this.#append("html-span", this.#text.slice(start, end), end - start);
      return;
    }
    this.#isPending ||= /[A-Za-z/!?]/.test(this.#text.charAt(start + 1));
    this.#parseCharacter();
  }

  #parseAmpersand(): void {
    const reference = scanReference(this.#text, this.#offset, this.#context.decode);
    if (reference === undefined) this.#parseCharacter();
    else this.#append("text", reference.text, reference.length);
  }
}
