import { InlineItem, type InlineList } from "./inline-item.ts";
import type { Trail } from "./trail.ts";

/** With as many levels of links: no more than 100. */
const MAX_DEPTH = 60;

/** What is begun and not ended is shown with an end up to this depth. The first stay the first, whatever follows. */
const MAX_BEGUN = 16;

/** Something that waits for its end. */
export interface Begun {
  /** Its opener. */
  readonly item: InlineItem;
  /** Of the first character after the opener. */
  readonly start: number;
}

/** A run of `*`, `_` or `~` that may begin or end something. [CommonMark 6.2, "delimiter run"] */
export interface Delimiter extends Begun {
  readonly character: string;
  readonly length: number;
  /** Characters that are not used up. */
  left: number;
  readonly canOpen: boolean;
  readonly canClose: boolean;
  previous: Delimiter | undefined;
  next: Delimiter | undefined;
}

/** The runs that wait for a partner, and what they become. [CommonMark, "An algorithm for parsing nested emphasis and links"] */
export class InlineDelimiters {
  /** Nesting was cut off: what follows depends on what was there before. */
  isTooDeep = false;
  last: Delimiter | undefined = undefined;
  /** Runs and brackets, the outermost first. */
  begun: readonly Begun[] = [];
  /** Runs before this are outside of the link that is being read. */
  #bottom = 0;
  /** By kind of closer: no opener is found before this. It keeps the whole linear. */
  #openersBottom: Record<string, number> = {};
  readonly #list: InlineList;
  readonly #trail: Trail;

  constructor(list: InlineList, trail: Trail) {
    this.#list = list;
    this.#trail = trail;
  }

  begin(begun: Begun): void {
    if (this.begun.length < MAX_BEGUN) this.#trail.set(this, "begun", [...this.begun, begun]);
  }

  /** What was begun from `offset` on has ended, or can't be told from text any more. */
  end(offset: number): void {
    this.#keep((begun) => begun.item.offset < offset);
  }

  /** A bracket that is none. */
  drop(bracket: Begun): void {
    this.#keep((begun) => begun !== bracket);
  }

  #keep(isLeft: (begun: Begun) => boolean): void {
    const left = this.begun.filter(isLeft);
    if (left.length < this.begun.length) this.#trail.set(this, "begun", left);
  }

  /** A run, and what it closes: at once, so that little waits. */
  push(item: InlineItem, canOpen: boolean, canClose: boolean): void {
    const { length } = item.text;
    const delimiter: Delimiter = {
      character: item.text.charAt(0),
      item,
      start: item.offset + length,
      length,
      left: length,
      canOpen,
      canClose,
      previous: this.last,
      next: undefined,
    };
    if (this.last !== undefined) this.#trail.set(this.last, "next", delimiter);
    this.#trail.set(this, "last", delimiter);
    if (canClose) this.#close(delimiter);
    if (canOpen && delimiter.left > 0 && this.last === delimiter) this.begin(delimiter);
  }

  /** Reads what is in a link: runs pair within it or not at all. */
  within(start: number, read: () => void): void {
    const [bottom, openersBottom] = [this.#bottom, this.#openersBottom];
    this.#bottom = start;
    this.#openersBottom = {};
    read();
    while (this.last !== undefined && this.last.item.offset >= start) this.#remove(this.last);
    this.end(start);
    this.#bottom = bottom;
    this.#openersBottom = openersBottom;
  }

  wrap(first: InlineItem, last: InlineItem, holder: InlineItem): void {
    this.#list.wrap(first, last, holder);
    if (holder.depth >= MAX_DEPTH) this.#trail.set(this, "isTooDeep", true);
  }

  /** Offsets begin anew; nothing waits. */
  rebase(): void {
    this.#openersBottom = {};
  }

  #close(closer: Delimiter): void {
    const kind = closerKind(closer);
    const bottoms = this.#openersBottom;
    while (closer.left > 0) {
      const opener = this.#findOpener(closer, Math.max(this.#bottom, bottoms[kind] ?? 0));
      if (opener === undefined || this.isTooDeep) {
        this.#trail.set(bottoms, kind, closer.item.offset);
        if (!closer.canOpen) this.#remove(closer);
        return;
      }
      // Runs of another length end the try, as in cmark-gfm.
      const isMismatch = closer.character === "~" && opener.length !== closer.length;
      if (!isMismatch) this.#match(opener, closer);
      while (closer.previous !== undefined && closer.previous !== opener) this.#remove(closer.previous);
      this.end(opener.item.offset + (isMismatch || opener.left === 0 ? 0 : 1));
      if (isMismatch || opener.left === 0) this.#remove(opener);
      if (isMismatch) break;
    }
    if (closer.left === 0) this.#list.remove(closer.item);
    this.#remove(closer);
  }

  #findOpener(closer: Delimiter, bottom: number): Delimiter | undefined {
    for (
      let opener = closer.previous;
      opener !== undefined && opener.item.offset >= bottom;
      opener = opener.previous
    ) {
      if (opener.canOpen && opener.character === closer.character && isPair(opener, closer)) return opener;
    }
    return undefined;
  }

  #match(opener: Delimiter, closer: Delimiter): void {
    const isTilde = closer.character === "~";
    const used = isTilde ? closer.length : opener.left >= 2 && closer.left >= 2 ? 2 : 1;
    const first = opener.item.next;
    const last = closer.item.previous;
    this.#use(opener, used);
    this.#use(closer, used);
    if (first !== undefined && last !== undefined && first !== closer.item) {
      const type = isTilde ? "strikethrough" : used === 2 ? "strong" : "emphasis";
      this.wrap(first, last, new InlineItem(type, "", opener.start - used));
    }
    if (opener.left === 0) this.#list.remove(opener.item);
  }

  #use(delimiter: Delimiter, used: number): void {
    const { item, left } = delimiter;
    item.owner = undefined;
    this.#trail.set(item, "text", item.text.slice(used));
    this.#trail.set(delimiter, "left", left - used);
  }

  #remove(delimiter: Delimiter): void {
    const { previous, next } = delimiter;
    if (previous !== undefined) this.#trail.set(previous, "next", next);
    if (next === undefined) this.#trail.set(this, "last", previous);
    else this.#trail.set(next, "previous", previous);
  }
}

/** The rule of three, which cmark-gfm has for tildes, too. [CommonMark 6.2 rules 9 and 10] */
function isPair(opener: Delimiter, closer: Delimiter): boolean {
  if (!opener.canClose && !closer.canOpen) return true;
  return closer.length % 3 === 0 || (opener.length + closer.length) % 3 !== 0;
}

function closerKind(closer: Delimiter): string {
  return closer.character + String(closer.length % 3) + (closer.canOpen ? "o" : "");
}
