import { existsSync, readFileSync } from "node:fs";
import type { ReliabilityReports } from "../../tests/support/reliability-report.ts";
import { fingerprintSources } from "../../tests/support/source-fingerprint.ts";

/** Which command leaves which report. */
const COMMANDS = {
  simulation: "npm run simulate -- --report",
  planted: "npm run planted",
  crash: "npm run crash -- --report",
  faults: "npm run faults",
} as const satisfies Record<keyof ReliabilityReports, string>;

const NAMES = ["simulation", "planted", "crash", "faults"] as const;

/** A report that is missing, or of another product than the one that lies here. The message says which command makes it. */
export class ReportError extends Error {
  override readonly name = "ReportError";
}

/** The reports of the last long run. Throws a {@link ReportError} unless all are there and speak of the source as it is. */
export function readReports(folder: URL, sources: string = fingerprintSources()): ReliabilityReports {
  const read = <Name extends keyof ReliabilityReports>(name: Name): ReliabilityReports[Name] => {
    const file = new URL(`${name}.json`, folder);
    if (!existsSync(file)) {
      throw new ReportError(
        `There is no report of "${name}". Run \`${COMMANDS[name]}\`, or \`npm run test:long\` for all.`,
      );
    }
    // Written by `writeReport` of this very project.
    const report = JSON.parse(readFileSync(file, "utf8")) as ReliabilityReports[Name] & { sources?: string };
    if (report.sources !== sources) {
      throw new ReportError(
        `The report of "${name}" is of another state of src and server than the one that lies here. Run \`${COMMANDS[name]}\` again.`,
      );
    }
    return report;
  };
  const [simulation, planted, crash, faults] = NAMES;
  return {
    simulation: read(simulation),
    planted: read(planted),
    crash: read(crash),
    faults: read(faults),
  };
}
