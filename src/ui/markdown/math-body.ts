import type { Decorations } from "./decorations.ts";
import { createTextRun, growTextRun, type TextRun } from "../text-run.ts";

/** A formula: its source, until a decoration has taken the element. */
export interface MathBody {
  readonly kind: "math";
  readonly element: HTMLElement;
  readonly isDisplay: boolean;
  source: TextRun;
  undecorate: (() => void) | undefined;
}

export function createMathBody(element: HTMLElement, tex: string, isDisplay: boolean): MathBody {
  const source = createTextRun(tex);
  element.append(...source.pieces);
  return { kind: "math", element, isDisplay, source, undecorate: undefined };
}

/** @param tex The whole text afterwards. */
export function growMath(body: MathBody, keep: number, text: string, tex: string): void {
  if (body.undecorate === undefined) {
    growTextRun(body.source, keep, text);
    return;
  }
  undecorateMath(body);
  body.source = createTextRun(tex);
  body.element.replaceChildren(...body.source.pieces);
}

export function decorateMath(body: MathBody, tex: string, decorations: Decorations): void {
  if (body.undecorate !== undefined || tex.trim() === "") return;
  body.undecorate = decorations.decorateMath(body.element, tex, body.isDisplay);
}

export function undecorateMath(body: MathBody): void {
  body.undecorate?.();
  body.undecorate = undefined;
}
