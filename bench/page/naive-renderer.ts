import createDomPurify from "dompurify";
import { marked } from "marked";
import type { CreateRenderer } from "./renderer.ts";

/** The way of most hand-written clients: all of the text to HTML, cleaned, and set anew each frame. */
export const createNaiveRenderer: CreateRenderer = ({ mount }) => {
  const purify = createDomPurify(window);
  let text = "";
  return {
    append(chunk) {
      text += chunk;
      mount.innerHTML = purify.sanitize(marked.parse(text, { async: false }));
    },
    dispose: () => mount.replaceChildren(),
  };
};
