import temml from "temml";
import "temml/dist/Temml-Local.css";
import { buildMath } from "./build-math.ts";

/** A formula as MathML, or why it can't be one. */
export type RenderedMath =
  | { readonly kind: "rendered"; readonly node: Node }
  | { readonly kind: "refused"; readonly reason: string };

/** Longer ones are no formulas. Unit: UTF-16 code units. */
const MAX_TEX_CHARS = 10_000;
/** No rule or space is larger: 30 em, or 500 pt. */
const MAX_SIZE: [number, number] = [30, 500];

/** Never throws, whatever is given; loads nothing and leads nowhere. */
export function renderMath(tex: string, isDisplay: boolean): RenderedMath {
  if (tex.length > MAX_TEX_CHARS) return { kind: "refused", reason: "The formula is too long to be set." };
  try {
    const tree: unknown = temml.__renderToMathMLTree(tex, {
      displayMode: isDisplay,
      throwOnError: true,
      trust: false,
      maxExpand: 1_000,
      maxSize: MAX_SIZE,
      // A long formula in a line breaks as TeX would break it; a display scrolls.
      wrap: isDisplay ? "none" : "tex",
      // Each formula by itself: what one defines must not change another.
      macros: {},
    });
    return { kind: "rendered", node: buildMath(tree) };
  } catch (error) {
    return { kind: "refused", reason: reasonOf(error) };
  }
}

/** The library underlines the place with combining characters on a line of their own. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error) || error instanceof RangeError) return "The formula is nested too deeply.";
  const [line = ""] = error.message.split("\n", 1);
  return `The formula can't be set: ${line.replace(/:\s*$/, "")}.`;
}
