import { PLACE_NAMES, type Benchmark, type Figure, type Ratio } from "../harness/benchmark.ts";
import type { BarChart } from "../harness/chart.ts";
import { inEachEngine } from "../harness/page-session.ts";
import { quantile, ratios } from "../harness/statistics.ts";
import type { PersistTimes } from "../page/persist.ts";

const CHARS = 1_000_000;
const FLUSHES = 100;
/** What storage may take of the page in one go. */
const MAX_WORK_MS = 4;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const totalMs = ({ flushMs, compactMs, readMs }: PersistTimes): number => sum(flushMs) + compactMs + readMs;

export const benchmark: Benchmark = {
  title: `1 MB of an answer kept in ${FLUSHES} flushes by the app's own conversation store, settled, and read back, against raw puts that do the same`,
  async run({ rounds, engines, isQuick }) {
    const figures: Figure[] = [];
    const found: Ratio[] = [];
    const notes: string[] = [];
    const bars: BarChart["bars"][number][] = [];
    await inEachEngine(engines, async ({ engine, run }) => {
      const { raw, behindCursor, ours, longestWorkMs, longestTaskMs } = await run("persist", {
        rounds: rounds ?? (isQuick ? 3 : 7),
        chars: CHARS,
        flushes: FLUSHES,
      });
      for (const [side, times] of [
        ["raw puts", raw],
        ["raw puts with a cursor", behindCursor],
        ["Holdfast", ours],
      ] as const) {
        const figure = (what: string, values: readonly number[]): Figure => ({
          what: `${side}: ${what}`,
          place: engine,
          unit: "ms",
          values,
        });
        bars.push({ label: side, group: PLACE_NAMES[engine], values: times.map(totalMs) });
        figures.push(
          figure("in all", times.map(totalMs)),
          figure(
            `${FLUSHES} flushes`,
            times.map(({ flushMs }) => sum(flushMs)),
          ),
          figure(
            "slowest flush but for one in a hundred",
            times.map(({ flushMs }) => quantile(flushMs, 0.99)),
          ),
          figure(
            "settle",
            times.map(({ compactMs }) => compactMs),
          ),
          figure(
            "read back",
            times.map(({ readMs }) => readMs),
          ),
        );
      }
      for (const [id, what, side] of [
        ["raw", "raw puts", raw],
        ["cursor", "raw puts that read and write a cursor along", behindCursor],
      ] as const) {
        found.push({
          id: `ours-to-${id}`,
          what: `Holdfast ÷ ${what}`,
          place: engine,
          values: ratios(ours.map(totalMs), side.map(totalMs)),
          better: "lower",
          margin: 2,
          ...(id === "raw" ? { target: 1.3 } : {}),
        });
      }
      figures.push({
        what: "Holdfast: the page's own work for one transaction, the longest of a round",
        place: engine,
        unit: "ms",
        values: longestWorkMs,
      });
      found.push({
        id: "work",
        what: `Holdfast: the page's own work for one transaction, the longest of a round ÷ ${MAX_WORK_MS} ms`,
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
