import { PLACE_NAMES } from "../harness/benchmark.ts";
import type { LineChart } from "../harness/chart.ts";
import { describeNumber } from "../harness/describe.ts";
import { linearScale, logarithmicScale } from "./scale.ts";
import { round, svgDocument, svgLine, svgText, WIDTH } from "./svg.ts";

const LEFT = 64;
const RIGHT = WIDTH - 150;
const TOP = 56;
const BOTTOM = 316;
const HEIGHT = 380;
/** Two names nearer than this would lie upon each other. Unit: px. */
const NAME_GAP = 16;

/** Lines over a logarithmic x axis, each with its name at its end. */
export function drawLines(chart: LineChart): string {
  const lines = chart.lines.filter(({ points }) => points.length > 0);
  const points = lines.flatMap((line) => line.points);
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const across = logarithmicScale(Math.min(...xs), Math.max(...xs));
  const up = chart.isLogarithmic
    ? logarithmicScale(Math.min(...ys), Math.max(...ys))
    : linearScale(Math.max(...ys));
  const px = (x: number): number => LEFT + across.place(x) * (RIGHT - LEFT);
  const py = (y: number): number => BOTTOM - up.place(y) * (BOTTOM - TOP);
  const grid = [
    ...up.ticks.flatMap((tick) => [
      svgLine(LEFT, py(tick), RIGHT, py(tick), "grid"),
      svgText(LEFT - 8, py(tick) + 4, describeNumber(tick), { anchor: "end", kind: "faint" }),
    ]),
    ...across.ticks.map((tick) =>
      svgText(px(tick), BOTTOM + 20, describeNumber(tick), { anchor: "middle", kind: "faint" }),
    ),
  ];
  const drawn = lines.map(({ label, points: own }) => {
    const path = own.map(([x, y], at) => `${at === 0 ? "M" : "L"}${round(px(x))} ${round(py(y))}`).join("");
    const kind = label.startsWith("Holdfast") ? "ours" : "other";
    const dash = label.endsWith(PLACE_NAMES.webkit) ? " dashed" : "";
    return `<path class="${kind} line${dash}" style="fill:none" d="${path}"/>`;
  });
  let lowest = Number.NEGATIVE_INFINITY;
  const names = lines
    .map(({ label, points: own }) => ({ label, end: own.at(-1) ?? ([0, 0] as const) }))
    .toSorted((a, b) => py(a.end[1]) - py(b.end[1]))
    .map(({ label, end }) => {
      lowest = Math.max(lowest + NAME_GAP, py(end[1]) + 4);
      return svgText(px(end[0]) + 10, lowest, label);
    });
  const description = lines
    .map(
      ({ label, points: own }) =>
        `${label}: ${own.map(([x, y]) => `${describeNumber(y)} at ${describeNumber(x)}`).join(", ")}`,
    )
    .join("; ");
  return svgDocument(HEIGHT, chart.title, `${chart.unit} by ${chart.xTitle}. ${description}.`, [
    svgText(16, 28, chart.title, { kind: "heading" }),
    ...grid,
    ...drawn,
    ...names,
    svgText(RIGHT, BOTTOM + 44, `${chart.unit}, by ${chart.xTitle}`, { anchor: "end", kind: "faint" }),
  ]);
}
