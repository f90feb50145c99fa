import type { CodeView, Decorations } from "./decorations.ts";
import { NO_DECORATIONS } from "./decorations.ts";
import { addElement } from "./element.ts";

/** How long a button says what came of its press. Unit: ms. */
const SAID_MS = 2_000;

/**
 * The least that a block of code has: its language and a button that copies it. Both are drawn by CSS: the words of the page
 * are the words of the answer.
 */
export const COPY_BUTTONS: Decorations = {
  ...NO_DECORATIONS,
  decorateCode(view) {
    const language = /^[\w+#.-]{1,32}/.exec(view.info)?.[0];
    if (language !== undefined) view.header.dataset["language"] = language;
    const button = addElement(view.header, "button", "md-copy");
    button.type = "button";
    button.setAttribute("aria-label", "Copy code");
    button.addEventListener("click", () => void answerPress(button, view));
    return {
      linesClosed: () => undefined,
      dispose: () => delete view.header.dataset["language"],
    };
  },
};

async function answerPress(button: HTMLElement, view: CodeView): Promise<void> {
  button.dataset["copied"] = (await copyText(view)) ? "yes" : "no";
  setTimeout(() => delete button.dataset["copied"], SAID_MS);
}

async function copyText(view: CodeView): Promise<boolean> {
  // Missing where the page isn't served safely (http in a home network).
  if ("clipboard" in navigator) {
    try {
      await navigator.clipboard.writeText(view.text());
      return true;
    } catch {
      // Refused, or the page lost focus: the next best is to select it for the person.
    }
  }
  getSelection()?.selectAllChildren(view.scroller);
  return false;
}
