import type { FootnoteNode, FootnoteReferenceNode } from "../../markdown/tree.ts";
import { createBlockSlots } from "./block-slots.ts";
import { addElement, createElement, createGroup } from "./element.ts";
import type { Built } from "./entry.ts";

/** A note and what refers to it lead to each other within the page; a press is answered by `follow-presses.ts`. */

export function buildFootnotes(): Built {
  const section = createElement("section", "md-footnotes");
  section.setAttribute("role", "doc-endnotes");
  section.setAttribute("aria-label", "Footnotes");
  // As between any two blocks, so that words stay apart in the page's text.
  section.append("\n");
  return { tops: [section], slots: createBlockSlots(addElement(section, "ol")) };
}

/** @param idPrefix Makes ids in the page unique: one answer's footnotes are not another's. */
export function buildFootnote(node: FootnoteNode, idPrefix: string): Built {
  const item = createElement("li", "md-footnote");
  // Focusable by program: whoever comes by the keyboard goes on from there.
  item.tabIndex = -1;
  const slots = createBlockSlots(addElement(item, "div"), { createGroup });
  const back = addElement(item, "span", "md-footnote-back");
  return {
    tops: [item],
    slots,
    update() {
      const { number, references } = node;
      item.id = noteId(idPrefix, number);
      item.value = number;
      while (back.children.length > references) back.lastElementChild?.remove();
      while (back.children.length < references) addElement(back, "a").setAttribute("role", "doc-backlink");
      for (const [at, anchor] of [...back.children].entries()) {
        anchor.setAttribute("href", `#${referenceId(idPrefix, number, at + 1)}`);
        anchor.setAttribute("aria-label", `Back to reference ${at + 1} of note ${number}`);
      }
    },
  };
}

export function buildFootnoteReference(
  node: FootnoteReferenceNode,
  isInLink: boolean,
  idPrefix: string,
): Built {
  const holder = createElement("sup", "md-footnote-reference");
  // No link is within a link.
  const target = addElement(holder, isInLink ? "span" : "a");
  if (!isInLink) target.setAttribute("role", "doc-noteref");
  return {
    tops: [holder],
    update() {
      const { number, occurrence } = node;
      holder.id = referenceId(idPrefix, number, occurrence);
      target.textContent = String(number);
      if (!isInLink) target.setAttribute("href", `#${noteId(idPrefix, number)}`);
    },
  };
}

function noteId(idPrefix: string, number: number): string {
  return `${idPrefix}note-${number}`;
}

function referenceId(idPrefix: string, number: number, occurrence: number): string {
  return `${idPrefix}reference-${number}-${occurrence}`;
}
