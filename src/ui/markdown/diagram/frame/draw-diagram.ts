import mermaid from "mermaid";
import type { DrawRequest } from "../diagram-messages.ts";

/** Smaller, words of a diagram can't be read. */
const MIN_SCALE = 0.7;

let lastId = 0;

/** Draws into `canvas`. Rejects with the library's words where the text is no diagram. */
export async function drawDiagram(canvas: HTMLElement, { text, isDark }: DrawRequest): Promise<void> {
  mermaid.initialize({
    startOnLoad: false,
    // The library's own belt; the frame and its policy are the braces.
    securityLevel: "strict",
    // No picture of a bomb: the words go to the page.
    suppressErrorRendering: true,
    theme: isDark ? "dark" : "default",
    darkMode: isDark,
    // The default, ELK, is not part of this build.
    layout: "dagre",
    state: { layout: "dagre" },
    fontFamily: "system-ui, sans-serif",
    maxTextSize: 50_000,
    maxEdges: 500,
  });
  lastId += 1;
  const { svg } = await mermaid.render(`diagram-${lastId}`, text);
  // The frame has no Trusted Types for this one line: docs/decisions/0008.
  canvas.innerHTML = svg;
  keepLegible(canvas);
}

/** On a phone a wide diagram scrolls rather than shrink to nothing. */
function keepLegible(canvas: HTMLElement): void {
  const picture = canvas.querySelector("svg");
  if (picture === null) return;
  const natural = picture.viewBox.baseVal.width;
  if (natural > 0) picture.style.minWidth = `${Math.round(natural * MIN_SCALE)}px`;
}
