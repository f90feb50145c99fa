import type { ImageNode, InlineNode } from "../../markdown/tree.ts";
import { setAnchor } from "./anchor.ts";
import { addElement, setOptionalAttribute } from "./element.ts";
import { safeUrl } from "./safe-url.ts";

/**
 * A picture is never loaded by itself: its address could carry away what was said. It is named, with where it is;
 * a press loads it. Only https can be loaded (the page's policy says so too); http is a link to follow, anything else a name.
 */
export interface ImageBody {
  readonly kind: "image";
  readonly element: HTMLElement;
  /** Within a link nothing else can be pressed. */
  readonly isInLink: boolean;
}

/** Brings the element to what the node says. A picture that has been asked for stays, unless its address is another. */
export function showImage(body: ImageBody, node: ImageNode): void {
  const { element } = body;
  const alt = plainText(node.children);
  const url = safeUrl(node.destination);
  setOptionalAttribute(element, "title", node.title);
  const shown = element.querySelector("img");
  if (shown !== null && shown.getAttribute("src") === url?.href) {
    shown.alt = alt;
    return;
  }
  element.replaceChildren();
  const holder = addHolder(body, url);
  addElement(holder, "span", "md-image-alt").textContent = alt === "" ? "Image" : alt;
  if (url !== undefined && isWeb(url)) {
    addElement(holder, "span", "md-image-host").textContent = ` (${url.host})`;
  }
}

/** Loads what a person has asked for. @param button One of those that `showImage` made. */
export function loadImage(button: HTMLElement): void {
  const url = safeUrl(button.dataset["source"] ?? "");
  if (url?.protocol !== "https:") return;
  const image = document.createElement("img");
  image.alt = button.querySelector(".md-image-alt")?.textContent ?? "";
  // Before the address: the request must not say where it comes from.
  image.referrerPolicy = "no-referrer";
  image.decoding = "async";
  image.addEventListener("error", () => {
    image.replaceWith(button);
    button.dataset["failed"] = "yes";
  });
  image.src = url.href;
  button.replaceWith(image);
}

function addHolder({ element, isInLink }: ImageBody, url: URL | undefined): HTMLElement {
  if (isInLink || url === undefined || !isWeb(url)) return addElement(element, "span", "md-image");
  if (url.protocol === "http:") {
    const anchor = addElement(element, "a", "md-image");
    setAnchor(anchor, url.href, undefined);
    return anchor;
  }
  const button = addElement(element, "button", "md-image");
  button.type = "button";
  button.dataset["source"] = url.href;
  return button;
}

function isWeb(url: URL): boolean {
  return url.protocol === "https:" || url.protocol === "http:";
}

/** What a picture is described with has no format. */
function plainText(nodes: readonly InlineNode[]): string {
  return nodes.map(plainTextOf).join("");
}

function plainTextOf(node: InlineNode): string {
  switch (node.type) {
    case "text":
    case "code-span":
    case "math-span":
    case "html-span":
      return node.text;
    case "soft-break":
    case "hard-break":
      return " ";
    case "emphasis":
    case "strong":
    case "strikethrough":
    case "link":
    case "image":
      return plainText(node.children);
    case "footnote-reference":
      return "";
  }
}
