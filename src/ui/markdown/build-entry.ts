import type { BlockNode, InlineNode, ListNode, TableCellNode, TableNode } from "../../markdown/tree.ts";
import { setAnchor } from "./anchor.ts";
import { createBlockSlots, type BlockSlots } from "./block-slots.ts";
import { createCodeBody } from "./code-body.ts";
import { addElement, createElement, setOptionalAttribute, toggleClass } from "./element.ts";
import type { Body, Entry } from "./entry.ts";
import { createFootnote, createFootnoteReference, showFootnote, showFootnoteReference } from "./footnotes.ts";
import { showImage } from "./image-body.ts";
import { createInlineSlots } from "./inline-slots.ts";
import { createMathBody } from "./math-body.ts";
import { createTextRun, type TextRun } from "../text-run.ts";

export interface BuildContext {
  /** Makes ids in the page unique: one answer's footnotes are not another's. */
  readonly idPrefix: string;
}

type Built = Pick<Entry, "top"> & { readonly body: Body | undefined };

/** What stands in the page for `node`, but for its children. Elements of fixed names and text nodes, never a string of HTML. */
export function buildEntry(node: BlockNode | InlineNode, parent: Entry, context: BuildContext): Entry {
  return { node, parent, separator: undefined, ...build(node, parent, context) };
}

function build(node: BlockNode | InlineNode, parent: Entry, context: BuildContext): Built {
  switch (node.type) {
    case "paragraph":
      // Copied, each `p` is followed by an empty line: between the items of a list nobody wants one.
      return withInlines(createElement(parent.node.type === "list-item" ? "div" : "p"));
    case "heading":
      return withInlines(createElement(headingName(node.level)));
    case "block-quote":
      return withBlocks(createElement("blockquote"));
    case "list":
      return buildList(node);
    case "list-item":
      return buildItem(node.isChecked);
    case "code-block": {
      const body = createCodeBody(node.info, node.text, node.isOpen);
      return { top: body.element, body };
    }
    case "html-block":
      return buildHtmlBlock(node.text);
    case "math-block": {
      const element = createElement("div", "md-math");
      return { top: element, body: createMathBody(element, node.text, true) };
    }
    case "thematic-break":
      return { top: createElement("hr"), body: undefined };
    case "table":
      return buildTable(node);
    case "table-row": {
      const row = createElement("tr");
      return { top: row, body: createBlockSlots(row, undefined, row, " ") };
    }
    case "table-cell":
      return buildCell(node, parent);
    case "footnotes": {
      const section = createElement("section", "md-footnotes");
      section.setAttribute("role", "doc-endnotes");
      section.setAttribute("aria-label", "Footnotes");
      // As between any two blocks, so that words stay apart in the page's text.
      section.append("\n");
      const list = addElement(section, "ol");
      return { top: section, body: createBlockSlots(list, undefined) };
    }
    case "footnote": {
      const { item, inside } = createFootnote();
      showFootnote(item, node, context.idPrefix);
      return { top: item, body: createBlockSlots(inside, createGroup) };
    }
    case "text":
      return withText(node.text);
    case "html-span":
      return withText(node.text);
    case "code-span":
      return withTextIn(createElement("code"), node.text);
    case "math-span": {
      const element = createElement("span", "md-math");
      return { top: element, body: createMathBody(element, node.text, node.isDisplay) };
    }
    case "soft-break":
      return withText("\n");
    case "hard-break":
      return { top: createElement("br"), body: createTextRun("\n") };
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
      setAnchor(anchor, node.destination, node.title);
      return withInlines(anchor);
    }
    case "image": {
      const element = createElement("span", "md-image-holder");
      const body = { kind: "image", element, isInLink: isInLink(parent) } as const;
      showImage(body, node);
      return { top: element, body };
    }
    case "footnote-reference": {
      const holder = createFootnoteReference(isInLink(parent));
      showFootnoteReference(holder, node, context.idPrefix);
      return { top: holder, body: undefined };
    }
  }
}

/** A group of blocks is nothing to anybody but layout. */
export function createGroup(): Element {
  return createElement("div", "md-group");
}

export function setLoose(list: Element, isLoose: boolean): void {
  toggleClass(list, "md-tight", !isLoose);
}

