import type { ReliabilityReports } from "../../tests/support/reliability-report.ts";
import { headlines } from "./document.ts";
import type { ReportName } from "./read-reports.ts";

const BEGIN = "<!-- reliability: written by `npm run test:long` -->";
const END = "<!-- reliability: end -->";

/** The README with the headline figures between its two marks. Throws when it has lost them. Pure. */
export function withHeadline(
  readme: string,
  reports: ReliabilityReports,
  outdated: readonly ReportName[] = [],
): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin)
    throw new Error(`The README has no place for the figures: ${BEGIN} … ${END}.`);
  const date = reports.simulation.startedAt.slice(0, 10);
  const text = `${headlines(reports, outdated)}\n\nAs of ${date}; tables, seeds, machine, and what this does not show: [docs/RELIABILITY.md](docs/RELIABILITY.md).`;
  return `${readme.slice(0, begin)}${BEGIN}\n\n${text}\n\n${readme.slice(end)}`;
}
