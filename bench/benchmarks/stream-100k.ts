import {
  PLACE_NAMES,
  type Benchmark,
  type Figure,
  type PageEngine,
  type Ratio,
} from "../harness/benchmark.ts";
import type { BarChart } from "../harness/chart.ts";
import { inEachEngine } from "../harness/page-session.ts";
import { ratios } from "../harness/statistics.ts";

const CHARS = 100_000;

const SIDES = {
  floor: "floor: text appended to line blocks",
  ours: "Holdfast",
  caret: "Holdfast with its caret",
  streamdown: "Streamdown 2.7.1 + React 19",
  naive: "marked + DOMPurify + innerHTML",
} as const;
type Side = keyof typeof SIDES;
type Peer = Exclude<Side, "ours" | "caret">;

/** Ours against each of the others. */
const TARGETS: Readonly<Record<Peer, number>> = {
  floor: 2,
  streamdown: 1 / 8,
  naive: 1 / 150,
};

export const benchmark: Benchmark = {
  title:
    "100 KB of mixed Markdown, 16 characters a frame, layout with the end in sight each frame; the peers in the same page, at 25 places of the same text",
  async run({ rounds, engines, isQuick }) {
    const figures: Figure[] = [];
    const found: Ratio[] = [];
    const bars: BarChart["bars"][number][] = [];
    await inEachEngine(engines, async ({ engine, run }) => {
      const values = await run("stream", {
        rounds: rounds ?? (isQuick ? 3 : 5),
        chars: CHARS,
      });
      for (const side of Object.keys(SIDES) as Side[]) {
        const taken = values[side];
        figures.push({ what: SIDES[side], place: engine, unit: "ms a frame", values: taken });
        bars.push({ label: SIDES[side], group: PLACE_NAMES[engine], values: taken });
        if (side === "ours" || side === "caret") continue;
        found.push(against(side, engine, side === "floor" ? values.ours : values.oursBeside, taken));
      }
    });
    const chart: BarChart = {
      kind: "bars",
      id: "stream-100k",
      title: "A frame while 100 KB of Markdown stream in",
      unit: "ms a frame",
      isLogarithmic: true,
      bars,
    };
    return { figures, ratios: found, charts: [chart] };
  },
};

function against(side: Peer, place: PageEngine, ours: readonly number[], theirs: readonly number[]): Ratio {
  return {
    id: `ours-to-${side}`,
    what: `Holdfast ÷ ${side}`,
    place,
    values: ratios(ours, theirs),
    better: "lower",
    margin: 2,
    target: TARGETS[side],
  };
}
