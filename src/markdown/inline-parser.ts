import { findLiteralStart, scanLiteralAutolink, scanPointyAutolink, type Autolink } from "./autolink.ts";
import { characterAt, characterBefore, characterClass, isAsciiPunctuation } from "./character-class.ts";
import { BacktickRuns, backticksAt, codeText } from "./backtick-runs.ts";
import { MAX_REFERENCE_CHARS, scanReference } from "./character-reference.ts";
import { scanHtmlSpan } from "./html-span.ts";
import type { InlineContext } from "./inline-context.ts";
import { InlineBrackets } from "./inline-brackets.ts";
import { InlineDelimiters } from "./inline-delimiters.ts";
import { InlineItem, InlineList } from "./inline-item.ts";
import { isEnded } from "./is-ended.ts";
import { scanBackslashMath, scanDollarMath, type ScannedMath } from "./math-span.ts";
import { isMissing, ResumableText, type Missing } from "./resumable-text.ts";
import { skip } from "./skip.ts";
import { wordStart } from "./word-start.ts";

const PLAIN = /[^\n\\`*_[\]!<&~$]+/y;
const RUN = /\*+|_+|~+/y;

/** A growing text as inline items, from left to right, in linear time whatever the pieces. [CommonMark 6] */
export class InlineParser {
  readonly at = new ResumableText();
  readonly list = new InlineList(this.at.trail);
  readonly delimiters = new InlineDelimiters(this.list, this.at.trail);
  /** What ended the reading for healing: what waits for its end there is all that follows. */
  pause: "code" | "link" | undefined = undefined;
  /** The last item that stays. */
  certainLast: InlineItem | undefined = undefined;
  /** Reading stops where code or a link's destination is being written. */
  isHealing = false;
  /** Addresses at the very end aren't links before they have ended. */
  #isHolding = false;
  /** No math content that begins before this has a letter or digit. */
  emptyUntil = 0;
  readonly context: InlineContext;
  /** The character before the text. */
  #before = "";
  readonly #brackets: InlineBrackets;
  /** Where the next literal link may begin, of those from `#literalFrom` on. */
  #nextLiteral = -1;
  #literalFrom = 0;
  #backticks: BacktickRuns | undefined = undefined;

  constructor(context: InlineContext) {
    this.context = context;
    this.#brackets = new InlineBrackets(this);
  }

  /**
   * Goes on with a text that begins as the last one did, as far as that was certain. @param certainChars How much of it
   * stays whatever follows. @param isHolding Addresses at the very end aren't links before they have ended.
   */
  read(source: string, certainChars: number, isHealing: boolean, isHolding: boolean): void {
    const { at } = this;
    const isHealingAgain = isHealing && !this.isHealing;
    this.isHealing = isHealing;
    this.#isHolding = isHolding;
    this.pause = undefined;
    this.#brackets.restart();
    this.#nextLiteral = -1;
    const added = at.resume(source, certainChars);
    const first = at.watches[0];
    // What was text while the block was taken for closed may be what is being written now that it goes on.
    if (isHealingAgain && first !== undefined) at.rewind(first.mark);
    at.recheck(added, (watch) =>
      watch.closer.startsWith("`")
        ? this.#runs().has(watch.closer.length, -1) || watch.trigger
        : isEnded(at.text, watch, this.context.decode),
    );
    this.certainLast = this.list.last;
    let isCertain = true;
    while (at.offset < at.text.length && this.pause === undefined) {
      isCertain = at.take(this.next) && isCertain;
      if (isCertain) this.#advance();
    }
  }

  /** Drops what is before the last certain place, when nothing waits there. How much of the text that was. */
  forget(): number {
    const { at, certainLast: last } = this;
    const { offset, trail } = at.certain;
    if (trail > 0 || offset === 0 || last?.owner === undefined) return 0;
    if (last.type !== "text" || !/[ \n]$/.test(last.text)) return 0;
    at.rewind(at.certain);
    at.drop();
    this.list.first = last;
    last.previous = undefined;
    last.offset = -1;
    this.#before = " ";
    this.emptyUntil = 0;
    this.#brackets.rebase();
    this.delimiters.rebase();
    return offset;
  }

  #advance(): void {
    const { at, delimiters } = this;
    const isWaiting =
      this.#brackets.open !== undefined || delimiters.last !== undefined || at.watches.length > 0;
    if (!isWaiting && !delimiters.isTooDeep) at.trail.clear();
    at.certain = at.here();
    this.certainLast = this.list.last;
  }

  /** Reads the next item. */
  readonly next = (): void => {
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
        return this.context.isGfm ? this.#parseRun() : this.parseCharacter();
      case "[":
        return this.#brackets.begin(false);
      case "!":
        this.at.look(offset + 3);
        return text.startsWith("[", offset + 1) && !this.#brackets.isFootnoteAt(offset + 1)
          ? this.#brackets.begin(true)
          : this.parseCharacter();
      case "]":
        return this.#brackets.end();
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

  append(type: InlineItem["type"], text: string, end: number): InlineItem {
    const item = this.list.append(new InlineItem(type, text, this.at.offset));
    this.at.offset = end;
    return item;
  }

  /** The next character is text. */
  parseCharacter(): void {
    this.append("text", this.at.text.charAt(this.at.offset), this.at.offset + 1);
  }

  #parsePlain(): void {
    const { text, offset: start } = this.at;
    let end = skip(PLAIN, text, start);
    // In brackets that may become a link there are no links. [GFM 6.9 as cmark-gfm has it]
    if (this.context.isGfm && !this.#brackets.mayBeInLink()) {
      if (this.#findLiteral(start) === start) {
        const { link, reach } = scanLiteralAutolink(text, start);
        this.at.look(reach);
        if (link !== undefined && !(this.#isHolding && reach > text.length))
          return this.#appendAutolink(link);
      }
      end = Math.min(end, this.#findLiteral(start + 1));
    }
    if (end === text.length) {
      end = wordStart(text, start, this.at.limit);
      if (end === text.length) this.at.look();
    }
    this.append("text", text.slice(start, end), end);
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
    const item = this.append("link", "", end);
    item.destination = destination;
    item.first = new InlineItem("text", text, start);
    item.depth = 1;
  }

  #parseLineEnd(): void {
    const { last } = this.list;
    // A line that ends with a link's opening bracket doesn't end with the spaces before that.
    const isBehindBracket = this.at.text.charAt(this.at.offset - 1) === "[";
    let isHard = false;
    if (last?.type === "text" && last.text.endsWith(" ") && !isBehindBracket) {
      isHard = last.text.endsWith("  ");
      last.owner = undefined;
      this.at.trail.set(last, "text", last.text.replace(/ +$/, ""));
    }
    this.#breakLine(isHard, 1);
  }

  #breakLine(isHard: boolean, length: number): void {
    this.append(isHard ? "hard-break" : "text", "\n", this.at.offset + length);
    while (this.at.text.charCodeAt(this.at.offset) === 32) this.at.offset += 1;
  }

  #parseBackslash(): void {
    const { offset, text } = this.at;
    const next = text.charAt(offset + 1);
    this.at.look(offset + 2);
    if (next === "\n") return this.#breakLine(true, 2);
    if (this.context.hasMath && (next === "(" || next === "[") && offset >= this.emptyUntil) {
      const math = scanBackslashMath(text, offset, this.at.isMissing);
      const isEmpty = !isMissing(math) && !/[\p{L}\p{N}]/u.test(math.text);
      if (isEmpty) this.at.trail.set(this, "emptyUntil", math.end - 2);
      if (this.#takeMath(isEmpty ? undefined : math)) return;
      if (isEmpty) this.at.look(math.end);
    }
    if (isAsciiPunctuation(next)) this.append("text", next, offset + 2);
    else this.parseCharacter();
  }

  #parseDollar(): void {
    const { offset, text } = this.at;
    this.at.look(offset + 2);
    if (this.context.hasMath && this.#takeMath(scanDollarMath(text, offset, this.at.isMissing))) return;
    this.parseCharacter();
    // A second dollar is part of this one's try.
    if (text.charCodeAt(this.at.offset) === 36) this.parseCharacter();
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
    this.append("math-span", math.text, math.end).isDisplay = math.isDisplay;
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
      this.append("code-span", codeText(text.slice(contentStart, end)), end + length);
    } else if (this.isHealing) {
      at.look();
      this.pause = "code";
    } else {
      at.wait(start, closer, "`");
      this.append("text", closer, contentStart);
    }
  }

  #runs(): BacktickRuns {
    const { text, offset } = this.at;
    if (this.#backticks?.knows(text, offset) !== true) this.#backticks = new BacktickRuns(text, offset);
    return this.#backticks;
  }

  #parseRun(): void {
    const { offset: start, text } = this.at;
    const end = skip(RUN, text, start);
    const run = text.slice(start, end);
    // A character is up to two code units.
    this.at.look(end + 2);
    const before = characterClass(start === 0 ? this.#before : characterBefore(text, start));
    const after = characterClass(characterAt(text, end));
    const isLeft = after !== "space" && (after !== "punctuation" || before !== "other");
    const isRight = before !== "space" && (before !== "punctuation" || after !== "other");
    const item = this.append("text", run, end);
    if (run.startsWith("~") && run.length > 2) return;
    const isUnderscore = run.startsWith("_");
    const canOpen = isLeft && (!isUnderscore || !isRight || before === "punctuation");
    const canClose = isRight && (!isUnderscore || !isLeft || after === "punctuation");
    if (canOpen || canClose) this.delimiters.push(item, canOpen, canClose);
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
      this.append("html-span", text.slice(offset, html), html);
      return;
    }
    const open = html ?? link;
    if (open === undefined) this.at.lookAhead();
    else this.at.wait(offset, open.missing, ">");
    this.parseCharacter();
  }

  #parseAmpersand(): void {
    const { offset } = this.at;
    const reference = scanReference(this.at.text, offset, this.context.decode);
    this.at.look(offset + (reference?.length ?? MAX_REFERENCE_CHARS));
    if (reference === undefined) this.parseCharacter();
    else this.append("text", reference.text, offset + reference.length);
  }
}
