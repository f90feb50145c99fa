import type { BlockNode, InlineNode, ListItemNode, ListNode } from "../../markdown/tree.ts";
import { createTextRun, growTextRun } from "../text-run.ts";
import { setAnchor } from "./anchor.ts";
import { createBlockSlots } from "./block-slots.ts";
import { buildCode } from "./build-code.ts";
import { buildImage } from "./build-image.ts";
import { buildMath } from "./build-math.ts";
import type { Decorations } from "./decorations.ts";
import { addElement, createElement, createGroup, setOptionalAttribute, toggleClass } from "./element.ts";
import type { Built, Entry } from "./entry.ts";
import { buildFootnote, buildFootnoteReference, buildFootnotes } from "./footnotes.ts";
import { createInlineSlots } from "./inline-slots.ts";

export interface BuildContext {
  readonly decorations: Decorations;
  /** Makes ids in the page unique: one answer's footnotes are not another's. */
  readonly idPrefix: string;
}

/** What stands in the page for `node`, but for its children. Elements of fixed names and text nodes, never a string of HTML. */
export function buildEntry(node: BlockNode | InlineNode, parent: Entry, context: BuildContext): Entry {
  return { node, parent, separator: undefined, raw: undefined, ...build(node, parent, context) };
}

function build(node: BlockNode | InlineNode, parent: Entry, { decorations, idPrefix }: BuildContext): Built {
  switch (node.type) {
    case "paragraph":
      // Copied, each `p` is followed by an empty line: between the items of a list nobody wants one.
      return withInlines(createElement(parent.node.type === "list-item" ? "div" : "p"));
    case "heading":
      // One below: the first level is the page's own title.
      return withInlines(createElement(`h${Math.min(6, node.level + 1)}` as "h2"));
    case "block-quote":
      return withBlocks(createElement("blockquote"));
    case "list":
      return buildList(node);
    case "list-item":
      return buildItem(node);
    case "code-block":
      return buildCode(node, decorations);
    case "html-block":
      return buildHtmlBlock(node);
    case "math-block":
    case "math-span":
      return buildMath(node, parent, decorations);
    case "thematic-break":
      return { tops: [createElement("hr")] };
    case "table":
      return buildTable(decorations);
    case "table-row": {
      const row = createElement("tr");
      return { tops: [row], slots: createBlockSlots(row, { separator: " " }) };
    }
    case "table-cell": {
      const isHeader = parent.node.type === "table-row" && parent.node.isHeader;
      const cell = createElement(isHeader ? "th" : "td");
      if (isHeader) cell.scope = "col";
      setOptionalAttribute(cell, "data-align", node.alignment);
      return withInlines(cell);
    }
    case "footnotes":
      return buildFootnotes();
    case "footnote":
      return buildFootnote(node, idPrefix);
    case "text":
    case "html-span":
      return buildText(node.text);
    case "code-span":
      return buildText(node.text, createElement("code"));
    case "hard-break":
      // The white space makes two words of what it parts.
      return { tops: [createElement("br"), new Text("\n")] };
    case "emphasis":
      return withInlines(createElement("em"));
    case "strong":
      return withInlines(createElement("strong"));
    case "strikethrough":
      return withInlines(createElement("del"));
    case "link": {
      // An address in angles within a link's text: no link is within a link.
      if (isInLink(parent)) return withInlines(createElement("span"));
      const anchor = createElement("a");
      return withInlines(anchor, () => setAnchor(anchor, node.destination, node.title));
    }
    case "image":
      return buildImage(node, isInLink(parent));
    case "footnote-reference":
      return buildFootnoteReference(node, isInLink(parent), idPrefix);
  }
}

function withInlines(element: HTMLElement, update?: () => void): Built {
  return { tops: [element], slots: createInlineSlots(element), ...(update && { update }) };
}

function withBlocks(element: HTMLElement): Built {
  return { tops: [element], slots: createBlockSlots(element, { createGroup }) };
}

/** @param holder Undefined: the text stands among its siblings. */
function buildText(text: string, holder?: HTMLElement): Built {
  const run = createTextRun(text);
  holder?.append(...run.pieces);
  return {
    tops: holder === undefined ? run.pieces : [holder],
    grow: (keep, added) => growTextRun(run, keep, added),
  };
}

function buildList(node: ListNode): Built {
  const list = createElement(node.isOrdered ? "ol" : "ul");
  if (node.isOrdered && node.start !== 1) list.setAttribute("start", String(node.start));
  const createListGroup = (): Element => {
    const group = createElement("div");
    // Nothing stands between a list and its items.
    group.setAttribute("role", "presentation");
    return group;
  };
  return {
    tops: [list],
    slots: createBlockSlots(list, { createGroup: createListGroup }),
    update: () => toggleClass(list, "md-tight", !node.isLoose),
  };
}

/** A task has a box that can't be pressed before the item's blocks. */
function buildItem(node: ListItemNode): Built {
  const item = createElement("li");
  const slots = createBlockSlots(item, { createGroup });
  return {
    tops: [item],
    slots,
    update() {
      const { isChecked } = node;
      toggleClass(item, "md-task", isChecked !== undefined);
      slots.lead?.remove();
      slots.lead = undefined;
      if (isChecked === undefined) return;
      const box = createElement("input");
      box.type = "checkbox";
      box.disabled = true;
      // The attribute, for whoever copies the page.
      box.toggleAttribute("checked", isChecked);
      box.setAttribute("aria-label", isChecked ? "Done" : "To do");
      item.prepend(box);
      slots.lead = box;
    },
  };
}

const ONLY_BREAKS = /^(?:\s*<br\s*\/?>)+\s*$/i;

/** HTML is text, but for nothing but breaks, which some put between blocks. */
function buildHtmlBlock(node: { readonly text: string }): Built {
  const element = createElement("div", "md-raw");
  const run = createTextRun(node.text);
  return {
    tops: [element],
    grow: (keep, added) => growTextRun(run, keep, added),
    update() {
      const { text } = node;
      const isBreaks = text.length < 100 && ONLY_BREAKS.test(text);
      const breaks = isBreaks ? text.split("<").slice(1) : [];
      if (isBreaks) element.replaceChildren(...breaks.map(() => createElement("br")));
      else if (run.pieces[0]?.parentNode !== element) element.replaceChildren(...run.pieces);
    },
  };
}

function buildTable(decorations: Decorations): Built {
  const scroller = createElement("div", "md-table");
  const table = addElement(scroller, "table");
  const head = addElement(table, "thead");
  return {
    tops: [scroller],
    slots: createBlockSlots(table, { createGroup: () => createElement("tbody"), head }),
    dispose: decorations.decorateTable(scroller),
  };
}

/** Asks the entries, not the page: what is built stands nowhere yet. */
function isInLink({ node, parent }: Entry): boolean {
  return node.type === "link" || (parent !== undefined && isInLink(parent));
}
