import type { Benchmark, Figure, Ratio } from "../harness/benchmark.ts";
import { inEachEngine } from "../harness/page-session.ts";
import { ratios } from "../harness/statistics.ts";
import type { TextKind } from "../page/page-benches.ts";

/** What a text of one kind may cost, against a mixed one and against the floor; missing: watched only. */
export interface KindTargets {
  readonly mixed?: number;
  readonly floor?: number;
}

/** One block, against our own mixed text of the same length, and against the floor under the same text. */
export function oneKind(kind: TextKind, targets: KindTargets, chars = 100_000): Benchmark {
  return {
    title: `One ${kind} of ${chars / 1_000} KB, against our own mixed text, and against the floor under the same text`,
    async run({ rounds, engines, isQuick }) {
      const figures: Figure[] = [];
      const found: Ratio[] = [];
      await inEachEngine(engines, async ({ engine, run }) => {
        const values = await run("kind", { rounds: rounds ?? (isQuick ? 2 : 3), chars, kind });
        figures.push(
          { what: `one ${kind}`, place: engine, unit: "ms a frame", values: values.ours },
          { what: "our own mixed text", place: engine, unit: "ms a frame", values: values.mixed },
          { what: `the floor under the ${kind}`, place: engine, unit: "ms a frame", values: values.floor },
        );
        for (const side of ["mixed", "floor"] as const) {
          const target = targets[side];
          found.push({
            id: `${kind}-to-${side}`,
            what: `one ${kind} ÷ ${side}`,
            place: engine,
            values: ratios(values.ours, values[side]),
            better: "lower",
            margin: 2,
            ...(target === undefined ? {} : { target }),
          });
        }
      });
      return { figures, ratios: found };
    },
  };
}
