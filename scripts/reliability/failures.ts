import { ENGINES } from "../../tests/faults/fault-browser.ts";
import type { ReliabilityReports } from "../../tests/support/reliability-report.ts";
import { counted } from "./markdown.ts";
import { COMMANDS, type ReportName } from "./read-reports.ts";

/** Everything that failed, each as a sentence. Empty is as it should be. */
export function failuresOf(
  { simulation, planted, crash, faults }: ReliabilityReports,
  outdated: readonly ReportName[] = [],
): readonly string[] {
  const failures = outdated.map(
    (name) =>
      `The report of "${name}" is of an earlier state of src and server than this page: \`${COMMANDS[name]}\` makes it anew.`,
  );
  if (simulation.violations > 0) {
    failures.push(
      `The simulation found ${counted(simulation.violations, "violation")} (seed ${simulation.seed}).`,
    );
  }
  if (planted.controlRuns === undefined) {
    failures.push("The simulation found a violation in the source without a planted bug.");
  }
  for (const bug of planted.bugs) {
    if (bug.caughtBy === undefined) failures.push(`The planted bug ${bug.name} was not caught.`);
  }
  for (const row of crash.rows) {
    for (const violation of row.violations) failures.push(`Server crashes, ${row.what}: ${violation}`);
  }
  for (const control of crash.controls) {
    if (control.seenAfterRounds === undefined) {
      failures.push(`The crash harness did not see that this control fails: ${control.what}.`);
    }
  }
  for (const row of faults.rows) {
    if (row.outcome === "fail") failures.push(`Scenario ${row.id} in ${row.engine}: ${row.why ?? "failed"}`);
    if (row.outcome === "not-run") {
      failures.push(`Scenario ${row.id} was not run in ${row.engine}: ${row.why ?? "no reason given"}`);
    }
  }
  for (const id of new Set(faults.rows.map((row) => row.id))) {
    const engines = new Set(faults.rows.filter((row) => row.id === id).map((row) => row.engine));
    for (const engine of ENGINES) {
      if (!engines.has(engine)) failures.push(`Scenario ${id} has no result in ${engine}.`);
    }
  }
  return failures;
}
