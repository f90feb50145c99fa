import { findLiteralStart, scanLiteralAutolink, scanPointyAutolink, type Autolink } from "./autolink.ts";
import { characterAt, characterBefore, characterClass, isAsciiPunctuation } from "./character-class.ts";
import { BacktickRuns, backticksAt, codeText } from "./backtick-runs.ts";
import { MAX_REFERENCE_CHARS, scanReference } from "./character-reference.ts";
import { scanHtmlSpan } from "./html-span.ts";
import type { InlineContext } from "./inline-context.ts";
import { InlineDelimiters, type Begun } from "./inline-delimiters.ts";
import { InlineItem, InlineList } from "./inline-item.ts";
import { isEnded } from "./is-ended.ts";
import type { LinkDefinition } from "./link-definition.ts";
import { normalizeLabel, scanLinkLabel } from "./link-syntax.ts";
import { scanLinkTail } from "./link-tail.ts";
import { scanBackslashMath, scanDollarMath, type ScannedMath } from "./math-span.ts";
import { isMissing, ResumableText, type Mark, type Missing } from "./resumable-text.ts";
import { wordStart } from "./word-start.ts";

interface Bracket extends Begun {
  readonly mark: Mark;
  readonly isImage: boolean;
  /** Another bracket stands in it: then it is no label. */
  hasBracket: boolean;
  /** Levels of links in it. */
  links: number;
  readonly previous: Bracket | undefined;
}

/** What the text from a bracket on has turned out to be. */
interface Resolved {
  /** Of the closing bracket. */
  readonly close: number;
  readonly end: number;
  /** A label: a footnote's. */
  readonly link: LinkDefinition | string;
  readonly links: number;
  readonly seen: number;
}

