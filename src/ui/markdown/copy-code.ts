/** How long a button says what came of its press. Unit: ms. */
const SAID_MS = 2_000;

/**
 * Answers presses of all copy buttons within `root`: one listener, so that a block can come and go without any.
 * Returns an idempotent disposer.
 */
export function followCopyButtons(root: HTMLElement): () => void {
  const onClick = (event: MouseEvent): void => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>(".md-copy") : null;
    const code = button?.closest(".md-code")?.querySelector("code");
    if (button === null || code === null || code === undefined) return;
    void answerPress(button, code);
  };
  root.addEventListener("click", onClick);
  return () => root.removeEventListener("click", onClick);
}

async function answerPress(button: HTMLElement, code: Element): Promise<void> {
  button.dataset["copied"] = (await copyText(code)) ? "yes" : "no";
  setTimeout(() => delete button.dataset["copied"], SAID_MS);
}

async function copyText(code: Element): Promise<boolean> {
  // Missing where the page isn't served safely (http in a home network).
  if ("clipboard" in navigator) {
    try {
      await navigator.clipboard.writeText(code.textContent);
      return true;
    } catch {
      // Refused, or the page lost focus: the next best is to select it for the person.
    }
  }
  getSelection()?.selectAllChildren(code);
  return false;
}
