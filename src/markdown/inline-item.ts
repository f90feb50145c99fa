import type { InlineNode } from "./tree.ts";

/** An inline node while its text is being parsed: a list, because emphasis is put around what stands between two runs. */
export class InlineItem {
  type: InlineNode["type"];
  text: string;
  destination = "";
  title: string | undefined = undefined;
  isDisplay = false;
  /** Levels of nodes in it. */
  depth = 0;
  previous: InlineItem | undefined = undefined;
  next: InlineItem | undefined = undefined;
  /** What it holds. */
  first: InlineItem | undefined = undefined;

  constructor(type: InlineNode["type"], text = "") {
    this.type = type;
    this.text = text;
  }
}

/** The items of one text, in order. */
export class InlineList {
  first: InlineItem | undefined = undefined;
  last: InlineItem | undefined = undefined;

  append(item: InlineItem): InlineItem {
    item.previous = this.last;
    if (this.last === undefined) this.first = item;
    else this.last.next = item;
    this.last = item;
    return item;
  }

  remove(item: InlineItem): void {
    if (item.previous === undefined) this.first = item.next;
    else item.previous.next = item.next;
    if (item.next === undefined) this.last = item.previous;
    else item.next.previous = item.previous;
  }

  /** Puts all from `first` to `last` into `holder`, which takes their place. */
  wrap(first: InlineItem, last: InlineItem, holder: InlineItem): void {
    holder.previous = first.previous;
    holder.next = last.next;
    if (first.previous === undefined) this.first = holder;
    else first.previous.next = holder;
    if (last.next === undefined) this.last = holder;
    else last.next.previous = holder;
    first.previous = undefined;
    last.next = undefined;
    holder.first = first;
    for (let item: InlineItem | undefined = first; item !== undefined; item = item.next) {
      holder.depth = Math.max(holder.depth, item.depth + 1);
    }
  }
}
