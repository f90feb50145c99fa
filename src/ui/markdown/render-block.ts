import type { MarkedToken, Token, Tokens } from "marked";
import { addElement, MAX_DEPTH, renderInlines, type RenderContext } from "./render-inline.ts";

const TOP: RenderContext = { depth: 0, isInLink: false };

/** The element of one top-level block; undefined for what is not shown (blank lines, link definitions). */
export function renderBlock(token: Token): Element | undefined {
  const holder = document.createDocumentFragment();
  addBlock(holder, token, TOP);
  return holder.firstElementChild ?? undefined;
}

/** Text as it is, where nothing else will do. */
export function addRaw(parent: Node, text: string): void {
  addElement(parent, "p", "md-raw").textContent = text;
}

/** Between two siblings, so that the last word of one and the first of the next are two words in the page's text as well. */
function addSeparator(parent: Node, separator: string): void {
  if (parent.hasChildNodes()) parent.appendChild(document.createTextNode(separator));
}

function addBlocks(parent: Node, tokens: readonly Token[], context: RenderContext): void {
  const inner = { ...context, depth: context.depth + 1 };
  for (const token of tokens) {
    if (token.type === "space" || token.type === "def") continue;
    addSeparator(parent, "\n");
    if (inner.depth > MAX_DEPTH) addRaw(parent, token.raw);
    else addBlock(parent, token, inner);
  }
}

function addBlock(parent: Node, given: Token, context: RenderContext): void {
  // No extension is registered, so every token is one of marked's own.
  const token = given as MarkedToken;
  switch (token.type) {
    case "space":
    case "def":
      return;
    case "paragraph":
      renderInlines(addElement(parent, "p"), token.tokens, context);
      return;
    case "text":
      // At the top a paragraph, in a tight list the bare words.
      renderInlines(parent instanceof DocumentFragment ? addElement(parent, "p") : parent, [token], context);
      return;
    case "heading":
      renderInlines(addElement(parent, headingName(token.depth)), token.tokens, context);
      return;
    case "hr":
      addElement(parent, "hr");
      return;
    case "blockquote":
      addBlocks(addElement(parent, "blockquote"), token.tokens, context);
      return;
    case "code":
      addCode(parent, token);
      return;
    case "list":
      addList(parent, token, context);
      return;
    case "table":
      addTable(parent, token, context);
      return;
    case "html":
      addRaw(parent, token.raw.replace(/\n+$/, ""));
      return;
    case "br":
    case "checkbox":
    case "codespan":
    case "del":
    case "em":
    case "escape":
    case "image":
    case "link":
    case "list_item":
    case "strong":
      renderInlines(parent, [token], context);
  }
}

function headingName(depth: number): "h1" | "h2" | "h3" | "h4" | "h5" | "h6" {
  return (["h1", "h2", "h3", "h4", "h5", "h6"] as const)[depth - 1] ?? "h6";
}

/** The language and the button's label are drawn by CSS: the words of the page are the words of the answer. */
function addCode(parent: Node, token: Tokens.Code): void {
  const box = addElement(parent, "div", "md-code");
  const language = /^[\w+#.-]{1,32}/.exec(token.lang ?? "")?.[0];
  const bar = addElement(box, "div", "md-code-bar");
  if (language !== undefined) bar.setAttribute("data-language", language);
  const button = addElement(bar, "button", "md-copy");
  button.setAttribute("type", "button");
  button.setAttribute("aria-label", "Copy code");
  const pre = addElement(box, "pre");
  // Wide code scrolls; without this a keyboard could not scroll it.
  pre.setAttribute("tabindex", "0");
  const code = addElement(pre, "code");
  if (language !== undefined) code.setAttribute("data-language", language);
  code.textContent = token.text;
}

function addList(parent: Node, token: Tokens.List, context: RenderContext): void {
  const list = addElement(parent, token.ordered ? "ol" : "ul");
  if (token.ordered && token.start !== 1 && token.start !== "")
    list.setAttribute("start", String(token.start));
  for (const item of token.items) {
    addSeparator(list, "\n");
    const element = addElement(list, "li", item.task ? "md-task" : undefined);
    addBlocks(element, item.tokens, context);
  }
}

function addTable(parent: Node, token: Tokens.Table, context: RenderContext): void {
  const scroller = addElement(parent, "div", "md-table");
  scroller.setAttribute("tabindex", "0");
  scroller.setAttribute("role", "group");
  scroller.setAttribute("aria-label", "Table");
  const table = addElement(scroller, "table");
  addRow(addElement(table, "thead"), token.header, "th", context);
  if (token.rows.length === 0) return;
  addSeparator(table, "\n");
  const body = addElement(table, "tbody");
  for (const row of token.rows) {
    addSeparator(body, "\n");
    addRow(body, row, "td", context);
  }
}

function addRow(
  parent: Node,
  cells: readonly Tokens.TableCell[],
  name: "th" | "td",
  context: RenderContext,
): void {
  const row = addElement(parent, "tr");
  for (const cell of cells) {
    addSeparator(row, " ");
    const element = addElement(row, name);
    if (cell.align !== null) element.setAttribute("data-align", cell.align);
    renderInlines(element, cell.tokens, context);
  }
}
