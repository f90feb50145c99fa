/**
 * Plants known bugs into copies of the source and expects the simulation to see each: `npm run planted`, or
 * `npm run planted -- NAME` for one. Fails when one is missed, when a patch does not apply, or when the control,
 * a copy without a bug, is not clean. A whole hunt remembers in `caught.json` where each was seen; `--known`, for
 * `npm test`, looks there first.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import * as v from "valibot";
import { writeReport, type PlantedReport } from "../support/reliability-report.ts";
import { readBugs, type Bug } from "./bug.ts";
import { controlKnown, hunt, type Catch, type Hunt } from "./hunt.ts";
import { renew, StalePatchError } from "./plant.ts";
import { headline, row } from "./table.ts";

const PROJECT = new URL("../../", import.meta.url);
const BUGS = new URL("bugs/", import.meta.url);
const CAUGHT = new URL("caught.json", import.meta.url);

const CaughtSchema = v.object({ seed: v.number(), runs: v.record(v.string(), v.number()) });

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "600" },
    seed: { type: "string", default: "1" },
    workers: { type: "string", default: "2" },
    known: { type: "boolean", default: false },
    renew: { type: "boolean", default: false },
  },
});

const all = readBugs(BUGS);
const bugs =
  positionals.length === 0 ? all : all.filter((bug) => positionals.some((name) => bug.name.includes(name)));
if (bugs.length === 0) {
  console.error(
    `No planted bug is called ${positionals.join(", ")}. There are: ${all.map((bug) => bug.name).join(", ")}.`,
  );
  process.exitCode = 2;
} else if (values.renew) process.exitCode = renewAll();
else if (!existsSync(new URL("tests/simulation/main.ts", PROJECT))) {
  console.error("There is no tests/simulation/main.ts to see the bugs with.");
  process.exitCode = 1;
} else process.exitCode = await huntAll();

function renewAll(): number {
  let failed = 0;
  for (const bug of bugs) {
    try {
      writeFileSync(new URL(`${bug.name}.patch`, BUGS), renew(PROJECT, bug));
    } catch (error) {
      if (!(error instanceof StalePatchError)) throw error;
      console.error(error.message);
      failed += 1;
    }
  }
  console.log(`${bugs.length - failed} of ${bugs.length} patches fit the source as it is.`);
  return failed === 0 ? 0 : 1;
}

async function huntAll(): Promise<number> {
  const startedAt = new Date().toISOString();
  const begun = performance.now();
  const seed = Number(values.seed);
  const known = values.known ? readKnown(seed) : new Map<string, number>();
  const how: Hunt = {
    project: PROJECT,
    copies: new URL(".cache/planted/", PROJECT),
    runs: Number(values.runs),
    seed,
    known,
  };
  const found = new Map<Bug | undefined, Catch>();
  const isWhole = positionals.length === 0;
  // The control first: it is the longest, for it runs to the end. One bug by name is looked at by itself.
  const waiting: (Bug | undefined)[] = isWhole ? [undefined, ...bugs] : [...bugs];
  console.log(headline());
  const work = async (): Promise<void> => {
    for (;;) {
      if (waiting.length === 0) return;
      const bug = waiting.shift();
      const outcome = await (bug === undefined && known.size > 0 ? controlKnown(how) : hunt(how, bug));
      found.set(bug, outcome);
      console.log(row(bug, outcome));
    }
  };
  await Promise.all(Array.from({ length: Number(values.workers) }, work));
  // A bug that was seen elsewhere than before was seen in schedules that the control has not been through.
  if (isWhole && known.size > 0 && bugs.some((bug) => isElsewhere(found.get(bug), known.get(bug.name)))) {
    const outcome = await hunt(how, undefined);
    found.set(undefined, outcome);
    console.log(row(undefined, outcome));
  }
  const control = found.get(undefined);
  const report: PlantedReport = {
    command: "npm run planted",
    startedAt,
    wallMs: Math.round(performance.now() - begun),
    bugs: bugs.map((bug) => {
      const outcome = found.get(bug);
      return {
        name: bug.name,
        title: bug.title,
        source: bug.source,
        sees: bug.sees,
        caughtBy: outcome?.kind === "caught" ? outcome.by : undefined,
        runs: outcome === undefined || outcome.kind === "broken" ? 0 : outcome.runs,
      };
    }),
    seed: how.seed,
    controlRuns: control?.kind === "missed" ? control.runs : undefined,
  };
  if (isWhole) writeReport("planted", report);
  const caught = report.bugs.filter((bug) => bug.caughtBy !== undefined).length;
  if (isWhole && !values.known && caught === bugs.length) {
    const runs = Object.fromEntries(report.bugs.map((bug) => [bug.name, bug.runs]));
    writeFileSync(CAUGHT, `${JSON.stringify({ seed, runs }, undefined, 2)}\n`);
  }
  const isClean = !isWhole || report.controlRuns !== undefined;
  const words = isWhole ? `; the control is ${isClean ? "clean" : "NOT clean"}` : "";
  console.log(
    `\n${caught} of ${bugs.length} planted bugs caught${words}. (${Math.round(report.wallMs / 1000)} s)`,
  );
  return caught === bugs.length && isClean ? 0 : 1;
}

function isElsewhere(outcome: Catch | undefined, known: number | undefined): boolean {
  return outcome?.kind === "caught" && outcome.runs !== known;
}

function readKnown(seed: number): ReadonlyMap<string, number> {
  if (!existsSync(CAUGHT)) return new Map();
  const caught = v.parse(CaughtSchema, JSON.parse(readFileSync(CAUGHT, "utf8")));
  return new Map(caught.seed === seed ? Object.entries(caught.runs) : []);
}
