import { createElement } from "./element.ts";
import { safeUrl } from "./safe-url.ts";

/** Loads what a person has asked for. @param button One of those that an image is built with. */
export function loadImage(button: HTMLElement): void {
  const url = safeUrl(button.dataset["source"] ?? "");
  if (url?.protocol !== "https:") return;
  const image = createElement("img");
  image.alt = button.querySelector(".md-image-alt")?.textContent ?? "";
  // Before the address: the request must not say where it comes from.
  image.referrerPolicy = "no-referrer";
  image.decoding = "async";
  image.addEventListener("error", () => {
    replaceFocused(image, button);
    button.dataset["failed"] = "yes";
  });
  image.src = url.href;
  // Focusable by program: who pressed by the keyboard goes on from there.
  image.tabIndex = -1;
  replaceFocused(button, image);
}

/** Puts `next` in the place of `element`, the focus too. */
function replaceFocused(element: HTMLElement, next: HTMLElement): void {
  const hadFocus = document.activeElement === element;
  element.replaceWith(next);
  if (hadFocus) next.focus({ preventScroll: true });
}
