import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import type { Bug } from "./bug.ts";
import { plant, StalePatchError } from "./plant.ts";

/** How a bug is hunted: the same for all of them, so that none has a seed that suits it. */
export interface Hunt {
  /** The project whose source is copied. */
  readonly project: URL;
  /** Where the copies go, one folder each. */
  readonly copies: URL;
  /** Schedules at most. */
  readonly runs: number;
  readonly seed: number;
  /** After how many schedules each was caught before: told first, alone. A bug that is not seen there is hunted from the beginning. */
  readonly known: ReadonlyMap<string, number>;
}

export type Catch =
  | { readonly kind: "caught"; readonly by: string; readonly runs: number; readonly message: string }
  | { readonly kind: "missed"; readonly runs: number }
  /** The patch does not apply, or the simulation itself broke down: says nothing about the bug. */
  | { readonly kind: "broken"; readonly why: string };

const SimulationResultSchema = v.object({
  runs: v.number(),
  violation: v.nullable(v.object({ invariant: v.string(), message: v.string() })),
});

/** The longest a copy may take, on a machine that does much else. One that hangs says nothing. Unit: ms. */
const LIMIT_MS = 600_000;

/** Plants one bug (or none: the control) and runs the simulation on the copy until it is seen, or the runs are used up. */
export async function hunt(how: Hunt, bug: Bug | undefined): Promise<Catch> {
  const copy = new URL(`${bug?.name ?? "control"}/`, how.copies);
  try {
    plant(how.project, copy, bug);
  } catch (error) {
    if (error instanceof StalePatchError) return { kind: "broken", why: error.message };
    throw error;
  }
  const known = bug === undefined ? undefined : how.known.get(bug.name);
  if (known !== undefined) {
    const again = await lookAt(copy, known, how);
    if (again.kind === "caught") return { ...again, runs: known };
  }
  return look(copy, ["--runs", String(how.runs)], how);
}

/**
 * The copy without a bug, for the schedules alone in which bugs were seen before: what holds there without the bug says
 * that it was the bug that was seen.
 */
export async function controlKnown(how: Hunt): Promise<Catch> {
  const copy = new URL("control/", how.copies);
  plant(how.project, copy, undefined);
  const schedules = new Set(how.known.values());
  for (const schedule of schedules) {
    // oxlint-disable-next-line no-await-in-loop -- one copy, one simulation at a time
    const outcome = await lookAt(copy, schedule, how);
    if (outcome.kind !== "missed") return outcome;
  }
  return { kind: "missed", runs: schedules.size };
}

/** Tells one schedule alone. `--path` counts from 0. */
const lookAt = (copy: URL, schedule: number, how: Hunt): Promise<Catch> =>
  look(copy, ["--runs", "1", "--path", String(schedule - 1)], how);

/** Runs the simulation of a copy. */
async function look(copy: URL, which: readonly string[], how: Hunt): Promise<Catch> {
  const result = new URL("result.json", copy);
  rmSync(result, { force: true });
  const { code, output } = await simulate(copy, [...which, "--seed", String(how.seed)], result);
  if (!existsSync(result)) {
    const end =
      code === undefined ? `was ended, after ${LIMIT_MS / 60_000} min at most` : `broke down (exit ${code})`;
    return { kind: "broken", why: `The simulation ${end}: ${lastLines(output)}` };
  }
  const { runs, violation } = v.parse(SimulationResultSchema, JSON.parse(readFileSync(result, "utf8")));
  if (violation === null) return { kind: "missed", runs };
  return { kind: "caught", by: violation.invariant, runs, message: violation.message };
}

interface Ended {
  readonly code: number | undefined;
  readonly output: string;
}

async function simulate(copy: URL, which: readonly string[], result: URL): Promise<Ended> {
  const program = fileURLToPath(new URL("tests/simulation/main.ts", copy));
  const args = [...which, "--workers", "1", "--no-shrink"];
  const child = spawn(process.execPath, [program, ...args, "--json", fileURLToPath(result)], {
    cwd: fileURLToPath(copy),
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LIMIT_MS,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-20_000);
    });
  }
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ code: undefined, output: error.message }));
    child.on("close", (code) => resolve({ code: code ?? undefined, output }));
  });
}

function lastLines(output: string): string {
  return output.trim().split("\n").slice(-12).join("\n");
}
