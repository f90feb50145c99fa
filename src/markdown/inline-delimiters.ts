import { InlineItem, type InlineList } from "./inline-item.ts";

const MAX_DEPTH = 100;

/** A run of `*`, `_` or `~` that may begin or end something. [CommonMark 6.2, "delimiter run"] */
interface Delimiter {
  readonly character: string;
  readonly item: InlineItem;
  /** Place in the text: the order of the runs. */
  readonly offset: number;
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
  #last: Delimiter | undefined = undefined;
  /** Runs before this have been tried as closers. */
  #triedTo = 0;
  /** By kind of closer: no opener is found before this. It keeps the whole linear. */
  #openersBottom = new Map<string, number>();
  readonly #list: InlineList;

  constructor(list: InlineList) {
    this.#list = list;
  }

  /** No run waits for a partner. */
  get isEmpty(): boolean {
    return this.#last === undefined;
  }

  /** The runs that still may open something, the last first. */
  *openers(): Generator<{ readonly offset: number; readonly closer: string }> {
    for (let run = this.#last; run !== undefined; run = run.previous) {
      if (run.canOpen) yield { offset: run.offset, closer: run.character.repeat(run.left) };
    }
  }

  push(item: InlineItem, offset: number, canOpen: boolean, canClose: boolean): void {
    const delimiter: Delimiter = {
      character: item.text.charAt(0),
      item,
      offset,
      length: item.text.length,
      left: item.text.length,
      canOpen,
      canClose,
      previous: this.#last,
      next: undefined,
    };
    if (this.#last !== undefined) this.#last.next = delimiter;
    this.#last = delimiter;
  }

  /** Pairs all runs that stand before the end and after all brackets that are open. */
  pair(): void {
    this.#pair(0, this.#triedTo, this.#openersBottom);
    this.#triedTo = this.#last === undefined ? this.#triedTo : this.#last.offset + 1;
  }

  /** Pairs the runs from `bottom` on with each other, and drops those that find none: the text of a link. */
  pairFrom(bottom: number): void {
    this.#pair(bottom, bottom, new Map());
    while (this.#last !== undefined && this.#last.offset >= bottom) this.#remove(this.#last);
  }

  #pair(bottom: number, from: number, openersBottom: Map<string, number>): void {
    let closer = this.#last;
    while (closer?.previous !== undefined && closer.previous.offset >= from) closer = closer.previous;
    if (closer === undefined || closer.offset < from) return;
    while (closer !== undefined) {
      const key = closer.canClose ? closerKind(closer) : "";
      const opener: Delimiter | undefined = closer.canClose
        ? this.#findOpener(closer, Math.max(bottom, openersBottom.get(key) ?? 0))
        : undefined;
      const next: Delimiter | undefined = closer.next;
      if (opener !== undefined && closer.character === "~" && opener.length !== closer.length) {
        // Runs of another length end the try, as in cmark-gfm.
        while (this.#last !== undefined && closer.previous !== opener)
          this.#remove(closer.previous ?? opener);
        this.#remove(opener);
        this.#remove(closer);
        closer = next;
        continue;
      }
      if (opener !== undefined && !this.isTooDeep) {
        this.#match(opener, closer);
        if (closer.left === 0) {
          this.#list.remove(closer.item);
          this.#remove(closer);
          closer = next;
        }
        continue;
      }
      if (closer.canClose) {
        openersBottom.set(key, closer.offset);
        if (!closer.canOpen) this.#remove(closer);
      }
      closer = next;
    }
  }

  #findOpener(closer: Delimiter, bottom: number): Delimiter | undefined {
    for (
      let opener = closer.previous;
      opener !== undefined && opener.offset >= bottom;
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
    while (closer.previous !== undefined && closer.previous !== opener) this.#remove(closer.previous);
    opener.left -= used;
    closer.left -= used;
    opener.item.text = opener.item.text.slice(used);
    closer.item.text = closer.item.text.slice(used);
    if (first !== undefined && last !== undefined && first !== closer.item) {
      const holder = new InlineItem(isTilde ? "strikethrough" : used === 2 ? "strong" : "emphasis");
      this.#list.wrap(first, last, holder);
      this.isTooDeep ||= holder.depth >= MAX_DEPTH;
    }
    if (opener.left === 0) {
      this.#list.remove(opener.item);
      this.#remove(opener);
    }
  }

  #remove(delimiter: Delimiter): void {
    if (delimiter.previous !== undefined) delimiter.previous.next = delimiter.next;
    if (delimiter.next === undefined) this.#last = delimiter.previous;
    else delimiter.next.previous = delimiter.previous;
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
