import { loadImage } from "./load-image.ts";

/**
 * Answers presses within an answer, of pictures and of footnotes: one listener, so that what is pressed can come and go.
 * Returns an idempotent disposer.
 */
export function followPresses(root: HTMLElement): () => void {
  const onClick = (event: MouseEvent): void => {
    if (!(event.target instanceof Element)) return;
    const picture = event.target.closest<HTMLElement>("button.md-image");
    if (picture !== null && root.contains(picture)) loadImage(picture);
    const anchor = event.target.closest<HTMLAnchorElement>("a[href^='#']");
    // Opened elsewhere it would be another page without the note.
    if (anchor === null || !root.contains(anchor)) return;
    event.preventDefault();
    goTo(root, anchor.getAttribute("href") ?? "");
  };
  root.addEventListener("click", onClick);
  return () => root.removeEventListener("click", onClick);
}

/** The address bar keeps the session's address: a footnote is no place to come back to. */
function goTo(root: HTMLElement, fragment: string): void {
  const target = root.querySelector<HTMLElement>(`#${CSS.escape(fragment.slice(1))}`);
  if (target === null) return;
  target.scrollIntoView({ block: "nearest" });
  const focusable = target.matches("li") ? target : (target.querySelector<HTMLElement>("a") ?? target);
  focusable.focus({ preventScroll: true });
}
