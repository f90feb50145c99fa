import { topsOf, type Entry } from "./entry.ts";
import { readRawTag } from "./raw-tag.ts";

/**
 * Where inline content stands. A raw tag of the fixed list (`<sub>`) opens a real element: what follows stands in it, up to
 * its end tag or, as in HTML, to the end of the block around it. That is a meaning of the tree alone, so a prefix shows
 * what it would show as a whole.
 */
export interface InlineSlots {
  readonly kind: "inlines";
  readonly element: Element;
  /** What is appended goes in here: `element`, or the innermost raw element that is open at the end. */
  end: Element;
  /** A raw tag is in it, or was. */
  hasTags: boolean;
}

export function createInlineSlots(element: Element): InlineSlots {
  return { kind: "inlines", element, end: element, hasTags: false };
}

export function appendInline(slots: InlineSlots, entry: Entry): void {
  if (entry.node.type === "html-span") appendRaw(slots, entry, entry.node.text);
  else slots.end.append(...topsOf(entry));
}

/** @returns Whether others stand elsewhere now and `arrangeInlines` is needed. */
export function insertInlineBefore(slots: InlineSlots, entry: Entry, before: Entry): boolean {
  if (slots.hasTags || entry.node.type === "html-span") {
    appendInline(slots, entry);
    return true;
  }
  before.top.before(...topsOf(entry));
  return false;
}

/** @returns Whether others stand elsewhere now and `arrangeInlines` is needed. */
export function removeInline(slots: InlineSlots, entry: Entry): boolean {
  for (const node of topsOf(entry)) node.remove();
  return slots.hasTags && entry.node.type === "html-span";
}

/** Puts everything in its place again. Paragraphs with raw tags only, and only where those have changed. */
export function arrangeInlines(slots: InlineSlots, entries: readonly Entry[]): void {
  slots.element.replaceChildren();
  slots.end = slots.element;
  for (const entry of entries) appendInline(slots, entry);
}

function appendRaw(slots: InlineSlots, entry: Entry, text: string): void {
  const tag = readRawTag(text);
  if (tag === undefined) {
    if (entry.body?.kind === "text") entry.top = entry.body.pieces[0] ?? entry.top;
    slots.end.append(...topsOf(entry));
    return;
  }
  slots.hasTags = true;
  const parent = slots.end;
  switch (tag.kind) {
    case "break":
      entry.top = document.createElement("br");
      break;
    case "open": {
      const element = document.createElement(tag.name);
      entry.top = element;
      slots.end = element;
      break;
    }
    case "close": {
      const opened = findOpen(slots, tag.name);
      // Its end shows nothing; without a beginning it is what it says.
      entry.top = new Text(opened === undefined ? text : "");
      if (opened === undefined) break;
      slots.end = opened.parentElement ?? slots.element;
      slots.end.append(entry.top);
      return;
    }
  }
  parent.append(entry.top);
}

function findOpen(slots: InlineSlots, name: string): Element | undefined {
  for (let at: Element | null = slots.end; at !== null && at !== slots.element; at = at.parentElement) {
    if (at.localName === name) return at;
  }
  return undefined;
}
