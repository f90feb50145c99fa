import type { BenchmarkRecord } from "../harness/benchmark.ts";
import { headline } from "./document.ts";

const BEGIN = "<!-- performance: written by `npm run bench` -->";
const END = "<!-- performance: end -->";

/** The README with the headline figures between its two marks. Throws when it has lost them. Pure. */
export function withPerformance(readme: string, records: readonly BenchmarkRecord[]): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin)
    throw new Error(`The README has no place for the figures: ${BEGIN} … ${END}.`);
  const text = `${headline(records)}\n\nAll figures, the machine and how they are taken: [docs/PERFORMANCE.md](docs/PERFORMANCE.md).`;
  return `${readme.slice(0, begin)}${BEGIN}\n\n${text}\n\n${readme.slice(end)}`;
}
