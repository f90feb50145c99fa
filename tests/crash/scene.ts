import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiClient } from "./api-client.ts";
import { checkDisk } from "./disk-check.ts";
import { readDiskLogs, type DiskLogs } from "./disk-logs.ts";
import { Ledger } from "./ledger.ts";
import { poll } from "./polling.ts";
import { Reader, READER_KINDS } from "./reader.ts";
import { checkRestart } from "./restart-check.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { ServerProcess } from "./server-process.ts";
import { settle } from "./settle.ts";
import { Writer } from "./writer.ts";

/** Unit: ms. */
const AT_WORK_LIMIT_MS = 10_000;

export interface SceneOptions {
  /** Default: the product's own. */
  readonly entry?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly writers?: number;
  readonly readers?: number;
  /** Default: a new one, removed with the scene. */
  readonly dataDir?: string;
  /** Whether turns may end as failed: what is done to the store fails them. */
  readonly mayFail?: boolean;
}

/** Clients at work on one life of a server. */
export interface Load {
  readonly api: ApiClient;
  /** The first of the writers: for what a row sends of its own. */
  readonly writer: Writer;
  /** Resolves when something has been accepted and something read, or after `limitMs`: a busy machine takes its time to get there. */
  atWork(limitMs?: number): Promise<void>;
  /** Nobody begins anything new; resolves when all have come to an end, which streams do with the server only. */
  stop(): Promise<void>;
}

/** One data folder and everybody who uses it, through all lives of its server. */
export class Scene {
  readonly dataDir: string;
  readonly random: SeededRandom;
  readonly ledger = new Ledger();
  readonly counts: Record<string, number>;
  readers: Reader[] = [];
  /** As the last life left it. */
  disk: DiskLogs = { sessions: new Map(), deleted: new Set(), violations: [] };
  readonly #options: SceneOptions;

  constructor(random: SeededRandom, options: SceneOptions = {}, counts: Record<string, number> = {}) {
    this.random = random;
    this.counts = counts;
    this.#options = options;
    this.dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "holdfast-crash-"));
  }

  count(name: string, by = 1): void {
    this.counts[name] = (this.counts[name] ?? 0) + by;
  }

  /** A new life of the server. */
  spawn(env: Readonly<Record<string, string>> = {}): ServerProcess {
    const { entry } = this.#options;
    return new ServerProcess({
      dataDir: this.dataDir,
      ...(entry === undefined ? {} : { entry }),
      env: { ...this.#options.env, ...env },
    });
  }

  /** A new life, once it is ready. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
    const server = this.spawn(env);
    if (await server.ready()) return server;
    throw new Error(`The server did not start: ${server.output}${server.errors}`);
  }

  /** What the new life tells of the last one is as it must be; then what had no answer is sent once more. */
  async checkStart(url: string, violations: string[]): Promise<void> {
    const api = new ApiClient(url);
    violations.push(...(await checkRestart(api, this.disk, this.ledger, this.random)));
    await this.writer(api, violations).resendLost();
    api.close();
  }

  writer(api: ApiClient, violations: string[]): Writer {
    return new Writer({
      api,
      ledger: this.ledger,
      random: this.random.fork(),
      mayFail: this.#options.mayFail ?? false,
      violations,
    });
  }

  /** Sets writers and readers to work. */
  load(server: ServerProcess, violations: string[]): Load {
    const api = new ApiClient(server.url);
    let isOver = false;
    const isDone = (): boolean => isOver;
    const had = this.#done();
    const writers = Array.from({ length: this.#options.writers ?? 4 }, () => this.writer(api, violations));
    const tasks = [
      ...writers.map((writer) => writer.work(isDone)),
      this.#addReaders(api, isDone, violations),
      ...this.readers.map((reader) => reader.read(api, isDone, violations)),
    ];
    return {
      api,
      writer: writers[0] ?? this.writer(api, violations),
      atWork: async (limitMs = AT_WORK_LIMIT_MS) => {
        await poll(limitMs, () => {
          const now = this.#done();
          return now.sends - had.sends >= 5 && now.events - had.events >= 40 ? true : undefined;
        });
      },
      async stop() {
        isOver = true;
        await Promise.all(tasks);
        api.close();
      },
    };
  }

  /** Looks at the disk of a server that is dead. */
  look(): string[] {
    const before = this.disk;
    this.disk = readDiskLogs(this.dataDir);
    const wrong = checkDisk(this.disk, this.ledger, this.readers, this.#options.mayFail ?? false);
    for (const [id, session] of before.sessions) {
      const after = this.disk.sessions.get(id);
      if (after === undefined) continue;
      for (const what of session.fold.missingFrom(after.fold))
        wrong.push(`the disk forgot of session ${id}: ${what}`);
      if (after.rows < session.rows) this.count("logs rewritten");
    }
    return wrong;
  }

  /** Turns that the disk says are running. */
  running(): number {
    let turns = 0;
    for (const { fold } of this.disk.sessions.values())
      for (const turn of fold.turns.values()) if (turn.status === "running") turns += 1;
    return turns;
  }

  /** A life that nobody ends: everything that was accepted comes to its own end, and a planned stop leaves it at that. */
  async settle(): Promise<string[]> {
    const violations: string[] = [];
    const server = await this.start();
    try {
      await this.checkStart(server.url, violations);
      const api = new ApiClient(server.url);
      violations.push(...(await settle(api, this.ledger)));
      api.close();
      const { code } = await server.stop();
      if (code !== 0) violations.push(`a planned stop ended with ${String(code)}: ${server.errors}`);
    } finally {
      await server.kill();
    }
    violations.push(...this.look());
    for (const [name, by] of Object.entries(this.ledger.counts)) if (by > 0) this.count(name, by);
    for (const { reading } of this.readers) this.count("events read", reading.events);
    // Told though it be none: the page is to say how often readers began anew, and were judged all the same.
    this.count("readers told to resync, trimmed", 0);
    return violations;
  }

  /** Idempotent. */
  remove(): void {
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  #done(): { readonly sends: number; readonly events: number } {
    return {
      sends: this.ledger.counts.sends,
      events: this.readers.reduce((sum, { reading }) => sum + reading.events, 0),
    };
  }

  /** New readers come along during a life; those of sessions that are gone leave. */
  async #addReaders(api: ApiClient, isOver: () => boolean, violations: string[]): Promise<void> {
    const wanted = this.#options.readers ?? 8;
    this.readers = this.readers.filter((reader) => !reader.isGone);
    const reading: Promise<void>[] = [];
    while (!isOver() && this.readers.length < wanted) {
      await sleep(this.random.int(5, 30));
      const session = this.ledger.anyLive(this.random);
      if (session === undefined) continue;
      const kind = READER_KINDS[this.readers.length % READER_KINDS.length] ?? "stream";
      const reader = new Reader({
        session: session.id,
        kind,
        random: this.random.fork(),
        count: (what) => this.count(what),
      });
      this.readers.push(reader);
      reading.push(reader.read(api, isOver, violations));
    }
    await Promise.all(reading);
  }
}
