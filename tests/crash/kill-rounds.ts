import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiClient, field } from "./api-client.ts";
import { checkDisk } from "./disk-check.ts";
import { readDiskLogs, type DiskLogs } from "./disk-logs.ts";
import { Ledger } from "./ledger.ts";
import { Reader, READER_KINDS } from "./reader.ts";
import { checkRestart } from "./restart-check.ts";
import { SeededRandom } from "./seeded-random.ts";
import { ServerProcess } from "./server-process.ts";
import { settle } from "./settle.ts";
import { Writer } from "./writer.ts";

/** When a life ends. */
const MOMENTS = { random: 8, start: 3, ready: 1, burst: 3, compaction: 1 };
type Moment = keyof typeof MOMENTS;

export interface KillRoundsOptions {
  readonly seed: number;
  readonly rounds: number;
  /** After so many rounds a new folder is begun. Default 25. */
  readonly roundsPerFolder?: number;
  readonly entry?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly writers?: number;
  readonly readers?: number;
  /** Ends with the first round that saw a violation. */
  readonly stopsAtViolation?: boolean;
  /** Only these moments. */
  readonly moments?: readonly Moment[];
  readonly onRound?: (round: number, moment: Moment, violations: readonly string[]) => void;
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
  const count = (name: string, by = 1): number => (counts[name] = (counts[name] ?? 0) + by);
  let round = 0;
  while (round < options.rounds) {
    const folder = new Folder(options, random.fork(), count);
    try {
      for (let inFolder = 0; inFolder < perFolder && round < options.rounds; inFolder += 1) {
        round += 1;
        const known = (options.moments ?? Object.keys(MOMENTS)) as readonly Moment[];
        const weights = Object.fromEntries(known.map((name) => [name, MOMENTS[name]]));
        // The first life of a folder has something to do.
        const moment = inFolder === 0 ? "random" : (random.weighted(weights) as Moment);
        const seen = (await folder.live(moment)).map((what) => `round ${round} (${moment}): ${what}`);
        violations.push(...seen);
        options.onRound?.(round, moment, seen);
        if (seen.length > 0 && options.stopsAtViolation === true)
          return { rounds: round, counts, violations };
      }
      const seen = await folder.settle();
      violations.push(...seen.map((what) => `after round ${round}, at rest: ${what}`));
      if (seen.length > 0 && options.stopsAtViolation === true) break;
    } finally {
      folder.remove();
    }
  }
  return { rounds: round, counts, violations };
}

/** One data folder and everybody who uses it, through all lives of its server. */
class Folder {
  readonly #options: KillRoundsOptions;
  readonly #random: SeededRandom;
  readonly #count: (name: string, by?: number) => number;
  readonly #dataDir = mkdtempSync(join(tmpdir(), "holdfast-crash-"));
  readonly #ledger = new Ledger();
  #readers: Reader[] = [];
  #disk: DiskLogs = { sessions: new Map(), deleted: new Set(), violations: [] };
  /** How long a start takes here, roughly. Unit: ms. */
  #startMs = 300;

  constructor(
    options: KillRoundsOptions,
    random: SeededRandom,
    count: (name: string, by?: number) => number,
  ) {
    this.#options = options;
    this.#random = random;
    this.#count = count;
  }

