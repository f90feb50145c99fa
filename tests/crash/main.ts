import { parseArgs } from "node:util";
import { writeReport, type CrashReport } from "../support/reliability-report.ts";
import {
  CONTROLS,
  MAX_CONTROL_ROUNDS,
  runControl,
  type ControlName,
  type ControlResult,
} from "./controls.ts";
import { runKillRounds } from "./kill-rounds.ts";
import { playRow, type Row, type RowResult } from "./row.ts";
import { backupRestored } from "./rows/backup-restored.ts";
import { clockJumps } from "./rows/clock-jumps.ts";
import { databaseLocked, databaseLockedAtStart, databaseLockedForGood } from "./rows/database-locked.ts";
import { diskFull } from "./rows/disk-full.ts";
import { folderLost } from "./rows/folder-lost.ts";
import { sigtermLocked, sigtermTwice, sigtermUnderLoad } from "./rows/sigterm.ts";
import { SeededRandom } from "./seeded-random.ts";

// node tests/crash/main.ts [--rounds N] [--seed S] [--only TEXT] [--report]
// Kills the real server N times and asks each time what is left; the other rows are played once for every 30 rounds.

/** Half a minute on two cores, everything included. */
const DEFAULT_ROUNDS = 8;

/** A long run says that it is alive. */
const PROGRESS_ROUNDS = 25;

/** So many servers live side by side: most of the time a row waits for something. */
const LANES = 3;

const KILL = "kill -9 at a random moment";
const ROWS: readonly Row[] = [
  sigtermLocked,
  databaseLockedAtStart,
  databaseLocked,
  databaseLockedForGood,
  diskFull,
  folderLost,
  clockJumps,
  backupRestored,
  sigtermTwice,
  sigtermUnderLoad,
];

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: String(DEFAULT_ROUNDS) },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    only: { type: "string", default: "" },
    report: { type: "boolean", default: false },
  },
});
const rounds = wholeNumber("rounds", values.rounds);
const seed = wholeNumber("seed", values.seed);

function wholeNumber(name: string, text: string): number {
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  console.error(`--${name} ${text} is not a whole number of at most nine digits.`);
  process.exit(2);
}

function isWanted(what: string): boolean {
  return what.includes(values.only);
}

/** The same for each row, whichever others are played. */
function seedOf(what: string): number {
  let mixed = seed;
  for (const character of what) mixed = (Math.imul(mixed, 31) + (character.codePointAt(0) ?? 0)) >>> 0;
  return mixed;
}

async function killRow(): Promise<RowResult> {
  const result = await runKillRounds({
    seed: seedOf(KILL),
    rounds,
    onRound(round, seen) {
      for (const what of seen.slice(0, 3)) console.log(`    ! ${what}`);
      if (round % PROGRESS_ROUNDS === 0) console.log(`… ${round} of ${rounds} lives`);
    },
  });
  return { what: KILL, ...result };
}

const rows: RowResult[] = [];
const controls: ControlResult[] = [];
const jobs: (() => Promise<void>)[] = [];
if (isWanted(KILL)) jobs.push(async () => report(await killRow()));
for (const row of ROWS.filter(({ what }) => isWanted(what))) {
  const random = new SeededRandom(seedOf(row.what));
  jobs.push(async () => report(await playRow(row, { random, rounds: Math.max(1, Math.floor(rounds / 30)) })));
}
for (const name of Object.keys(CONTROLS) as ControlName[]) {
  if (!isWanted(CONTROLS[name])) continue;
  jobs.push(async () => reportControl(await runControl(name, seedOf(name))));
}

function report(row: RowResult): void {
  rows.push(row);
  const counts = Object.entries(row.counts).map(([name, count]) => `${name} ${count}`);
  const verdict = row.violations.length === 0 ? "holds" : `${row.violations.length} VIOLATIONS`;
  console.log(`${row.what.padEnd(62)} ${String(row.rounds).padStart(4)} rounds  ${verdict}`);
  console.log(`    ${counts.join(", ")}`);
  for (const what of row.violations.slice(0, 10)) console.log(`    ! ${what}`);
}

function reportControl(control: ControlResult): void {
  controls.push(control);
  const verdict =
    control.seenAfterRounds === undefined
      ? `NOT SEEN in ${MAX_CONTROL_ROUNDS} rounds`
      : `seen after ${control.seenAfterRounds}`;
  console.log(`control: a store that ${control.what}`.padEnd(76) + verdict);
  if (control.seenBy !== undefined) console.log(`    by ${control.seenBy.slice(0, 200)}`);
}

const startedAt = new Date().toISOString();
const began = performance.now();
const command = `node tests/crash/main.ts --rounds ${rounds} --seed ${seed}`;
console.log(`Seed ${seed}. Once more with the same decisions: ${command}`);
await Promise.all(
  Array.from({ length: LANES }, async () => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) await job();
  }),
);
const violations = rows.reduce((sum, row) => sum + row.violations.length, 0);
const unseen = controls.filter(({ seenAfterRounds }) => seenAfterRounds === undefined);
const wallMs = Math.round(performance.now() - began);
const verdict = violations === 0 && unseen.length === 0 ? "All held, and every control was seen" : "FAILED";
console.log(
  `${verdict}: ${violations} violations, ${unseen.length} controls not seen, ${Math.round(wallMs / 1_000)} s.`,
);
if (verdict === "FAILED") console.log(`Once more: ${command} (one row alone: --only "disk full")`);
if (values.report) {
  const crash: CrashReport = {
    command,
    startedAt,
    wallMs,
    seed,
    rows,
    controls: controls.map(({ what, seenAfterRounds }) => ({
      what: `a store that ${what}`,
      seenAfterRounds,
    })),
  };
  writeReport("crash", crash);
}
process.exit(verdict === "FAILED" ? 1 : 0);
