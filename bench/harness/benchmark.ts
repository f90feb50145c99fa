import type { Chart } from "./chart.ts";

/** The engines that renderers are measured in. Gecko has no place here: its driver has no clock finer than 1 ms. */
export const PAGE_ENGINES = ["chromium", "webkit"] as const;
export type PageEngine = (typeof PAGE_ENGINES)[number];

/** Where something was measured. */
export type Place = PageEngine | "node";

/** As people know them. */
export const PLACE_NAMES: Readonly<Record<Place, string>> = {
  chromium: "Chromium",
  webkit: "WebKitGTK",
  node: "Node",
};

/** An absolute figure. It is shown and never judged: it belongs to the machine. */
export interface Figure {
  readonly what: string;
  readonly place: Place;
  readonly unit: string;
  /** One for each round. */
  readonly values: readonly number[];
}

/** A figure without a unit, which another machine can be held to. */
export interface Ratio {
  /** Names it in the baseline, together with benchmark and place. */
  readonly id: string;
  /** "ours ÷ floor": for people. */
  readonly what: string;
  readonly place: Place;
  /** One for each round. */
  readonly values: readonly number[];
  readonly better: "lower" | "higher";
  /** What is to be reached; undefined: it is watched only. */
  readonly target?: number;
  /** What the baseline allows beyond it, as a factor, where it is written anew. Default: 1.5. */
  readonly margin?: number;
}

/** What one benchmark found. */
export interface Measured {
  readonly figures: readonly Figure[];
  readonly ratios: readonly Ratio[];
  readonly charts?: readonly Chart[];
  /** Sentences that belong beside the figures, such as an engine that is not here. */
  readonly notes?: readonly string[];
}

/** How it is to be run. */
export interface BenchmarkRun {
  /** Rounds that count; a warm-up comes before them. Undefined: the benchmark's own number. */
  readonly rounds: number | undefined;
  readonly engines: readonly PageEngine[];
  /** Only what `npm test` has time for: ratios with a baseline, in fewer rounds. */
  readonly isQuick: boolean;
}

export interface Benchmark {
  /** One sentence: what is measured, beside what. */
  readonly title: string;
  readonly run: (run: BenchmarkRun) => Promise<Measured>;
}

/** What is kept of a benchmark: `.cache/bench/<name>.json`. */
export interface BenchmarkRecord extends Measured {
  readonly name: string;
  readonly title: string;
  readonly startedAt: string;
  readonly wallMs: number;
  /** The commit that was measured, with "+" when the tree had changes. */
  readonly commit: string;
  readonly machine: string;
  /** What the engines call themselves. */
  readonly engines: Readonly<Partial<Record<PageEngine, string>>>;
  /** The machine's load when it began: above its number of cores the absolute figures mean little. */
  readonly load: number;
  /** Why there are no figures. */
  readonly failure?: string;
}

/** The one name of a ratio over all benchmarks. */
export function ratioKey(benchmark: string, ratio: Pick<Ratio, "id" | "place">): string {
  return `${benchmark}/${ratio.id}/${ratio.place}`;
}
