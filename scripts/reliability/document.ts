import { ENGINES } from "../../tests/faults/fault-browser.ts";
import { schedulesPerMinute, type ReliabilityReports } from "../../tests/support/reliability-report.ts";
import { failuresOf } from "./failures.ts";
import { counted, duration, number, table } from "./markdown.ts";
import type { ReportName } from "./read-reports.ts";
import {
  crashSection,
  faultNotes,
  faultReasons,
  faultsTable,
  plantedTable,
  simulationSection,
} from "./sections.ts";

/** Fills the template's `{{places}}`. Pure: the same reports make the same document. */
export function renderReliability(
  template: string,
  reports: ReliabilityReports,
  machine: string,
  outdated: readonly ReportName[] = [],
): string {
  const { simulation, planted, crash, faults } = reports;
  const sections: Record<string, string> = {
    headline: headlines(reports, outdated),
    failures: failureList(reports, outdated),
    runs: runsTable(reports, machine),
    simulation: simulationSection(simulation),
    planted: plantedTable(planted),
    crash: crashSection(crash),
    faults: faultsTable(faults),
    reasons: faultReasons(faults),
    measured: faultNotes(faults),
  };
  return template.replaceAll(/^\{\{(\w+)\}\}$/gm, (place, name: string) => {
    const text = sections[name];
    if (text === undefined) throw new Error(`The template has a place that nothing fills: ${place}.`);
    return text;
  });
}

/** What it all came to, as a list. */
export function headlines(
  { simulation, planted, crash, faults }: ReliabilityReports,
  outdated: readonly ReportName[] = [],
): string {
  const state = (name: ReportName): string =>
    outdated.includes(name) ? ", in an earlier state of the source" : "";
  const provoked = Object.values(simulation.faults).reduce((sum, count) => sum + count, 0);
  const caught = planted.bugs.filter((bug) => bug.caughtBy !== undefined).length;
  const rounds = crash.rows.reduce((sum, row) => sum + row.rounds, 0);
  const crashViolations = crash.rows.reduce((sum, row) => sum + row.violations.length, 0);
  const passed = faults.rows.filter((row) => row.outcome === "pass").length;
  const tried = faults.rows.filter((row) => row.outcome === "pass" || row.outcome === "fail").length;
  const engines = ENGINES.map((engine) => faults.engines[engine]).filter((name) => name !== undefined);
  const lines = [
    `**${number(simulation.schedules * simulation.steps)} simulated steps** in ${counted(simulation.schedules, "schedule")}, ${duration(simulation.virtualMs)} of simulated time, ${counted(provoked, "fault")}, ${counted(simulation.events, "log event")}, ${counted(simulation.sends, "send")}, ${counted(schedulesPerMinute(simulation.schedules, simulation.wallMs), "schedule")} a minute: **${simulation.violations === 0 ? "0 tokens lost, 0 doubled, 0 misplaced, 0 sends doubled" : counted(simulation.violations, "violation")}**${state("simulation")}`,
    `**${caught} of ${planted.bugs.length} planted bugs** caught by the simulation${state("planted")}`,
    `**${counted(rounds, "round")} of server crashes**: ${crashViolations === 0 ? "no acknowledged event lost, no reader ahead of the log" : `**${counted(crashViolations, "violation")}**`}${state("crash")}`,
    `**${passed} of ${tried} fault scenarios** hold in real browsers (${engines.join(", ")})${state("faults")}`,
  ];
  return lines.map((line) => `- ${line}`).join("\n");
}

function failureList(reports: ReliabilityReports, outdated: readonly ReportName[]): string {
  const failures = failuresOf(reports, outdated);
  if (failures.length === 0) return "Nothing failed in these runs.";
  return ["**What failed:**", "", ...failures.map((failure) => `- ${failure}`)].join("\n");
}

function runsTable({ simulation, planted, crash, faults }: ReliabilityReports, machine: string): string {
  const row = (
    what: string,
    run: { readonly command: string; readonly startedAt: string; readonly wallMs: number },
    seed: string,
  ): string[] => [
    what,
    `\`${run.command}\``,
    `${run.startedAt.slice(0, 16).replace("T", " ")} UTC`,
    duration(run.wallMs),
    seed,
  ];
  const rows = [
    row("simulation", simulation, String(simulation.seed)),
    row("planted bugs", planted, String(planted.seed)),
    row("server crashes", crash, String(crash.seed)),
    row("faults in browsers", faults, "–"),
  ];
  return `${table(["what", "command", "date", "took", "seed"], rows)}\n\nMachine: ${machine}.`;
}
