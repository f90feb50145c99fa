import type { FullResult, Reporter, TestCase, TestResult } from "@playwright/test/reporter";
import { readReport, writeReport, type FaultsReport } from "../support/reliability-report.ts";
import { engineVersion } from "./engines.ts";
import { ENGINES, type EngineName } from "./fault-browser.ts";
import { joinRows } from "./join-rows.ts";
import {
  ENGINE_ANNOTATION,
  NOTE_ANNOTATION,
  OUTCOME_ANNOTATION,
  SCENARIO_ANNOTATION,
} from "./row-annotations.ts";

type Row = FaultsReport["rows"][number];

/** Writes the `faults` report of a run that held fault scenarios, joined with an earlier one of the same source; of any other run it writes nothing. */
// oxlint-disable-next-line import/no-default-export -- Playwright asks for one
export default class FaultsReporter implements Reporter {
  readonly #rows: Row[] = [];

  onTestEnd(_test: TestCase, result: TestResult): void {
    const annotations = result.annotations;
    const told = (type: string): string | undefined =>
      annotations.find((annotation) => annotation.type === type)?.description;
    const engine = ENGINES.find((name) => name === told(ENGINE_ANNOTATION));
    const scenario = told(SCENARIO_ANNOTATION);
    if (engine === undefined || scenario === undefined) return;
    const { id, title } = JSON.parse(scenario) as { id: string; title: string };
    const outcome = outcomeOf(result, told(OUTCOME_ANNOTATION));
    const why = outcome === "fail" ? result.error?.message?.slice(0, 500) : told("skip");
    const notes = annotations.flatMap(({ type, description }) =>
      type === NOTE_ANNOTATION && description !== undefined ? [description] : [],
    );
    this.#rows.push({
      id,
      title,
      engine,
      outcome,
      ...(why === undefined ? {} : { why }),
      ...(outcome === "pass" || outcome === "fail" ? { ms: Math.round(result.duration) } : {}),
      ...(notes.length === 0 ? {} : { notes }),
    });
  }

  onEnd(result: FullResult): void {
    if (this.#rows.length === 0) return;
    // Of the same source: a part that is played again renews its rows.
    const earlier = readReport("faults");
    const rows = joinRows(earlier?.rows ?? [], this.#rows);
    const engines: Partial<Record<EngineName, string>> = {};
    for (const engine of new Set(rows.map((row) => row.engine))) {
      const version = engineVersion(engine);
      if (version !== undefined) engines[engine] = version;
    }
    const order = (row: Row): number => ENGINES.indexOf(row.engine);
    writeReport("faults", {
      command: `${process.env["HOLDFAST_LONG"] === "1" ? "HOLDFAST_LONG=1 " : ""}npm run faults`,
      startedAt: earlier?.startedAt ?? result.startTime.toISOString(),
      wallMs: Math.round(result.duration) + (earlier?.wallMs ?? 0),
      engines,
      rows: rows.toSorted(
        (one, other) => one.id.localeCompare(other.id, "en", { numeric: true }) || order(one) - order(other),
      ),
    });
  }

  printsToStdio(): boolean {
    return false;
  }
}

function outcomeOf(result: TestResult, skippedAs: string | undefined): Row["outcome"] {
  if (result.status === "passed") return "pass";
  if (result.status === "interrupted") return "not-run";
  if (result.status !== "skipped") return "fail";
  return skippedAs === "not-applicable" ? "not-applicable" : "not-run";
}
