import type { CodeDecoration, CodeView } from "../decorations.ts";
import { decorateDiagram, isDiagramLanguage, type DiagramTools } from "../diagram/decorate-diagram.ts";
import { fillCodeHeader } from "./code-header.ts";
import { parseCodeInfo } from "./code-info.ts";
import type { CodeWrap } from "./code-wrap.ts";
import type { Highlighter, HighlightHandle } from "./highlighter.ts";
import type { IdleQueue } from "./idle-queue.ts";
import { createLinePainter } from "./line-painter.ts";
import type { Nearness } from "./nearness.ts";

/** What all blocks of the page share. */
export interface CodeTools {
  readonly highlighter: Highlighter;
  readonly idle: IdleQueue;
  readonly nearness: Nearness;
  readonly wrap: CodeWrap;
  readonly diagrams: DiagramTools;
}

/** Nothing to colour: no grammar is asked for. */
const PLAIN_LANGUAGES: ReadonlySet<string> = new Set([
  "text",
  "txt",
  "plain",
  "plaintext",
  "none",
  "nohighlight",
]);

/** Gives a block its header, and its closed lines their colours in idle time. */
export function decorateCode(view: CodeView, tools: CodeTools): CodeDecoration {
  const info = parseCodeInfo(view.info);
  const emptyHeader = fillCodeHeader(view, info, tools.wrap);
  const diagram = isDiagramLanguage(info.language) ? decorateDiagram(view, tools.diagrams) : undefined;
  const highlighting = startHighlighting(view, info.language, tools);
  return {
    linesClosed() {
      diagram?.linesClosed();
      highlighting?.wake();
    },
    dispose() {
      emptyHeader();
      diagram?.dispose();
      highlighting?.dispose();
    },
  };
}

function startHighlighting(
  view: CodeView,
  language: string | undefined,
  { highlighter, idle, nearness }: CodeTools,
): { wake(): void; dispose(): void } | undefined {
  if (language === undefined || PLAIN_LANGUAGES.has(language)) return undefined;
  const painter = createLinePainter({ idle, nearness });
  const handle: HighlightHandle = highlighter.attach({
    language,
    lineCount: () => view.lineCount(),
    line: (index) => view.line(index).text,
    receive: (index, tokens) => painter.add(view.line(index).node, tokens),
  });
  const unwatch = nearness.watch(view.element, (isNear) => handle.setWanted(isNear));
  let cancelWake = (): void => undefined;
  return {
    wake() {
      cancelWake();
      cancelWake = idle.run(() => {
        handle.wake();
        return false;
      });
    },
    dispose() {
      unwatch();
      cancelWake();
      handle.dispose();
      painter.dispose();
    },
  };
}
