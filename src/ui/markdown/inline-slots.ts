import { createElement } from "./element.ts";
import type { Entry, Slots } from "./entry.ts";
import { readRawTag } from "./raw-tag.ts";

/**
 * Where inline content stands. A raw tag of the fixed list (`<sub>`) opens a real element: what follows stands in it, up to
 * its end tag or, as in HTML, to the end of the block around it. That is a meaning of the tree alone, so a prefix shows
 * what it would show as a whole.
 */
export function createInlineSlots(element: Element): Slots {
  /** What is appended goes in here: `element`, or the innermost raw element that is open at the end. */
  let end = element;
  /** A raw tag is in it, or was. */
  let hasTags = false;

  function showTag(entry: Entry, text: string): void {
    entry.raw = undefined;
    const tag = readRawTag(text);
    if (tag === undefined) return;
    hasTags = true;
    const { name, isClosing } = tag;
    if (!isClosing) {
      entry.raw = createElement(name);
      return;
    }
    for (let at = end; at !== element && at.parentElement !== null; at = at.parentElement) {
      if (at.localName !== name) continue;
      // Its end shows nothing.
      entry.raw = new Text("");
      end = at.parentElement;
      return;
    }
  }

  const slots: Slots = {
    append(entry) {
      const { node } = entry;
      if (node.type === "html-span") showTag(entry, node.text);
      end.append(...topsOf(entry));
      if (entry.raw instanceof Element && entry.raw.localName !== "br") end = entry.raw;
    },
    insert(entry, before) {
      const isLate = hasTags || entry.node.type === "html-span";
      if (isLate) slots.append(entry);
      else before.tops[0]?.before(...entry.tops);
      return isLate;
    },
    remove(entry) {
      for (const node of topsOf(entry)) node.remove();
      return hasTags && entry.node.type === "html-span";
    },
    /** Paragraphs with raw tags only, and only where those have changed. */
    arrange(entries) {
      element.replaceChildren();
      end = element;
      for (const entry of entries) slots.append(entry);
    },
  };
  return slots;
}

function topsOf({ raw, tops }: Entry): readonly ChildNode[] {
  return raw === undefined ? tops : [raw];
}