  /** One life, and what its end left. */
  async live(moment: Moment): Promise<string[]> {
    const violations: string[] = [];
    const server = this.#spawn();
    this.#count(`killed: ${moment}`);
    try {
      if (moment === "start") {
        await Promise.race([sleep(this.#random.next() * this.#startMs * 1.1), server.ended]);
      } else if (await server.ready()) {
        this.#startMs = 0.7 * this.#startMs + 0.3 * (performance.now() - server.spawnedAtMs);
        if (moment !== "ready") await this.#load(server, moment, violations);
      } else violations.push(`the server did not start: ${server.output}${server.errors}`);
    } finally {
      await server.kill();
    }
    const said = server.errors.trim();
    if (said !== "") violations.push(`the server complained: ${said.slice(0, 500)}`);
    return [...violations, ...this.#look()];
  }

  /** A life that nobody ends: everything that was accepted comes to its own end. */
  async settle(): Promise<string[]> {
    const server = this.#spawn();
    try {
      if (!(await server.ready())) return [`the server did not start: ${server.output}${server.errors}`];
      const api = new ApiClient(server.url);
      const violations: string[] = [];
      violations.push(...(await checkRestart(api, this.#disk, this.#ledger, this.#random)));
      await this.#writer(api, violations).resendLost();
      violations.push(...(await settle(api, this.#ledger)));
      api.close();
      const { code } = await server.stop();
      if (code !== 0) violations.push(`a planned stop ended with ${String(code)}: ${server.errors}`);
      const sends = this.#ledger.counts;
      for (const [name, by] of Object.entries(sends)) this.#count(`acknowledged: ${name}`, by);
      for (const { reading } of this.#readers) this.#count("events read", reading.events);
      return [...violations, ...this.#look()];
    } finally {
      await server.kill();
    }
  }

  remove(): void {
    rmSync(this.#dataDir, { recursive: true, force: true });
  }

  #spawn(): ServerProcess {
    const { entry, env } = this.#options;
    return new ServerProcess({
      dataDir: this.#dataDir,
      ...(entry === undefined ? {} : { entry }),
      ...(env === undefined ? {} : { env }),
    });
  }

  #writer(api: ApiClient, violations: string[]): Writer {
    return new Writer({ api, ledger: this.#ledger, random: this.#random.fork(), violations });
  }

  async #load(server: ServerProcess, moment: Moment, violations: string[]): Promise<void> {
    const api = new ApiClient(server.url);
    const writers = Array.from({ length: this.#options.writers ?? 4 }, () => this.#writer(api, violations));
    let isOver = false;
    const isDone = (): boolean => isOver;
    const tasks: Promise<unknown>[] = [];
    try {
      violations.push(...(await checkRestart(api, this.#disk, this.#ledger, this.#random)));
      const [first] = writers;
      await first?.resendLost();
      tasks.push(...writers.map((writer) => writer.work(isDone)), this.#addReaders(api, isDone, violations));
      for (const reader of this.#readers) tasks.push(reader.read(api, isDone));
      await this.#wait(moment, api, first);
    } finally {
      isOver = moment === "compaction";
      server.child.kill("SIGKILL");
      await server.ended;
      isOver = true;
      await Promise.all(tasks);
      api.close();
    }
  }

  async #wait(moment: Moment, api: ApiClient, writer: Writer | undefined): Promise<void> {
    const random = this.#random;
    if (moment === "burst") {
      await sleep(random.int(30, 120));
      await writer?.burst(30);
      await sleep(random.next() * 15);
    } else if (moment === "compaction") await this.#untilCompaction(api);
    else await sleep(random.int(30, 450));
  }

  /** A session of its own whose only answer has ended is rewritten a second later; somewhere about there. */
  async #untilCompaction(api: ApiClient): Promise<void> {
    const session = this.#ledger.newSession(this.#random.uuid());
    await api.call("PUT", `/sessions/${session.id}`, { agent: "demo" });
    const writer = this.#writer(api, []);
    // Nobody else knows of it, so that nothing else is written to it.
    await writer.sendAlone(session, "long 24");
    for (;;) {
      const answer = await api.get(`/sessions/${session.id}?turns=1`);
      const [turn] = (answer === "lost" ? [] : field(answer.body, "turns")) as { status: string }[];
      if (turn === undefined || turn.status === "ended") break;
      await sleep(10);
    }
    await sleep(990 + this.#random.next() * 40);
  }

  /** New readers come along during a life; those of sessions that are gone leave. */
  async #addReaders(api: ApiClient, isOver: () => boolean, violations: string[]): Promise<void> {
    const wanted = this.#options.readers ?? 8;
    this.#readers = this.#readers.filter((reader) => !reader.isGone);
    const reading: Promise<void>[] = [];
    while (!isOver() && this.#readers.length < wanted) {
      await sleep(this.#random.int(5, 30));
      const session = this.#ledger.anyLive(this.#random);
      if (session === undefined) continue;
      const kind = READER_KINDS[this.#readers.length % READER_KINDS.length] ?? "stream";
      const reader = new Reader({ session: session.id, kind, random: this.#random.fork(), violations });
      this.#readers.push(reader);
      reading.push(reader.read(api, isOver));
    }
    await Promise.all(reading);
  }

  #look(): string[] {
    const before = this.#disk;
    this.#disk = readDiskLogs(this.#dataDir);
    const wrong = checkDisk(this.#disk, this.#ledger, this.#readers);
    for (const [id, session] of before.sessions) {
      const after = this.#disk.sessions.get(id);
      if (after === undefined) continue;
      for (const what of session.fold.missingFrom(after.fold))
        wrong.push(`the disk forgot of session ${id}: ${what}`);
      if (after.rows < session.rows) this.#count("logs rewritten");
    }
    this.#count("turns cut short", running(this.#disk));
    return wrong;
  }
}

function running(disk: DiskLogs): number {
  let turns = 0;
  for (const { fold } of disk.sessions.values())
    for (const turn of fold.turns.values()) if (turn.status === "running") turns += 1;
  return turns;
}
