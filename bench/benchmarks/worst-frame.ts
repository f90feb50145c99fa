import type { Benchmark } from "../harness/benchmark.ts";
import { inEachEngine } from "../harness/page-session.ts";
import { quantile } from "../harness/statistics.ts";

const CHARS = 1_000_000;
/** Frames of each run that are looked at, spread over the whole text. */
const FRAMES = 6_250;
/** As a phone of some years against a laptop. */
const SLOWER = 4;
const FRAME_MS = 16.7;

const QUANTILES = [
  { q: 0.5, name: "p50" },
  { q: 0.99, name: "p99" },
  { q: 0.999, name: "p99.9" },
  { q: 1, name: "longest" },
] as const;

export const benchmark: Benchmark = {
  title: "1 MB of mixed Markdown on a processor that is 4× slower (Chromium): the slowest frames",
  async run({ rounds, engines }) {
    const own: number[][] = [];
    const whole: number[][] = [];
    await inEachEngine(
      engines.filter((engine) => engine === "chromium"),
      async ({ tab, run }) => {
        await run("worstFrame", { chars: CHARS / 10, frames: FRAMES / 10 });
        await tab.slowDown(SLOWER);
        for (let round = 0; round < (rounds ?? 5); round += 1) {
          const { ownMs, frameMs } = await run("worstFrame", { chars: CHARS, frames: FRAMES });
          own.push([...ownMs]);
          whole.push([...frameMs]);
        }
        await tab.slowDown(1);
      },
    );
    if (own.length === 0)
      return { figures: [], ratios: [], notes: ["Only Chromium can be slowed down from outside."] };
    const figures = QUANTILES.flatMap(({ q, name }) => [
      {
        what: `our own work, ${name}`,
        place: "chromium" as const,
        unit: "ms a frame",
        values: own.map((times) => quantile(times, q)),
      },
      {
        what: `with layout, ${name}`,
        place: "chromium" as const,
        unit: "ms a frame",
        values: whole.map((times) => quantile(times, q)),
      },
    ]);
    const against = (times: readonly (readonly number[])[], q: number): number[] =>
      times.map((run) => quantile(run, q) / FRAME_MS);
    return {
      figures,
      ratios: [
        {
          id: "own-p99",
          what: "our own work, p99 ÷ one frame of 16.7 ms",
          place: "chromium",
          values: against(own, 0.99),
          better: "lower",
          target: 1,
          margin: 3,
        },
        {
          id: "own-p999",
          what: "our own work, p99.9 ÷ one frame of 16.7 ms",
          place: "chromium",
          values: against(own, 0.999),
          better: "lower",
          target: 1,
          margin: 4,
        },
        {
          id: "whole-p99",
          what: "with layout, p99 ÷ one frame of 16.7 ms",
          place: "chromium",
          values: against(whole, 0.99),
          better: "lower",
          margin: 3,
        },
      ],
    };
  },
};
