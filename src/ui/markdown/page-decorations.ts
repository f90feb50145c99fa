import { createCodeWrap } from "./code/code-wrap.ts";
import { decorateCode, type CodeTools } from "./code/decorate-code.ts";
import { openHighlightWorker } from "./code/highlight-worker-port.ts";
import { createHighlighter } from "./code/highlighter.ts";
import { createIdleQueue, pageIdle } from "./code/idle-queue.ts";
import { createNearness } from "./code/nearness.ts";
import { NO_DECORATIONS, type Decorations } from "./decorations.ts";
import "./code/code.css";
import "./code/token-colors.css";

/** The decorations of the page, all of them. Made once: blocks share a worker, an observer and the idle time. */
export function createPageDecorations(): Decorations {
  const tools: CodeTools = {
    highlighter: createHighlighter({ openWorker: openHighlightWorker, setTimer }),
    idle: createIdleQueue(pageIdle),
    nearness: createNearness(),
    wrap: createCodeWrap(() => localStorage),
  };
  return { ...NO_DECORATIONS, decorateCode: (view) => decorateCode(view, tools) };
}

function setTimer(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
}
