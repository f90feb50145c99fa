import { estimateMath } from "./estimate-math.ts";

/**
 * Gives a formula that waits for the library about the place that it will take, its source clipped in it: what follows is
 * not moved when it is set. Answers how to end that; a display that has been set keeps its height at least.
 */
export function reserveMath(element: HTMLElement, tex: string, isDisplay: boolean): (isSet: boolean) => void {
  const { widthEm, heightEm } = estimateMath(tex, isDisplay);
  element.style.setProperty("--math-width", `${widthEm.toFixed(2)}em`);
  element.style.setProperty("--math-height", `${heightEm.toFixed(2)}em`);
  element.classList.add("md-math-waiting");
  element.classList.toggle("md-math-waiting-display", isDisplay);
  return (isSet) => {
    element.classList.remove("md-math-waiting", "md-math-waiting-display");
    if (isSet && isDisplay) return;
    element.style.removeProperty("--math-width");
    element.style.removeProperty("--math-height");
  };
}
