import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { EngineName } from "../faults/fault-browser.ts";
import { fingerprintSources } from "./source-fingerprint.ts";

/** What the runs tell `scripts/write-reliability.ts`, which makes docs/RELIABILITY.md of it. One JSON file each in `.cache/reports`. */
export interface ReliabilityReports {
  readonly simulation: SimulationReport;
  readonly planted: PlantedReport;
  readonly crash: CrashReport;
  readonly faults: FaultsReport;
}

interface RunFacts {
  /** The command that anyone can run to get the same. */
  readonly command: string;
  /** ISO date and time of the start. */
  readonly startedAt: string;
  readonly wallMs: number;
}

export interface SimulationReport extends RunFacts {
  readonly seed: number;
  readonly schedules: number;
  /** Of each schedule. */
  readonly steps: number;
  /** Time that passed in the simulated world. Unit: ms. */
  readonly virtualMs: number;
  /** How often each fault was provoked, by its name. */
  readonly faults: Readonly<Record<string, number>>;
  /** Log events that were produced, and sends that the server accepted. */
  readonly events: number;
  readonly sends: number;
  readonly violations: number;
}

/** How fast stories were told, all workers together, to whole numbers; what a failing one took to be made short is in it. */
export function schedulesPerMinute(schedules: number, wallMs: number): number {
  return Math.round((schedules * 60_000) / Math.max(1, wallMs));
}

export interface PlantedReport extends RunFacts {
  readonly seed: number;
  /** Schedules that the copy without a bug went through; undefined: it was not clean, which fails the run. */
  readonly controlRuns: number | undefined;
  readonly bugs: readonly {
    /** The patch file's name without its ending. */
    readonly name: string;
    readonly title: string;
    /** "SERVER trap 11", a peer's bug. */
    readonly source: string;
    /** What a user would see of it. */
    readonly sees: string;
    /** The invariant that caught it; undefined: not caught, which fails the run. */
    readonly caughtBy: string | undefined;
    /** Schedules until it was caught, or that were run in vain. */
    readonly runs: number;
  }[];
}

export interface CrashReport extends RunFacts {
  readonly seed: number;
  readonly rows: readonly {
    /** "kill -9 at a random moment", "SIGTERM under load", "disk full", … */
    readonly what: string;
    readonly rounds: number;
    /** What was counted: "acknowledged sends", "events read", … */
    readonly counts: Readonly<Record<string, number>>;
    /** Each a sentence; empty when all held. */
    readonly violations: readonly string[];
  }[];
  /** The stores that are known to fail, and how many rounds it took the harness to see it; undefined: not seen, which fails the run. */
  readonly controls: readonly { readonly what: string; readonly seenAfterRounds: number | undefined }[];
}

export interface FaultsReport extends RunFacts {
  /** "Chromium 156.0"; an engine that is missing here has no entry. */
  readonly engines: Readonly<Partial<Record<EngineName, string>>>;
  readonly rows: readonly {
    readonly id: string;
    readonly title: string;
    readonly engine: EngineName;
    readonly outcome: "pass" | "fail" | "not-applicable" | "not-run";
    /** Why it does not apply, was not run, or failed. */
    readonly why?: string;
    readonly ms?: number;
    /** Figures that the run measured: "longest task 62 ms". */
    readonly notes?: readonly string[];
  }[];
}

/** `npm test` names another folder than the long run: its short figures must not take the place of the others'. */
const FOLDER = new URL(`../../${process.env["HOLDFAST_REPORTS"] ?? ".cache/reports"}/`, import.meta.url);

export function writeReport<Name extends keyof ReliabilityReports>(
  name: Name,
  report: ReliabilityReports[Name],
): void {
  mkdirSync(FOLDER, { recursive: true });
  // Which product the figures speak of: those of an older one are told as such.
  const stamped = { ...report, sources: fingerprintSources() };
  writeFileSync(new URL(`${name}.json`, FOLDER), `${JSON.stringify(stamped, undefined, 2)}\n`);
}

/** What the last run of that name left, if it speaks of the source as it is. */
export function readReport<Name extends keyof ReliabilityReports>(
  name: Name,
): ReliabilityReports[Name] | undefined {
  const file = new URL(`${name}.json`, FOLDER);
  if (!existsSync(file)) return undefined;
  // Written by `writeReport` of this very project.
  const report = JSON.parse(readFileSync(file, "utf8")) as ReliabilityReports[Name] & { sources?: string };
  return report.sources === fingerprintSources() ? report : undefined;
}
