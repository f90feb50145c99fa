import type { Benchmark, Figure, Ratio } from "../harness/benchmark.ts";
import { inEachEngine } from "../harness/page-session.ts";
import { median, ratios } from "../harness/statistics.ts";

const CHARS = 50_000;
/** Beyond this a person sees a page stand still. Unit: ms. */
const LONG_FRAME_MS = 50;

export const benchmark: Benchmark = {
  title:
    "50 KB of each input that drives careless parsers to quadratic time, streamed, against as much prose",
  async run({ rounds, engines }) {
    const figures: Figure[] = [];
    const found: Ratio[] = [];
    const notes: string[] = [];
    await inEachEngine(engines, async ({ engine, run }) => {
      const rows = await run("pathological", { rounds: rounds ?? 1, chars: CHARS });
      const against = (row: (typeof rows)[number]): number => median(ratios(row.ours, row.prose));
      const worst = rows.toSorted((a, b) => against(b) - against(a));
      for (const row of worst.slice(0, 5))
        figures.push({
          what: `${row.input}, against prose`,
          place: engine,
          unit: "×",
          values: ratios(row.ours, row.prose),
        });
      const longest = rows.toSorted((a, b) => median(b.longest) - median(a.longest))[0];
      if (longest !== undefined) {
        figures.push({
          what: `longest frame: ${longest.input}`,
          place: engine,
          unit: "ms",
          values: longest.longest,
        });
        if (median(longest.longest) > LONG_FRAME_MS)
          notes.push(`${engine}: a frame of ${longest.input} took ${median(longest.longest).toFixed(0)} ms.`);
      }
      const [first] = worst;
      if (first !== undefined)
        found.push({
          id: "worst-to-prose",
          what: `the worst of ${rows.length} inputs ÷ prose`,
          place: engine,
          values: ratios(first.ours, first.prose),
          better: "lower",
          target: 10,
          margin: 2,
        });
    });
    return { figures, ratios: found, notes };
  },
};
