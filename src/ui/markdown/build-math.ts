import type { MathBlockNode, MathSpanNode } from "../../markdown/tree.ts";
import { createTextRun, growTextRun } from "../text-run.ts";
import type { Decorations } from "./decorations.ts";
import { createElement } from "./element.ts";
import type { Built, Entry } from "./entry.ts";

/** A formula: its source, until it is complete and a decoration has taken the element. */
export function buildMath(
  node: MathBlockNode | MathSpanNode,
  parent: Entry,
  decorations: Decorations,
): Built {
  const isBlock = node.type === "math-block";
  const element = createElement(isBlock ? "div" : "span", "md-math");
  let source = createTextRun(node.text);
  element.append(...source.pieces);
  let undecorate: (() => void) | undefined;

  function dispose(): void {
    undecorate?.();
    undecorate = undefined;
  }

  return {
    tops: [element],
    grow(keep, text) {
      if (undecorate === undefined) {
        growTextRun(source, keep, text);
        return;
      }
      dispose();
      source = createTextRun(node.text);
      element.replaceChildren(...source.pieces);
    },
    update(isEnded) {
      // At the very end it may be another one with the next letter: a formula must not come and go.
      const isComplete = isBlock ? !node.isOpen : isEnded || !isLast(node, parent);
      if (isComplete && node.text.trim() !== "")
        undecorate ??= decorations.decorateMath(element, node.text, isBlock || node.isDisplay);
      return isComplete;
    },
    dispose,
  };
}

/** Whether nothing follows it in the whole text. */
function isLast({ id }: Entry["node"], { node, parent }: Entry): boolean {
  const isLastThere = !("children" in node) || node.children.at(-1)?.id === id;
  return isLastThere && (parent === undefined || isLast(node, parent));
}
