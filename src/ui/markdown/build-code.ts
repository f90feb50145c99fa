import type { CodeBlockNode } from "../../markdown/tree.ts";
import { createCodeLines, withoutLineEnd } from "./code-lines.ts";
import type { CodeDecoration, Decorations } from "./decorations.ts";
import { addElement, createElement } from "./element.ts";
import type { Built } from "./entry.ts";

/** A block of code in the page: a header, and lines in a scroller of their own. */
export function buildCode(node: CodeBlockNode, decorations: Decorations): Built {
  const element = createElement("figure", "md-code");
  const header = addElement(element, "div", "md-code-bar");
  const scroller = addElement(element, "pre");
  // Wide code scrolls; without this a keyboard could not scroll it.
  scroller.tabIndex = 0;
  const code = addElement(scroller, "code");
  let lines = createCodeLines(code);
  let info: string | undefined;
  let decoration: CodeDecoration | undefined;

  function decorate(): CodeDecoration {
    info = node.info;
    return decorations.decorateCode({
      element,
      header,
      scroller,
      info: node.info,
      lineCount: () => lines.closed.length,
      line(index) {
        const line = lines.closed[index];
        if (line === undefined)
          throw new RangeError(`Line ${index} is not closed: ask for lines below lineCount().`);
        return { node: line, text: withoutLineEnd(line.textContent ?? "") };
      },
      isOpen: () => node.isOpen,
      text: () => lines.text(),
    });
  }

  function dispose(): void {
    decoration?.dispose();
    decoration = undefined;
    header.replaceChildren();
  }

  lines.grow(0, node.text);
  return {
    tops: [element],
    grow(keep, text) {
      if (lines.grow(keep, text)) return;
      // More than the last line has changed, which the tree rules out.
      dispose();
      code.replaceChildren();
      lines = createCodeLines(code);
      lines.grow(0, node.text);
    },
    update() {
      // A last line without a line end is closed with its block.
      if (!node.isOpen) lines.close();
      if (info !== node.info) dispose();
      decoration ??= decorate();
      decoration.linesClosed();
    },
    dispose,
    end: () => code.lastElementChild?.lastElementChild,
  };
}
