import { PLACE_NAMES, type Benchmark, type Figure, type Ratio } from "../harness/benchmark.ts";
import type { LineChart } from "../harness/chart.ts";
import { inEachEngine } from "../harness/page-session.ts";
import { median, ratios } from "../harness/statistics.ts";

const SIZES = [20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000] as const;
const FROM = 100_000;
const TO = 1_000_000;

export const benchmark: Benchmark = {
  title:
    "What a frame costs with 20 KB to 1 MB of the answer before it: its exponent between 100 KB and 1 MB",
  async run({ rounds, engines, isQuick }) {
    const figures: Figure[] = [];
    const found: Ratio[] = [];
    const lines: LineChart["lines"][number][] = [];
    await inEachEngine(engines, async ({ engine, run }) => {
      const sizes = isQuick ? [FROM, TO] : SIZES;
      const sides = await run("growth", { rounds: rounds ?? (isQuick ? 3 : 7), sizes });
      for (const [side, bySize] of Object.entries(sides)) {
        const label = side === "ours" ? "Holdfast" : "floor";
        for (const [size, values] of Object.entries(bySize))
          figures.push({
            what: `${label}, after ${Number(size) / 1_000} KB`,
            place: engine,
            unit: "ms a frame",
            values,
          });
        lines.push({
          label: `${label}, ${PLACE_NAMES[engine]}`,
          points: Object.entries(bySize).map(([size, values]) => [Number(size) / 1_000, median(values)]),
        });
        const times = ratios(bySize[TO] ?? [], bySize[FROM] ?? []);
        figures.push({
          what: `${label}: growth exponent, 100 KB → 1 MB`,
          place: engine,
          unit: "",
          values: times.map(Math.log10),
        });
        // The floor's is shown and not judged: a tenth of a millisecond is noise.
        if (side === "floor") continue;
        found.push({
          id: "growth",
          what: `${label}: a frame after 1 MB ÷ after 100 KB`,
          place: engine,
          values: times,
          better: "lower",
          margin: 2,
          // An exponent of 0.1 over one decade.
          target: 10 ** 0.1,
        });
      }
    });
    const chart: LineChart = {
      kind: "lines",
      id: "growth",
      title: "What a frame costs, by the length of the answer before it",
      unit: "ms a frame",
      isLogarithmic: false,
      xTitle: "KB of the answer before it",
      lines,
    };
    return { figures, ratios: found, charts: [chart] };
  },
};
