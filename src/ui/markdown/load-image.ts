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
    image.replaceWith(button);
    button.dataset["failed"] = "yes";
  });
  image.src = url.href;
  button.replaceWith(image);
}