const PLAIN = /[^\n\\`*_[\]!<&~$]+/y;
const RUN = /\*+|_+|~+/y;
const MAX_LINK_LEVELS = 40;

/**
 * A growing text as inline items, from left to right, in linear time whatever the pieces. [CommonMark 6] A bracket is text
 * until its link is whole: then the text from it on is read again as a link.
 */
export class InlineParser {
  readonly at = new ResumableText();
  readonly list = new InlineList(this.at.trail);
  readonly delimiters = new InlineDelimiters(this.list, this.at.trail);
  /** What ended the reading for healing: what waits for its end there is all that follows. */
  pause: "code" | "link" | undefined = undefined;
  /** The last item that stays. */
  certainLast: InlineItem | undefined = undefined;
  /** The character before the text. */
  #before = "";
  readonly #context: InlineContext;
  readonly #state: {
    bracket: Bracket | undefined;
    /** Brackets before this hold a link, so they are none. [CommonMark 6.3] */
    noLinkBefore: number;
    /** No math content that begins before this has a letter or digit. */
    emptyUntil: number;
  } = { bracket: undefined, noLinkBefore: 0, emptyUntil: 0 };
  #isHealing = false;
  #isInLink = false;
  /** By the start of their content. */
  readonly #resolved = new Map<number, Resolved>();
  /** Where the next literal link may begin, of those from `#literalFrom` on. */
  #nextLiteral = -1;
  #literalFrom = 0;
  #backticks: BacktickRuns | undefined = undefined;

  constructor(context: InlineContext) {
    this.#context = context;
  }

  /**
   * Goes on with a text that begins as the last one did, as far as that was certain. @param certainChars How much of it
   * stays whatever follows. @param isHealing Stops where code or a link's destination is being written.
   */
  read(source: string, certainChars: number, isHealing: boolean): void {
    const { at } = this;
    this.#isHealing = isHealing;
    this.pause = undefined;
    if (this.#resolved.size > 0) this.#resolved.clear();
    this.#nextLiteral = -1;
    const added = at.resume(source, certainChars);
    at.recheck(added, (watch) =>
      watch.closer.startsWith("`")
        ? this.#runs().has(watch.closer.length, -1)
        : isEnded(at.text, watch, this.#context.decode),
    );
    this.certainLast = this.list.last;
    let isCertain = true;
    while (at.offset < at.text.length && this.pause === undefined) {
      isCertain = at.take(this.#next) && isCertain;
      if (isCertain) this.#advance();
    }
  }

  /** Drops what is before the last certain place, when nothing waits there. How much of the text that was. */
  forget(): number {
    const { at, certainLast: last } = this;
    const { offset, trail } = at.certain;
    if (trail > 0 || offset === 0 || last?.owner === undefined) return 0;
    if (last.type !== "soft-break" && (last.type !== "text" || !last.text.endsWith(" "))) return 0;
    at.rewind(at.certain);
    at.drop();
    this.list.first = last;
    last.previous = undefined;
    last.offset = -1;
    this.#before = " ";
    this.#state.noLinkBefore = 0;
    this.#state.emptyUntil = 0;
    this.delimiters.rebase();
    return offset;
  }

  #advance(): void {
    const { at, delimiters } = this;
    const isWaiting =
      this.#state.bracket !== undefined || delimiters.last !== undefined || at.watches.length > 0;
    if (!isWaiting && !delimiters.isTooDeep) at.trail.clear();
    at.certain = at.here();
    this.certainLast = this.list.last;
  }

  readonly #next = (): void => {
    const { offset, text } = this.at;
    switch (text.charAt(offset)) {
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
        this.at.look(offset + 3);
        return text.startsWith("[", offset + 1) && !this.#isFootnoteAt(offset + 1)
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
  };

  #append(type: InlineItem["type"], text: string, end: number): InlineItem {
    const item = this.list.append(new InlineItem(type, text, this.at.offset));
    this.at.offset = end;
    return item;
  }

  #parseCharacter(): void {
    this.#append("text", this.at.text.charAt(this.at.offset), this.at.offset + 1);
  }

  #parsePlain(): void {
    const { text, offset: start } = this.at;
    PLAIN.lastIndex = start;
    PLAIN.test(text);
    let end = PLAIN.lastIndex;
    // In brackets that may become a link there are no links. [GFM 6.9 as cmark-gfm has it]
    if (this.#context.isGfm && this.#state.bracket === undefined && !this.#isInLink) {
      if (this.#findLiteral(start) === start) {
        const { link, reach } = scanLiteralAutolink(text, start);
        this.at.look(reach);
        if (link !== undefined) return this.#appendAutolink(link);
      }
      end = Math.min(end, this.#findLiteral(start + 1));
    }
    if (end === text.length) {
      end = wordStart(text, start, this.at.limit);
      if (end === text.length) this.at.look();
    }
    this.#append("text", text.slice(start, end), end);
  }

  #findLiteral(from: number): number {
    if (this.#nextLiteral < from || from < this.#literalFrom) {
      this.#literalFrom = from;
      this.#nextLiteral = findLiteralStart(this.at.text, from);
    }
    return this.#nextLiteral;
  }

  #appendAutolink({ text, destination, end }: Autolink): void {
    const start = this.at.offset;
    const item = this.#append("link", "", end);
    item.destination = destination;
    item.first = new InlineItem("text", text, start);
    item.depth = 1;
  }

  #parseLineEnd(): void {
    const { last } = this.list;
    let isHard = false;
    if (last?.type === "text" && last.text.endsWith(" ")) {
      isHard = last.text.endsWith("  ");
      last.owner = undefined;
      this.at.trail.set(last, "text", last.text.replace(/ +$/, ""));
    }
    this.#breakLine(isHard, 1);
  }

  #breakLine(isHard: boolean, length: number): void {
    this.#append(isHard ? "hard-break" : "soft-break", "", this.at.offset + length);
    while (this.at.text.charCodeAt(this.at.offset) === 32) this.at.offset += 1;
  }

  #parseBackslash(): void {
    const { offset, text } = this.at;
    const next = text.charAt(offset + 1);
    this.at.look(offset + 2);
    if (next === "\n") return this.#breakLine(true, 2);
    if (this.#context.hasMath && (next === "(" || next === "[") && offset >= this.#state.emptyUntil) {
      const math = scanBackslashMath(text, offset, this.at.isMissing);
      const isEmpty = !isMissing(math) && !/[\p{L}\p{N}]/u.test(math.text);
      if (isEmpty) this.at.trail.set(this.#state, "emptyUntil", math.end - 2);
      if (this.#takeMath(isEmpty ? undefined : math)) return;
      if (isEmpty) this.at.look(math.end);
    }
    if (isAsciiPunctuation(next)) this.#append("text", next, offset + 2);
    else this.#parseCharacter();
  }

  #parseDollar(): void {
    const { offset, text } = this.at;
    this.at.look(offset + 2);
    if (this.#context.hasMath && this.#takeMath(scanDollarMath(text, offset, this.at.isMissing))) return;
    this.#parseCharacter();
    // A second dollar is part of this one's try.
    if (text.charCodeAt(this.at.offset) === 36) this.#parseCharacter();
    this.at.look(this.at.offset + 1);
  }

  #takeMath(math: ScannedMath | Missing | undefined): boolean {
    if (math === undefined) {
      this.at.lookAhead();
      return false;
    }
    if (isMissing(math)) {
      this.at.wait(this.at.offset, math.missing, math.missing.slice(-1));
      return false;
    }
    // The character after a dollar counts.
    this.at.look(math.end + 1);
    this.#append("math-span", math.text, math.end).isDisplay = math.isDisplay;
    return true;
  }

  #parseBackticks(): void {
    const { at } = this;
    const { offset: start, text } = at;
    const closer = backticksAt(text, start);
    const { length } = closer;
    const contentStart = start + length;
    at.look(contentStart + 1);
    const runs = this.#runs();
    if (runs.has(length, start)) {
      const end = runs.find(length, contentStart);
      at.look(end + length + 1);
      this.#append("code-span", codeText(text.slice(contentStart, end)), end + length);
    } else if (this.#isHealing) {
      at.look();
      this.pause = "code";
    } else {
      at.wait(start, closer, "`");
      this.#append("text", closer, contentStart);
    }
  }

  #runs(): BacktickRuns {
    const { text, offset } = this.at;
    if (this.#backticks?.knows(text, offset) !== true) this.#backticks = new BacktickRuns(text, offset);
    return this.#backticks;
  }

  #parseRun(): void {
    const { offset: start, text } = this.at;
    RUN.lastIndex = start;
    const run = RUN.exec(text)?.[0] ?? "";
    const end = start + run.length;
    // A character is up to two code units.
    this.at.look(end + 2);
    const before = characterClass(start === 0 ? this.#before : characterBefore(text, start));
    const after = characterClass(characterAt(text, end));
    const isLeft = after !== "space" && (after !== "punctuation" || before !== "other");
    const isRight = before !== "space" && (before !== "punctuation" || after !== "other");
    const item = this.#append("text", run, end);
    if (run.startsWith("~") && run.length > 2) return;
    const isUnderscore = run.startsWith("_");
    const canOpen = isLeft && (!isUnderscore || !isRight || before === "punctuation");
    const canClose = isRight && (!isUnderscore || !isLeft || after === "punctuation");
    if (canOpen || canClose) this.delimiters.push(item, canOpen, canClose);
  }

  // Links

  #openBracket(isImage: boolean): void {
    const { bracket: previous } = this.#state;
    const mark = this.at.here();
    const start = this.at.offset + (isImage ? 2 : 1);
    if (previous !== undefined && !previous.hasBracket) this.at.trail.set(previous, "hasBracket", true);
    const resolved = this.#resolved.get(start);
    if (resolved !== undefined) return this.#readLink(start, isImage, resolved);
    const item = this.#append("text", isImage ? "![" : "[", start);
    const bracket = { item, start, mark, isImage, hasBracket: false, links: 0, previous };
    this.at.trail.set(this.#state, "bracket", bracket);
    this.delimiters.begin(bracket);
  }

  /** Its end is known: what is in it is read as the text of a link. */
  #readLink(start: number, isImage: boolean, { close, end, link, links, seen }: Resolved): void {
    const { bracket: outer } = this.#state;
    const { list, delimiters } = this;
    this.at.look(seen);
    if (typeof link === "string") {
      this.#append("footnote-reference", link, end);
      return;
    }
    const before = list.last;
    const holder = new InlineItem(isImage ? "image" : "link", "", this.at.offset);
    holder.destination = link.destination;
    holder.title = link.title;
    const wasInLink = this.#isInLink;
    this.#isInLink = true;
    this.at.trail.set(this.#state, "bracket", undefined);
    this.at.offset = start;
    delimiters.within(start, () => {
      while (this.at.offset < close && this.pause === undefined) this.#next();
    });
    this.#isInLink = wasInLink;
    this.at.trail.set(this.#state, "bracket", outer);
    const first = before === undefined ? list.first : before.next;
    if (first === undefined || list.last === undefined) list.append(holder);
    else delimiters.wrap(first, list.last, holder);
    this.at.offset = end;
    if (!isImage) this.at.trail.set(this.#state, "noLinkBefore", start);
    if (outer !== undefined && outer.links < links) this.at.trail.set(outer, "links", links);
  }

  #closeBracket(): void {
    const { bracket: opener, noLinkBefore } = this.#state;
    const close = this.at.offset;
    if (opener === undefined) return this.#parseCharacter();
    this.at.look(close + 2);
    const mayLink = opener.links < MAX_LINK_LEVELS && (opener.isImage || opener.start > noLinkBefore);
    const link = mayLink ? this.#scanLinkTail(opener, close) : undefined;
    if (this.pause !== undefined) return;
    const label = link === undefined ? this.#footnoteLabel(opener, close) : undefined;
    if (link !== undefined || label !== undefined) {
      const end = link?.end ?? close + 1;
      this.at.look(end);
      const links = opener.links + 1;
      this.#resolved.set(opener.start, { close, end, link: link ?? label ?? "", links, seen: this.at.seen });
      const { certain } = this.at;
      this.at.rewind(opener.mark);
      if (this.at.certain !== certain) this.certainLast = this.list.last;
      return;
    }
    const { previous } = opener;
    this.at.trail.set(this.#state, "bracket", previous);
    if (previous !== undefined && previous.links < opener.links)
      this.at.trail.set(previous, "links", opener.links);
    this.delimiters.drop(opener);
    this.#parseCharacter();
  }

  /** What follows the closing bracket at `close`, or the label itself. [CommonMark 6.3] */
  #scanLinkTail(opener: Bracket, close: number): (LinkDefinition & { readonly end: number }) | undefined {
    const { text } = this.at;
    const inline = scanLinkTail(text, close + 1, this.#context.decode);
    if (inline !== undefined && !isMissing(inline)) return inline;
    if (inline === undefined) this.at.lookAhead();
    else if (this.#isHealing && !text.includes(")", close + 1)) {
      this.at.look();
      this.pause = "link";
      return undefined;
    } else this.at.wait(close, "", inline.missing);
    const label = scanLinkLabel(text, close + 1);
    if (label === "open") this.at.look();
    else if (label === undefined) this.at.lookAhead();
    const full = typeof label === "object" ? label : undefined;
    const isFull = full !== undefined && full.text !== "";
    if (!isFull && opener.hasBracket) return undefined;
    const name = normalizeLabel(isFull ? full.text : this.#shortLabel(opener.start, close));
    const definition = name === "" ? undefined : this.#context.findDefinition(name);
    return definition && { ...definition, end: full?.end ?? close + 1 };
  }

  #shortLabel(start: number, end: number): string {
    return end - start > 999 ? "" : this.at.text.slice(start, end);
  }

  #isFootnoteAt(offset: number): boolean {
    return this.#context.hasFootnotes && this.at.text.startsWith("[^", offset);
  }

  /** `^label` in brackets, when there is such a footnote. */
  #footnoteLabel(opener: Bracket, end: number): string | undefined {
    if (opener.isImage || opener.hasBracket || !this.#isFootnoteAt(opener.start - 1)) return undefined;
    const label = this.#shortLabel(opener.start + 1, end);
    if (!/^[^\s[\]]+$/.test(label)) return undefined;
    return this.#context.findFootnote(normalizeLabel(label));
  }

  #parseLess(): void {
    const { offset, text } = this.at;
    this.at.look(offset + 2);
    const link = scanPointyAutolink(text, offset);
    if (link !== undefined && !isMissing(link)) {
      this.at.look(link.end);
      return this.#appendAutolink(link);
    }
    const html = scanHtmlSpan(text, offset, this.at.isMissing);
    if (typeof html === "number") {
      this.at.look(html);
      this.#append("html-span", text.slice(offset, html), html);
      return;
    }
    const open = html ?? link;
    if (open === undefined) this.at.lookAhead();
    else this.at.wait(offset, open.missing, ">");
    this.#parseCharacter();
  }

  #parseAmpersand(): void {
    const { offset } = this.at;
    const reference = scanReference(this.at.text, offset, this.#context.decode);
    this.at.look(offset + (reference?.length ?? MAX_REFERENCE_CHARS));
    if (reference === undefined) this.#parseCharacter();
    else this.#append("text", reference.text, offset + reference.length);
  }
}
