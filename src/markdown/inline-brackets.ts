import type { Begun } from "./inline-delimiters.ts";
import { InlineItem } from "./inline-item.ts";
import type { InlineParser } from "./inline-parser.ts";
import type { LinkDefinition } from "./link-definition.ts";
import { normalizeLabel, scanLinkLabel } from "./link-syntax.ts";
import { scanLinkTail } from "./link-tail.ts";
import { isMissing, type Mark } from "./resumable-text.ts";

const MAX_LINK_LEVELS = 40;

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

/**
 * Links, pictures and references to footnotes. A bracket is text until its link is whole: then the text from it on is read
 * again as a link. [CommonMark 6.3, 6.4]
 */
export class InlineBrackets {
  /** The innermost that waits for its end. */
  open: Bracket | undefined = undefined;
  /** Brackets before this hold a link, so they are none. [CommonMark 6.3] */
  noLinkBefore = 0;
  #isInLink = false;
  /** By the start of their content. */
  readonly #resolved = new Map<number, Resolved>();
  readonly #parser: InlineParser;

  constructor(parser: InlineParser) {
    this.#parser = parser;
  }

  /** The text is another one, or longer. */
  restart(): void {
    if (this.#resolved.size > 0) this.#resolved.clear();
  }

  /** Offsets begin anew; nothing waits. */
  rebase(): void {
    this.noLinkBefore = 0;
  }

  mayBeInLink(): boolean {
    return this.open !== undefined || this.#isInLink;
  }

  isFootnoteAt(offset: number): boolean {
    const { at, context } = this.#parser;
    return context.hasFootnotes && at.text.startsWith("[^", offset);
  }

  /** At an opening bracket. */
  begin(isImage: boolean): void {
    const { at, delimiters } = this.#parser;
    const { open: previous } = this;
    const mark = at.here();
    const start = at.offset + (isImage ? 2 : 1);
    if (previous !== undefined && !previous.hasBracket) at.trail.set(previous, "hasBracket", true);
    const resolved = this.#resolved.get(start);
    if (resolved !== undefined) return this.#readLink(start, isImage, resolved);
    const item = this.#parser.append("text", isImage ? "![" : "[", start);
    const bracket = { item, start, mark, isImage, hasBracket: false, links: 0, previous };
    at.trail.set(this, "open", bracket);
    delimiters.begin(bracket);
  }

  /** At a closing bracket. */
  end(): void {
    const { at, list, delimiters } = this.#parser;
    const { open: opener } = this;
    const close = at.offset;
    if (opener === undefined) return this.#parser.parseCharacter();
    at.look(close + 2);
    const mayLink = opener.links < MAX_LINK_LEVELS && (opener.isImage || opener.start > this.noLinkBefore);
    const link = mayLink ? this.#linkAfter(opener, close) : undefined;
    if (this.#parser.pause !== undefined) return;
    const label = link === undefined ? this.#footnoteLabel(opener, close) : undefined;
    if (link !== undefined || label !== undefined) {
      const end = link?.end ?? close + 1;
      at.look(end);
      const links = opener.links + 1;
      this.#resolved.set(opener.start, { close, end, link: link ?? label ?? "", links, seen: at.seen });
      const { certain } = at;
      at.rewind(opener.mark);
      if (at.certain !== certain) this.#parser.certainLast = list.last;
      return;
    }
    const { previous } = opener;
    at.trail.set(this, "open", previous);
    if (previous !== undefined && previous.links < opener.links)
      at.trail.set(previous, "links", opener.links);
    delimiters.drop(opener);
    this.#parser.parseCharacter();
  }

  /** Its end is known: what is in it is read as the text of a link. */
  #readLink(start: number, isImage: boolean, { close, end, link, links, seen }: Resolved): void {
    const parser = this.#parser;
    const { at, list, delimiters } = parser;
    const { open: outer } = this;
    at.look(seen);
    if (typeof link === "string") {
      parser.append("footnote-reference", link, end);
      return;
    }
    const before = list.last;
    const holder = new InlineItem(isImage ? "image" : "link", "", at.offset);
    holder.destination = link.destination;
    holder.title = link.title;
    const wasInLink = this.#isInLink;
    this.#isInLink = true;
    at.trail.set(this, "open", undefined);
    at.offset = start;
    delimiters.within(start, () => {
      while (at.offset < close && parser.pause === undefined) parser.next();
    });
    this.#isInLink = wasInLink;
    at.trail.set(this, "open", outer);
    const first = before === undefined ? list.first : before.next;
    if (first === undefined || list.last === undefined) list.append(holder);
    else delimiters.wrap(first, list.last, holder);
    at.offset = end;
    if (!isImage) at.trail.set(this, "noLinkBefore", start);
    if (outer !== undefined && outer.links < links) at.trail.set(outer, "links", links);
  }

  /** What follows the closing bracket at `close`, or the label itself. [CommonMark 6.3] */
  #linkAfter(opener: Bracket, close: number): (LinkDefinition & { readonly end: number }) | undefined {
    const { at, context, isHealing } = this.#parser;
    const { text } = at;
    const inline = scanLinkTail(text, close + 1, context.decode);
    if (inline !== undefined && !isMissing(inline)) return inline;
    if (inline === undefined) at.lookAhead();
    else if (isHealing && !text.includes(")", close + 1)) {
      at.look();
      this.#parser.pause = "link";
      return undefined;
    } else at.wait(close, "", inline.missing);
    const label = scanLinkLabel(text, close + 1);
    if (label === "open") at.look();
    else if (label === undefined) at.lookAhead();
    const full = typeof label === "object" ? label : undefined;
    const isFull = full !== undefined && full.text !== "";
    if (!isFull && opener.hasBracket) return undefined;
    const name = normalizeLabel(isFull ? full.text : this.#shortLabel(opener.start, close));
    const definition = name === "" ? undefined : context.findDefinition(name);
    return definition && { ...definition, end: full?.end ?? close + 1 };
  }

  #shortLabel(start: number, end: number): string {
    return end - start > 999 ? "" : this.#parser.at.text.slice(start, end);
  }

  /** `^label` in brackets, when there is such a footnote. */
  #footnoteLabel(opener: Bracket, end: number): string | undefined {
    if (opener.isImage || opener.hasBracket || !this.isFootnoteAt(opener.start - 1)) return undefined;
    const label = this.#shortLabel(opener.start + 1, end);
    if (!/^[^\s[\]]+$/.test(label)) return undefined;
    return this.#parser.context.findFootnote(normalizeLabel(label));
  }
}
