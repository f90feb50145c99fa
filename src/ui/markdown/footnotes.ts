import type { FootnoteNode, FootnoteReferenceNode } from "../../markdown/tree.ts";
import { addElement, createElement } from "./element.ts";

/** A note and what refers to it lead to each other within the page; a press is answered by `follow-presses.ts`. */

export function createFootnoteReference(isInLink: boolean): HTMLElement {
  const holder = createElement("sup", "md-footnote-reference");
  // No link is within a link.
  const target = addElement(holder, isInLink ? "span" : "a");
  if (!isInLink) target.setAttribute("role", "doc-noteref");
  return holder;
}

export function showFootnoteReference(
  holder: HTMLElement,
  { number, occurrence }: FootnoteReferenceNode,
  idPrefix: string,
): void {
  const target = holder.firstElementChild;
  if (target === null) return;
  holder.id = referenceId(idPrefix, number, occurrence);
  target.textContent = String(number);
  if (target instanceof HTMLAnchorElement) target.setAttribute("href", `#${noteId(idPrefix, number)}`);
}

export function createFootnote(): { readonly item: HTMLLIElement; readonly inside: HTMLElement } {
  const item = createElement("li", "md-footnote");
  // Focusable by program: whoever comes by the keyboard goes on from there.
  item.tabIndex = -1;
  const inside = addElement(item, "div");
  addElement(item, "span", "md-footnote-back");
  return { item, inside };
}

export function showFootnote(
  item: HTMLLIElement,
  { number, references }: FootnoteNode,
  idPrefix: string,
): void {
  item.id = noteId(idPrefix, number);
  item.value = number;
  const back = item.querySelector(":scope > .md-footnote-back");
  if (back === null) return;
  while (back.children.length > references) back.lastElementChild?.remove();
  while (back.children.length < references) addElement(back, "a").setAttribute("role", "doc-backlink");
  for (const [at, anchor] of [...back.children].entries()) {
    anchor.setAttribute("href", `#${referenceId(idPrefix, number, at + 1)}`);
    anchor.setAttribute("aria-label", `Back to reference ${at + 1} of note ${number}`);
  }
}

function noteId(idPrefix: string, number: number): string {
  return `${idPrefix}note-${number}`;
}

function referenceId(idPrefix: string, number: number, occurrence: number): string {
  return `${idPrefix}reference-${number}-${occurrence}`;
}
