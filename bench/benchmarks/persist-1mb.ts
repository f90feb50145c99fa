import { PLACE_NAMES, type Benchmark, type Figure, type Ratio } from "../harness/benchmark.ts";
import type { BarChart } from "../harness/chart.ts";
import { inEachEngine } from "../harness/page-session.ts";
import { mean, quantile, ratios } from "../harness/statistics.ts";
import type { PersistTimes } from "../page/kept-answer.ts";
import type { PersistSide } from "../page/persist.ts";

const CHARS = 1_000_000;
const FLUSHES = 100;
/** What storage may take of the page in one go. */
const MAX_WORK_MS = 4;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const flushesMs = ({ flushMs }: PersistTimes): number => sum(flushMs);
const totalMs = (times: PersistTimes): number => flushesMs(times) + times.settleMs + times.readMs;

const SIDES = [
  ["raw", "raw puts"],
  ["behindCursor", "raw puts with a cursor"],
  ["ours", "Holdfast"],
] as const satisfies [PersistSide, string][];

export const benchmark: Benchmark = {
  title: `1 MB of an answer kept in ${FLUSHES} flushes by the app's own conversation store, settled, and read back, against raw puts that do the same`,
  async run({ rounds, engines, isQuick }) {
    const figures: Figure[] = [];
    const found: Ratio[] = [];
    const notes: string[] = [];
    const bars: BarChart["bars"][number][] = [];
    await inEachEngine(engines, async ({ engine, run }) => {
      const { rows, longestWorkMs, longestTaskMs } = await run("persist", {
        rounds: rounds ?? (isQuick ? 3 : 9),
        // Six have every order of the three, and last so long that a burst of the disk is a small part of a round.
        answers: isQuick ? 2 : 6,
        chars: CHARS,
        flushes: FLUSHES,
      });
      /** Of an answer, in the mean of each round. */
      const perAnswer = (side: PersistSide, value: (times: PersistTimes) => number): number[] =>
        rows.map((answers) => mean(answers.map((answer) => value(answer[side]))));
      for (const [side, label] of SIDES) {
        const figure = (what: string, values: readonly number[]): Figure => ({
          what: `${label}: ${what}`,
          place: engine,
          unit: "ms",
          values,
        });
        bars.push({ label, group: PLACE_NAMES[engine], values: perAnswer(side, totalMs) });
        const slowest = rows.map((answers) => {
          const ofRound = answers.flatMap((answer) => answer[side].flushMs);
          return quantile(ofRound, 0.99);
        });
        const settleMs = perAnswer(side, (times) => times.settleMs);
        const readMs = perAnswer(side, (times) => times.readMs);
        figures.push(
          figure("in all", perAnswer(side, totalMs)),
          figure(`${FLUSHES} flushes`, perAnswer(side, flushesMs)),
          figure("slowest flush but for one in a hundred", slowest),
          figure("settle", settleMs),
          figure("read back", readMs),
        );
      }
      for (const [id, what, side] of [
        ["raw", "raw puts", "raw"],
        ["cursor", "raw puts that read and write a cursor along", "behindCursor"],
      ] as const) {
        found.push({
          id: `ours-to-${id}`,
          what: `Holdfast ÷ ${what}`,
          place: engine,
          values: ratios(perAnswer("ours", totalMs), perAnswer(side, totalMs)),
          better: "lower",
          margin: 2,
          ...(id === "raw" ? { target: 1.3 } : {}),
        });
      }
      figures.push({
        what: "Holdfast: the page's own work for one transaction, the longest of an answer",
        place: engine,
        unit: "ms",
        values: longestWorkMs,
      });
      found.push({
        id: "work",
        what: `Holdfast: the page's own work for one transaction, the longest of an answer ÷ ${MAX_WORK_MS} ms`,
        place: engine,
        values: longestWorkMs.map((ms) => ms / MAX_WORK_MS),
        better: "lower",
        target: 1,
        margin: 4,
      });
      if (longestTaskMs !== undefined)
        notes.push(
          longestTaskMs === 0
            ? `${engine}: no task was longer than 50 ms.`
            : `${engine}: the longest task took ${longestTaskMs.toFixed(0)} ms.`,
        );
    });
    const chart: BarChart = {
      kind: "bars",
      id: "persist-1mb",
      title: `1 MB kept in ${FLUSHES} flushes, settled, and read back`,
      unit: "ms",
      isLogarithmic: false,
      bars,
    };
    return { figures, ratios: found, notes, charts: [chart] };
  },
};
