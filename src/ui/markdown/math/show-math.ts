import type { RenderedMath } from "./render-math.ts";

/**
 * Puts a formula in the place of its source, which stays as what is selected and copied. One that can't be set stays
 * as it is written, and says why.
 */
export function showMath(element: HTMLElement, tex: string, isDisplay: boolean, math: RenderedMath): void {
  if (math.kind === "refused") {
    element.classList.add("md-math-refused");
    element.title = math.reason;
    return;
  }
  const isBlock = element instanceof HTMLDivElement;
  const source = document.createElement("span");
  source.className = "md-math-source";
  // A reader of the screen reads the formula.
  source.setAttribute("aria-hidden", "true");
  source.textContent = isBlock ? `$$\n${tex}\n$$` : isDisplay ? `$$${tex}$$` : `$${tex}$`;
  const shown = document.createElement("span");
  shown.className = "md-math-set";
  if (isBlock) shown.tabIndex = 0;
  shown.append(math.node);
  element.classList.add(isDisplay ? "md-math-display" : "md-math-inline");
  element.replaceChildren(source, shown);
}
