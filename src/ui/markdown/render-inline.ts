import type { MarkedToken, Token } from "marked";
import { decodeReferences } from "./character-references.ts";
import { safeUrl } from "./safe-url.ts";

/** Deeper than this nothing is formatted any more. */
export const MAX_DEPTH = 100;

export interface RenderContext {
  readonly depth: number;
  /** Within a link no other link begins. */
  readonly isInLink: boolean;
}

/** Appends what `tokens` say to `parent`: elements and text nodes, never a string of HTML. */
export function renderInlines(parent: Node, tokens: readonly Token[], context: RenderContext): void {
  for (const token of tokens) {
    // No extension is registered, so every token is one of marked's own.
    if (context.depth > MAX_DEPTH) parent.appendChild(document.createTextNode(token.raw));
    else renderInline(parent, token as MarkedToken, { ...context, depth: context.depth + 1 });
  }
}

function renderInline(parent: Node, token: MarkedToken, context: RenderContext): void {
  switch (token.type) {
    case "text":
      if (token.tokens !== undefined) renderInlines(parent, token.tokens, context);
      else addText(parent, token.text);
      return;
    case "escape":
      parent.appendChild(document.createTextNode(token.text));
      return;
    case "strong":
    case "em":
    case "del":
      renderInlines(addElement(parent, token.type), token.tokens, context);
      return;
    case "codespan":
      addElement(parent, "code").textContent = token.text;
      return;
    case "br":
      addElement(parent, "br");
      return;
    case "checkbox":
      addCheckbox(parent, token.checked);
      return;
    case "link":
      addLink(parent, token, context);
      return;
    case "image":
      addImage(parent, token, context);
      return;
    case "html":
      // Tables have no other way to break a line; all else of HTML is text.
      if (/^<br\s*\/?>$/i.test(token.raw)) addElement(parent, "br");
      else parent.appendChild(document.createTextNode(token.raw));
      return;
    case "blockquote":
    case "code":
    case "def":
    case "heading":
    case "hr":
    case "list":
    case "list_item":
    case "paragraph":
    case "space":
    case "table":
      parent.appendChild(document.createTextNode(token.raw));
  }
}

export function addElement<Name extends keyof HTMLElementTagNameMap>(
  parent: Node,
  name: Name,
  className?: string,
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  if (className !== undefined) element.className = className;
  parent.appendChild(element);
  return element;
}

function addText(parent: Node, text: string): void {
  parent.appendChild(document.createTextNode(decodeReferences(text)));
}

function addCheckbox(parent: Node, isChecked: boolean): void {
  const box = addElement(parent, "input");
  box.setAttribute("type", "checkbox");
  box.setAttribute("disabled", "");
  box.setAttribute("aria-label", isChecked ? "Done" : "To do");
  if (isChecked) box.setAttribute("checked", "");
}

function addLink(parent: Node, token: Extract<MarkedToken, { type: "link" }>, context: RenderContext): void {
  const isLiteral = token.autolink === true;
  const url = context.isInLink ? undefined : safeUrl(token.href, isLiteral);
  const target = url === undefined ? addElement(parent, "span") : addAnchor(parent, url);
  if (token.title) target.title = decodeReferences(token.title);
  if (isLiteral) target.textContent = token.text;
  else renderInlines(target, token.tokens, { ...context, isInLink: true });
}

function addAnchor(parent: Node, url: URL, className?: string): HTMLAnchorElement {
  const anchor = addElement(parent, "a", className);
  anchor.setAttribute("href", url.href);
  anchor.setAttribute("target", "_blank");
  anchor.setAttribute("rel", "noopener noreferrer nofollow");
  return anchor;
}

/** A picture is never loaded by itself: its address could carry away what was said. It is named, with where it is. */
function addImage(
  parent: Node,
  token: Extract<MarkedToken, { type: "image" }>,
  context: RenderContext,
): void {
  const url = safeUrl(token.href);
  const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
  const holder =
    url !== undefined && isWeb && !context.isInLink
      ? addAnchor(parent, url, "md-image")
      : addElement(parent, "span", "md-image");
  addElement(holder, "span", "md-image-alt").textContent = decodeReferences(token.text) || "Image";
  if (url !== undefined && isWeb) addElement(holder, "span", "md-image-host").textContent = ` (${url.host})`;
}
