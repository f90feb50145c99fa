/** The pictures of a report: plain SVG, readable in light and dark, with a title and a description for who can't see it. */
export const WIDTH = 760;

const STYLE = `
.ground { fill: #ffffff; }
text { fill: #1d1e20; font: 13px system-ui, sans-serif; }
.heading { font-weight: 600; font-size: 14px; }
.faint { fill: #5c5f63; font-size: 12px; }
.grid { stroke: #e0e0dc; stroke-width: 1; }
.range { stroke: #1d1e20; stroke-width: 1.5; }
.ours { fill: #0f6b5c; stroke: #0f6b5c; }
.other { fill: #9a9d9f; stroke: #6f7377; }
.line { fill: none; stroke-width: 2; }
.dashed { stroke-dasharray: 6 4; }
@media (prefers-color-scheme: dark) {
  .ground { fill: #16181a; }
  text { fill: #ececea; }
  .faint { fill: #a9adb1; }
  .grid { stroke: #34383c; }
  .range { stroke: #ececea; }
  .ours { fill: #4fc3ae; stroke: #4fc3ae; }
  .other { fill: #7d8286; stroke: #a9adb1; }
}
`;

/** A whole picture. `title` and `description` are read aloud; everything else is `content`, as SVG. */
export function svgDocument(
  height: number,
  title: string,
  description: string,
  content: readonly string[],
): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title description">
<title id="title">${escapeXml(title)}</title>
<desc id="description">${escapeXml(description)}</desc>
<style>${STYLE}</style>
<rect class="ground" width="${WIDTH}" height="${height}" rx="8"/>
${content.join("\n")}
</svg>
`;
}

/** `anchor`: which end of the words is at `x`. */
export function svgText(
  x: number,
  y: number,
  words: string,
  options: { readonly anchor?: "start" | "middle" | "end"; readonly kind?: "heading" | "faint" } = {},
): string {
  const kind = options.kind === undefined ? "" : ` class="${options.kind}"`;
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${options.anchor ?? "start"}"${kind}>${escapeXml(words)}</text>`;
}

export function svgLine(x1: number, y1: number, x2: number, y2: number, kind: "grid" | "range"): string {
  return `<line class="${kind}" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/>`;
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
