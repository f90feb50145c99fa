import { stripVTControlCharacters } from "node:util";
import { ENGINES } from "../../tests/faults/fault-browser.ts";
import type {
  CrashReport,
  FaultsReport,
  PlantedReport,
  SimulationReport,
} from "../../tests/support/reliability-report.ts";
import { counted, number, table } from "./markdown.ts";

export function simulationSection(report: SimulationReport): string {
  const faults = Object.entries(report.faults).sort((left, right) => right[1] - left[1]);
  return table(
    ["provoked", "times"],
    faults.map(([name, count]) => [name, number(count)]),
  );
}

export function plantedTable(report: PlantedReport): string {
  const rows = report.bugs.map((bug) => [
    `\`${bug.name}\``,
    bug.title,
    bug.sees,
    bug.source,
    bug.caughtBy ?? "**not caught**",
    number(bug.runs),
  ]);
  const control =
    report.controlRuns === undefined
      ? "**The control, a copy without a bug, was not clean.**"
      : `The control, a copy without a bug, went through ${counted(report.controlRuns, "schedule")} of the same seed with nothing to be seen.`;
  const columns = [
    "patch",
    "the slip",
    "what a user would see",
    "where it comes from",
    "caught by",
    "schedules",
  ];
  return `${table(columns, rows)}\n\n${control}`;
}

export function crashSection(report: CrashReport): string {
  const rows = report.rows.map((row) => [
    row.what,
    number(row.rounds),
    Object.entries(row.counts)
      .map(([what, count]) => `${number(count)} ${what}`)
      .join(", "),
    row.violations.length === 0
      ? "none"
      : `**${number(row.violations.length)}**: ${row.violations.join(" ")}`,
  ]);
  const controls = report.controls.map((control) => [
    control.what,
    control.seenAfterRounds === undefined ? "**not seen**" : number(control.seenAfterRounds),
  ]);
  return [
    table(["what happens to the server", "rounds", "looked at", "violations"], rows),
    "",
    table(["control that must fail", "seen after rounds"], controls),
  ].join("\n");
}

const MARKS = { pass: "pass", fail: "**FAIL**", "not-applicable": "n/a", "not-run": "**not run**" } as const;

/** Scenario × engine. A cell with a reason points to the list below the table. */
export function faultsTable(report: FaultsReport): string {
  const ids = [...new Set(report.rows.map((row) => row.id))];
  const rows = ids.map((id) => {
    const ofScenario = report.rows.filter((row) => row.id === id);
    const cells = ENGINES.map((engine) => {
      const row = ofScenario.find((candidate) => candidate.engine === engine);
      return row === undefined ? "**no result**" : MARKS[row.outcome];
    });
    return [id, ofScenario[0]?.title ?? "", ...cells];
  });
  const engines = ENGINES.map((engine) => report.engines[engine] ?? `${engine} (missing)`);
  return table(["#", "fault, and what must hold", ...engines], rows);
}

/** Why a scenario was not passed where it was not, scenarios with the same reason together. */
export function faultReasons(report: FaultsReport): string {
  const byReason = new Map<string, string[]>();
  for (const row of report.rows) {
    if (row.outcome === "pass") continue;
    const reason = `${row.engine}, ${row.outcome.replace("-", " ")}: ${row.why ?? "no reason given"}`;
    byReason.set(reason, [...(byReason.get(reason) ?? []), row.id]);
  }
  return [...byReason].map(([reason, ids]) => `- ${ids.join(", ")} in ${reason}`).join("\n");
}

/** What the scenarios measured, and which of them had failed before they passed. */
export function faultNotes(report: FaultsReport): string {
  const rows = report.rows
    .filter((row) => row.notes !== undefined)
    .map((row) => [row.id, row.engine, stripVTControlCharacters((row.notes ?? []).join("; "))]);
  return rows.length === 0 ? "Nothing was measured." : table(["#", "engine", "what was measured"], rows);
}
