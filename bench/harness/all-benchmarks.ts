import type { Benchmark } from "./benchmark.ts";

/** Every benchmark by its name, in the order of the report. Each is loaded only when it is run. */
export const BENCHMARKS = {
  "stream-100k": async () => (await import("../benchmarks/stream-100k.ts")).benchmark,
  growth: async () => (await import("../benchmarks/growth.ts")).benchmark,
  "one-list": async () => (await import("../benchmarks/one-list.ts")).benchmark,
  "one-fence": async () => (await import("../benchmarks/one-fence.ts")).benchmark,
  "one-paragraph": async () => (await import("../benchmarks/one-paragraph.ts")).benchmark,
  "one-table": async () => (await import("../benchmarks/one-table.ts")).benchmark,
  "worst-frame": async () => (await import("../benchmarks/worst-frame.ts")).benchmark,
  "exact-prefix": async () => (await import("../benchmarks/exact-prefix.ts")).benchmark,
  pathological: async () => (await import("../benchmarks/pathological.ts")).benchmark,
  "chat-10k": async () => (await import("../benchmarks/chat-10k.ts")).benchmark,
  switch: async () => (await import("../benchmarks/switch.ts")).benchmark,
  "stream-path": async () => (await import("../benchmarks/stream-path.ts")).benchmark,
  reattach: async () => (await import("../benchmarks/reattach.ts")).benchmark,
  "catch-up": async () => (await import("../benchmarks/catch-up.ts")).benchmark,
  "persist-1mb": async () => (await import("../benchmarks/persist-1mb.ts")).benchmark,
  "fan-out": async () => (await import("../benchmarks/fan-out.ts")).benchmark,
  viewers: async () => (await import("../benchmarks/viewers.ts")).benchmark,
  replay: async () => (await import("../benchmarks/replay.ts")).benchmark,
  append: async () => (await import("../benchmarks/append.ts")).benchmark,
  database: async () => (await import("../benchmarks/database.ts")).benchmark,
  "first-token": async () => (await import("../benchmarks/first-token.ts")).benchmark,
} as const satisfies Record<string, () => Promise<Benchmark>>;

export type BenchmarkName = keyof typeof BENCHMARKS;

export const BENCHMARK_NAMES = Object.keys(BENCHMARKS) as readonly BenchmarkName[];

/** What `--check` runs when no names are given: the ratios that a change breaks first. Under a minute on a quiet machine. */
export const QUICK_NAMES: readonly BenchmarkName[] = [
  "stream-100k",
  "growth",
  "one-list",
  "one-fence",
  "persist-1mb",
];

export function isBenchmarkName(name: string): name is BenchmarkName {
  return Object.hasOwn(BENCHMARKS, name);
}
