import type { Trail } from "./trail.ts";
import type { InlineNode } from "./tree.ts";

/** An inline node while its text is being parsed: a list, because emphasis is put around what stands between two runs. */
export class InlineItem {
  readonly type: InlineNode["type"];
  text: string;
  /** Where it begins in the source. */
  offset: number;
  destination = "";
  title: string | undefined = undefined;
  isDisplay = false;
  /** Levels of nodes in it. */
  depth = 0;
  previous: InlineItem | undefined = undefined;
  next: InlineItem | undefined = undefined;
  /** What it holds. */
  first: InlineItem | undefined = undefined;

  /** The node in which it is shown as it is; undefined: it isn't, or that isn't known. */
  owner: object | undefined = undefined;
  /** Of its node among the owner's children. */
  index = 0;
  /** Texts: where it ends in its node's text. */
  textEnd = 0;
  /** Texts: how much of what may be an e-mail address it ends with, with the texts before it. */
  wordChars = 0;

  constructor(type: InlineNode["type"], text: string, offset: number) {
    this.type = type;
    this.text = text;
    this.offset = offset;
  }
}

/** The items of one text, in order. */
export class InlineList {
  first: InlineItem | undefined = undefined;
  last: InlineItem | undefined = undefined;
  readonly #trail: Trail;

  constructor(trail: Trail) {
    this.#trail = trail;
  }

  append(item: InlineItem): InlineItem {
    item.previous = this.last;
    this.#link(this.last, item);
    this.#trail.set(this, "last", item);
    return item;
  }

  remove(item: InlineItem): void {
    item.owner = undefined;
    this.#link(item.previous, item.next);
    this.#linkBack(item.next, item.previous);
  }

  /** Puts all from `first` to `last` into `holder`, which takes their place. */
  wrap(first: InlineItem, last: InlineItem, holder: InlineItem): void {
    holder.previous = first.previous;
    holder.next = last.next;
    this.#link(first.previous, holder);
    this.#linkBack(last.next, holder);
    this.#linkBack(first, undefined);
    this.#link(last, undefined);
    holder.first = first;
    for (let item: InlineItem | undefined = first; item !== undefined; item = item.next) {
      holder.depth = Math.max(holder.depth, item.depth + 1);
      item.owner = undefined;
    }
  }

  #link(item: InlineItem | undefined, next: InlineItem | undefined): void {
    if (item === undefined) this.#trail.set(this, "first", next);
    else this.#trail.set(item, "next", next);
  }

  #linkBack(item: InlineItem | undefined, previous: InlineItem | undefined): void {
    if (item === undefined) this.#trail.set(this, "last", previous);
    else this.#trail.set(item, "previous", previous);
  }
}
