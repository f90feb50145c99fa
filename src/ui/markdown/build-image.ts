import type { ImageNode, InlineNode } from "../../markdown/tree.ts";
import { setAnchor } from "./anchor.ts";
import { addElement, createElement, setOptionalAttribute } from "./element.ts";
import type { Built } from "./entry.ts";
import { safeUrl } from "./safe-url.ts";

/**
 * A picture is never loaded by itself: its address could carry away what was said. It is named, with where it is;
 * a press loads it. Only https can be loaded (the page's policy says so too); http is a link to follow, anything else a name.
 *
 * @param isInLink Within a link nothing else can be pressed.
 */
export function buildImage(node: ImageNode, isInLink: boolean): Built {
  const element = createElement("span", "md-image-holder");
  return {
    tops: [element],
    /** A picture that has been asked for stays, unless its address is another. */
    update() {
      const alt = node.children.map(plainText).join("");
      const url = safeUrl(node.destination);
      setOptionalAttribute(element, "title", node.title);
      const shown = element.querySelector("img");
      if (shown !== null && shown.getAttribute("src") === url?.href) {
        shown.alt = alt;
        return;
      }
      element.replaceChildren();
      const isWeb = url !== undefined && /^https?:$/.test(url.protocol);
      const holder = addHolder(element, isWeb && !isInLink ? url : undefined);
      addElement(holder, "span", "md-image-alt").textContent = alt === "" ? "Image" : alt;
      if (isWeb) addElement(holder, "span", "md-image-host").textContent = ` (${url.host})`;
    },
  };
}

/** @param url Undefined: nothing to press. */
function addHolder(element: HTMLElement, url: URL | undefined): HTMLElement {
  if (url?.protocol === "http:") {
    const anchor = addElement(element, "a", "md-image");
    setAnchor(anchor, url.href, undefined);
    return anchor;
  }
  if (url === undefined) return addElement(element, "span", "md-image");
  const button = addElement(element, "button", "md-image");
  button.type = "button";
  button.dataset["source"] = url.href;
  return button;
}

/** What a picture is described with has no format. */
function plainText(node: InlineNode): string {
  if ("children" in node) return node.children.map(plainText).join("");
  if ("text" in node) return node.text;
  return node.type === "footnote-reference" ? "" : " ";
}
