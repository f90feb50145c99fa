import { setTimeout as sleep } from "node:timers/promises";
import { field, type ApiClient } from "./api-client.ts";
import { Scene, type Load, type SceneOptions } from "./scene.ts";
import { SeededRandom } from "./seeded-random.ts";
import type { ServerProcess } from "./server-process.ts";

/** When a life ends, and how often that is chosen. */
const MOMENTS = { random: 8, start: 3, ready: 1, burst: 3, compaction: 1 };
type Moment = keyof typeof MOMENTS;

/** An answer of about a hundred rows has a handful when its log is rewritten. */
const MERGED_ROWS = 20;

/** The session whose log is to be rewritten when the life ends. */
interface Alone {
  session: string | undefined;
}

export interface KillRoundsOptions extends SceneOptions {
  readonly seed: number;
  readonly rounds: number;
  /** After so many rounds a new folder is begun. Default 25. */
  readonly roundsPerFolder?: number;
  /** Ends with the first round that saw a violation. */
  readonly stopsAtViolation?: boolean;
  /** Default: all. */
  readonly moments?: readonly Moment[];
  readonly onRound?: (round: number, violations: readonly string[]) => void;
}

export interface KillResult {
  readonly rounds: number;
  readonly counts: Record<string, number>;
  readonly violations: readonly string[];
}

/** Lets one server after the other live over a folder and kills each with SIGKILL. */
export async function runKillRounds(options: KillRoundsOptions): Promise<KillResult> {
  const random = new SeededRandom(options.seed);
  const perFolder = options.roundsPerFolder ?? 25;
  const counts: Record<string, number> = {};
  const violations: string[] = [];
  const known = options.moments ?? (Object.keys(MOMENTS) as Moment[]);
  const weights = Object.fromEntries(known.map((name) => [name, MOMENTS[name]])) as Record<Moment, number>;
  let round = 0;
  while (round < options.rounds) {
    const scene = new Scene(random.fork(), options, counts);
    const startMs = { mean: 300 };
    try {
      for (let inFolder = 0; inFolder < perFolder && round < options.rounds; inFolder += 1) {
        round += 1;
        // The first life of a folder has something to do.
        const moment = inFolder === 0 ? "random" : random.weighted(weights);
        const seen = (await live(scene, moment, startMs)).map(
          (what) => `round ${round} (${moment}): ${what}`,
        );
        violations.push(...seen);
        options.onRound?.(round, seen);
        if (seen.length > 0 && options.stopsAtViolation === true)
          return { rounds: round, counts, violations };
      }
      violations.push(...(await scene.settle()).map((what) => `after round ${round}, at rest: ${what}`));
    } finally {
      scene.remove();
    }
  }
  return { rounds: round, counts, violations };
}

/** One life, and what its end left. `startMs`: how long a start takes here, roughly. */
async function live(scene: Scene, moment: Moment, startMs: { mean: number }): Promise<string[]> {
  const violations: string[] = [];
  const alone: Alone = { session: undefined };
  const server = scene.spawn();
  scene.count(`killed: ${moment}`);
  try {
    if (moment === "start") {
      await Promise.race([sleep(scene.random.next() * startMs.mean * 1.1), server.ended]);
    } else if (await server.ready()) {
      startMs.mean = 0.7 * startMs.mean + 0.3 * (performance.now() - server.spawnedAtMs);
      if (moment !== "ready") await work(scene, server, moment, alone, violations);
    } else violations.push(`the server did not start: ${server.output}`);
  } finally {
    await server.kill();
  }
  if (!server.output.includes("ready")) scene.count("killed before it was ready");
  const said = server.errors.trim();
  if (said !== "") violations.push(`the server complained: ${said.slice(0, 500)}`);
  violations.push(...scene.look());
  scene.count("turns cut short", scene.running());
  const rows = alone.session === undefined ? undefined : scene.disk.sessions.get(alone.session)?.rows;
  if (rows !== undefined)
    scene.count(rows < MERGED_ROWS ? "killed after a rewrite" : "killed before a rewrite");
  return violations;
}

async function work(
  scene: Scene,
  server: ServerProcess,
  moment: Moment,
  alone: Alone,
  violations: string[],
): Promise<void> {
  await scene.checkStart(server.url, violations);
  const load = scene.load(server, violations);
  try {
    await untilMoment(scene, load, moment, alone);
  } finally {
    await server.kill();
    await load.stop();
  }
}

async function untilMoment(scene: Scene, load: Load, moment: Moment, alone: Alone): Promise<void> {
  const { random } = scene;
  // Some are cut down before they have got anywhere.
  if (moment !== "compaction" && random.chance(0.85)) await load.atWork();
  if (moment === "burst") {
    await load.writer.burst(30);
    await sleep(random.next() * 15);
  } else if (moment === "compaction") await untilCompaction(scene, load.api, alone);
  else await sleep(random.int(0, 400));
}

/** A session whose only answer has ended is rewritten a second later; somewhere about there. */
async function untilCompaction(scene: Scene, api: ApiClient, alone: Alone): Promise<void> {
  // Not acknowledged as far as the ledger knows, so that nobody else writes to it.
  const session = scene.ledger.newSession(scene.random.uuid());
  alone.session = session.id;
  await api.call("PUT", `/sessions/${session.id}`, { agent: "demo" });
  await scene.writer(api, []).sendAlone(session, "long 24");
  for (;;) {
    const answer = await api.get(`/sessions/${session.id}?turns=1`);
    const [turn] = (answer === "lost" ? [] : field(answer.body, "turns")) as readonly { status: string }[];
    if (turn === undefined || turn.status === "ended") break;
    await sleep(10);
  }
  await sleep(990 + scene.random.next() * 40);
}
