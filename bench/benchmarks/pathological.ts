import type { Benchmark, Figure, Ratio } from "../harness/benchmark.ts";
import { inEachEngine } from "../harness/page-session.ts";
import { median, ratios } from "../harness/statistics.ts";
import type { PageBenches } from "../page/page-benches.ts";
import { PATHOLOGICAL } from "../page/pathological-texts.ts";

type Row = Awaited<ReturnType<PageBenches["pathological"]>>[number];

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
      const rows: Row[] = [];
      // One by one: a page that works for minutes on end is taken for one that hangs.
      for (const only of Object.keys(PATHOLOGICAL))
        rows.push(...(await run("pathological", { rounds: rounds ?? 1, chars: CHARS, only })));
      const against = (row: Row): number => median(ratios(row.ours, row.prose));
      const paced = (row: Row): number => median(ratios(row.paced, row.pacedProse));
      const worst = rows.toSorted((a, b) => against(b) - against(a));
      for (const row of worst.slice(0, 5))
        figures.push({
          what: `${row.input}, against prose`,
          place: engine,
          unit: "×",
          values: ratios(row.ours, row.prose),
        });
      for (const row of rows.toSorted((a, b) => paced(b) - paced(a)).slice(0, 5))
        figures.push({
          what: `${row.input}, against prose, in the frames that the app writes`,
          place: engine,
          unit: "×",
          values: ratios(row.paced, row.pacedProse),
        });
      figures.push({
        what: "prose in one paragraph, against prose",
        place: engine,
        unit: "×",
        values: rows.map((row) => median(ratios(row.paragraph, row.prose))),
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
      const ratio = (
        id: string,
        what: string,
        of: (row: Row) => readonly number[],
        target?: number,
      ): void => {
        const [first] = rows.map(of).toSorted((a, b) => median(b) - median(a));
        if (first === undefined) return;
        found.push({
          id,
          what: `the worst of ${rows.length} inputs ${what}`,
          place: engine,
          values: first,
          better: "lower",
          ...(target === undefined ? {} : { target }),
          margin: 2,
        });
      };
      ratio("worst-to-prose", "÷ prose", (row) => ratios(row.ours, row.prose), 10);
      ratio(
        "paced-to-prose",
        "÷ prose, in the frames that the app writes",
        (row) => ratios(row.paced, row.pacedProse),
        10,
      );
      ratio("worst-to-floor", "÷ the same text in one line, without Markdown", (row) =>
        ratios(row.ours, row.floor),
      );
      ratio("worst-to-paragraph", "÷ prose in one paragraph", (row) => ratios(row.ours, row.paragraph));
    });
    notes.push(
      "A frame is each that text comes in, written and laid out. The app itself leaves a text whose frames are dear alone for 24 times what they cost beyond others; what 16 characters cost in its frames is the second figure.",
    );
    return { figures, ratios: found, notes };
  },
};
