import { createCodeWrap } from "./code/code-wrap.ts";
import { decorateCode, type CodeTools } from "./code/decorate-code.ts";
import { openHighlightWorker } from "./code/highlight-worker-port.ts";
import { createHighlighter } from "./code/highlighter.ts";
import { createIdleQueue, pageIdle } from "./code/idle-queue.ts";
import { createNearness } from "./code/nearness.ts";
import { createDiagramFrame } from "./diagram/diagram-frame-element.ts";
import { pageDarkness } from "./diagram/page-darkness.ts";
import { createMathSetter } from "./math/math-setter.ts";
import { watchLongTable } from "./table/long-table.ts";
import { createTableFocus } from "./table/table-focus.ts";
import type { Decorations } from "./decorations.ts";
import { followPresses } from "./follow-presses.ts";
import "./code/code.css";
import "./code/token-colors.css";
import "./diagram/diagram.css";
import "./math/math.css";
import "./table/table.css";

/** The decorations of the page, all of them. Made once: blocks share a worker, an observer and the idle time. */
export function createPageDecorations(): Decorations {
  const idle = createIdleQueue(pageIdle);
  const tools: CodeTools = {
    highlighter: createHighlighter({ openWorker: openHighlightWorker, setTimer }),
    idle,
    nearness: createNearness(),
    wrap: createCodeWrap(() => localStorage),
    diagrams: { darkness: pageDarkness, createFrame: createDiagramFrame, setTimer },
  };
  const math = createMathSetter({
    idle,
    load: async () => (await import("./math/render-math.ts")).renderMath,
    now: () => performance.now(),
  });
  const focus = createTableFocus();
  return {
    decorateCode: (view) => decorateCode(view, tools),
    decorateMath: (element, tex, isDisplay) => math.set(element, tex, isDisplay),
    decorateTable(element) {
      const disposers = [focus.watch(element), watchLongTable(element)];
      return () => disposers.forEach((dispose) => dispose());
    },
    decorateAnswer: followPresses,
  };
}

function setTimer(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
}