const ONLY_BREAKS = /^(?:\s*<br\s*\/?>)+\s*$/i;

/** HTML is text, but for nothing but breaks, which some put between blocks. */
export function showHtmlBlock(element: Element, run: TextRun, text: string): void {
  const isBreaks = text.length < 100 && ONLY_BREAKS.test(text);
  if (isBreaks)
    element.replaceChildren(
      ...text
        .split("<")
        .slice(1)
        .map(() => createElement("br")),
    );
  else if (run.pieces[0]?.parentNode !== element) element.replaceChildren(...run.pieces);
}

/** Shows a box that can't be pressed before the item's blocks; undefined: none. */
export function setTask(item: BlockSlots, isChecked: boolean | undefined): void {
  toggleClass(item.element, "md-task", isChecked !== undefined);
  if (isChecked === undefined) {
    item.lead?.remove();
    item.lead = undefined;
    return;
  }
  const box = item.lead instanceof HTMLInputElement ? item.lead : createElement("input");
  box.type = "checkbox";
  box.disabled = true;
  // The attribute too, for whoever copies the page.
  box.toggleAttribute("checked", isChecked);
  box.checked = isChecked;
  box.setAttribute("aria-label", isChecked ? "Done" : "To do");
  if (item.lead === undefined) item.element.prepend(box);
  item.lead = box;
}

function withInlines(element: HTMLElement): Built {
  return { top: element, body: createInlineSlots(element) };
}

function withBlocks(element: HTMLElement): Built {
  return { top: element, body: createBlockSlots(element, createGroup) };
}

function withText(text: string): Built {
  const run = createTextRun(text);
  return { top: run.pieces[0] ?? new Text(""), body: run };
}

function withTextIn(element: HTMLElement, text: string): Built {
  const run = createTextRun(text);
  element.append(...run.pieces);
  return { top: element, body: run };
}

/** One below: the first level is the page's own title. */
function headingName(level: number): "h2" | "h3" | "h4" | "h5" | "h6" {
  return (["h2", "h3", "h4", "h5"] as const)[level - 1] ?? "h6";
}

function buildItem(isChecked: boolean | undefined): Built {
  const item = createElement("li");
  const body = createBlockSlots(item, createGroup);
  if (isChecked !== undefined) setTask(body, isChecked);
  return { top: item, body };
}

function buildList(node: ListNode): Built {
  const list = createElement(node.isOrdered ? "ol" : "ul");
  if (node.isOrdered && node.start !== 1) list.setAttribute("start", String(node.start));
  setLoose(list, node.isLoose);
  return {
    top: list,
    body: createBlockSlots(list, () => {
      const group = createElement("div");
      // Nothing stands between a list and its items.
      group.setAttribute("role", "presentation");
      return group;
    }),
  };
}

function buildHtmlBlock(text: string): Built {
  const run = createTextRun(text);
  const element = createElement("div", "md-raw");
  showHtmlBlock(element, run, text);
  return { top: element, body: run };
}

function buildTable(node: TableNode): Built {
  const scroller = createElement("div", "md-table");
  // Wide tables scroll in themselves; without this a keyboard could not scroll one.
  scroller.tabIndex = 0;
  scroller.setAttribute("role", "group");
  scroller.setAttribute("aria-label", `Table with ${node.alignments.length} columns`);
  const table = addElement(scroller, "table");
  addElement(table, "thead");
  table.append("\n");
  return {
    top: scroller,
    body: createBlockSlots(table, () => createElement("tbody"), addElement(table, "tbody")),
  };
}

function buildCell(node: TableCellNode, row: Entry): Built {
  const isHeader = row.node.type === "table-row" && row.node.isHeader;
  const cell = createElement(isHeader ? "th" : "td");
  if (isHeader) cell.scope = "col";
  setOptionalAttribute(cell, "data-align", node.alignment);
  return withInlines(cell);
}

/** Asks the entries, not the page: what is built stands nowhere yet. */
function isInLink(entry: Entry): boolean {
  for (let at: Entry | undefined = entry; at !== undefined; at = at.parent) {
    if (at.node.type === "link") return true;
  }
  return false;
}
