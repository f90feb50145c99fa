import type { BarChart } from "../harness/chart.ts";
import { describeNumber } from "../harness/describe.ts";
import { median } from "../harness/statistics.ts";
import { linearScale, logarithmicScale } from "./scale.ts";
import { round, svgDocument, svgLine, svgText, WIDTH } from "./svg.ts";

const LEFT = 250;
const RIGHT = WIDTH - 90;
const TOP = 56;
const BAR = 20;
const STEP = 30;
const GROUP_GAP = 34;

/** One bar each, with a line from the least to the most of the rounds, and the median in figures. */
export function drawBars(chart: BarChart): string {
  const bars = chart.bars.filter(({ values }) => values.length > 0);
  const all = bars.flatMap(({ values }) => values);
  const scale = chart.isLogarithmic
    ? logarithmicScale(Math.min(...all), Math.max(...all))
    : linearScale(Math.max(...all));
  const x = (value: number): number => LEFT + scale.place(value) * (RIGHT - LEFT);
  const content: string[] = [];
  let y = TOP;
  for (const group of new Set(bars.map((bar) => bar.group))) {
    content.push(svgText(16, y + 14, group, { kind: "heading" }));
    y += 26;
    for (const { label, values } of bars.filter((bar) => bar.group === group)) {
      const middle = median(values);
      const kind = label.startsWith("Holdfast") ? "ours" : "other";
      content.push(
        svgText(LEFT - 10, y + 15, label, { anchor: "end" }),
        `<rect class="${kind}" x="${LEFT}" y="${y}" width="${round(Math.max(1, x(middle) - LEFT))}" height="${BAR}"/>`,
        svgLine(x(Math.min(...values)), y + BAR / 2, x(Math.max(...values)), y + BAR / 2, "range"),
        svgText(x(Math.max(...values)) + 8, y + 15, describeNumber(middle)),
      );
      y += STEP;
    }
    y += GROUP_GAP - STEP + 10;
  }
  const grid = scale.ticks.flatMap((tick) => [
    svgLine(x(tick), TOP, x(tick), y, "grid"),
    svgText(x(tick), y + 18, describeNumber(tick), { anchor: "middle", kind: "faint" }),
  ]);
  const unit = `${chart.unit}${chart.isLogarithmic ? ", logarithmic" : ""}; lines: all rounds`;
  const description = bars
    .map(({ group, label, values }) => `${group}, ${label}: ${describeNumber(median(values))} ${chart.unit}`)
    .join("; ");
  return svgDocument(y + 48, chart.title, `${description}.`, [
    svgText(16, 28, chart.title, { kind: "heading" }),
    ...grid,
    ...content,
    svgText(RIGHT, y + 38, unit, { anchor: "end", kind: "faint" }),
  ]);
}
