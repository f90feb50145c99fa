import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { Streamdown } from "streamdown";
import type { CreateRenderer } from "./renderer.ts";

/** Streamdown as its documentation says for a text that streams, without plugins, its buttons left out: the least of it. */
export const createStreamdownRenderer: CreateRenderer = ({ mount }) => {
  const root = createRoot(mount);
  let text = "";
  return {
    append(chunk) {
      text += chunk;
      flushSync(() => root.render(createElement(Streamdown, { isAnimating: true, controls: false }, text)));
    },
    dispose: () => root.unmount(),
  };
};
