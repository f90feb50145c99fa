import { existsSync, readFileSync } from "node:fs";
import type { ReliabilityReports } from "../../tests/support/reliability-report.ts";
import { fingerprintSources } from "../../tests/support/source-fingerprint.ts";

/** Which command leaves which report. */
export const COMMANDS = {
  simulation: "npm run simulate -- --report",
  planted: "npm run planted",
  crash: "npm run crash -- --report",
  faults: "npm run faults",
} as const satisfies Record<keyof ReliabilityReports, string>;

export type ReportName = keyof ReliabilityReports;

/** A report that is missing. The message says which command makes it. */
export class ReportError extends Error {
  override readonly name = "ReportError";
}

export interface ReportsRead {
  readonly reports: ReliabilityReports;
  /** Those made from another state of src and server than the one that lies here: what they say is told as such. */
  readonly outdated: readonly ReportName[];
}

/** The reports of the last long run. Throws a {@link ReportError} unless all are there. */
export function readReports(folder: URL, sources: string = fingerprintSources()): ReportsRead {
  const outdated: ReportName[] = [];
  const read = <Name extends ReportName>(name: Name): ReliabilityReports[Name] => {
    const file = new URL(`${name}.json`, folder);
    if (!existsSync(file)) {
      throw new ReportError(
        `There is no report of "${name}". Run \`${COMMANDS[name]}\`, or \`npm run test:long\` for all.`,
      );
    }
    // Written by `writeReport` of this very project.
    const report = JSON.parse(readFileSync(file, "utf8")) as ReliabilityReports[Name] & { sources?: string };
    if (report.sources !== sources) outdated.push(name);
    return report;
  };
  const reports = {
    simulation: read("simulation"),
    planted: read("planted"),
    crash: read("crash"),
    faults: read("faults"),
  };
  return { reports, outdated };
}
