import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { createSqliteStore } from "../server/sqlite-store.ts";
import { openDataFolder } from "../server/store/data-folder.ts";
import { systemRandom } from "../server/system-random.ts";
import type { LogRow, SessionRecord } from "../src/backend/ports.ts";
import { AgentIdSchema, SessionIdSchema, TurnIdSchema } from "../src/protocol/ids.ts";
import type { Usage } from "./server-process.ts";

// node bench/server.ts: what the server costs. Every figure is the median of ROUNDS.
const ROUNDS = 3;
const VIEWERS = 1_000;
const EVENTS = 100_000;
const BURST = 100;
const BURST_PAUSE_MS = 25;

const sid = v.parse(SessionIdSchema, "01890000-0000-7000-8000-000000000001");
const tid = (number: number) =>
  v.parse(TurnIdSchema, `01890000-0000-7000-9000-${number.toString(16).padStart(12, "0")}`);

interface Subject {
  readonly child: ChildProcess;
  readonly port: number;
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

async function start(kind: "holdfast" | "floor", dataDir: string): Promise<Subject> {
  const child = fork(join(import.meta.dirname, "server-process.ts"), [kind], {
    env: { ...process.env, HOLDFAST_DATA_DIR: dataDir, HOST: "127.0.0.1" },
    execArgv: ["--expose-gc"],
  });
  const [url]: unknown[] = await once(child, "message");
  return {
    child,
    port: Number(new URL(String(url)).port),
    async usage() {
      child.send("usage");
      const [usage]: unknown[] = await once(child, "message");
      return usage as Usage;
    },
    async stop() {
      const gone = once(child, "exit");
      child.disconnect();
      await gone;
    },
  };
}

/** A raw socket that counts what comes: cheap enough not to be what is measured. */
interface Viewer {
  readonly socket: Socket;
  frames: number;
  /** Resolves when `text` has come. */
  until(text: string): Promise<void>;
}

async function view(port: number, path: string): Promise<Viewer> {
  const socket = connect(port, "127.0.0.1");
  let tail = "";
  let wanted: { readonly text: string; readonly found: () => void } | undefined;
  const viewer: Viewer = {
    socket,
    frames: 0,
    until: (text) => new Promise((found) => (wanted = { text, found })),
  };
  socket.on("data", (chunk: Buffer) => {
    for (let at = chunk.indexOf("\nid: "); at >= 0; at = chunk.indexOf("\nid: ", at + 1)) viewer.frames += 1;
    if (wanted === undefined) return;
    const text = tail + chunk.toString("latin1");
    tail = text.slice(-200);
    if (text.includes(wanted.text)) {
      wanted.found();
      wanted = undefined;
      tail = "";
    }
  });
  socket.on("error", () => undefined);
  const caughtUp = viewer.until("event: caught-up");
  await once(socket, "connect");
  socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  await caughtUp;
  return viewer;
}

async function viewMany(port: number, path: string): Promise<Viewer[]> {
  const viewers: Viewer[] = [];
  for (let index = 0; index < VIEWERS; index += 50) {
    viewers.push(...(await Promise.all(Array.from({ length: 50 }, () => view(port, path)))));
  }
  return viewers;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function rounds(measure: () => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) values.push(await measure());
  return median(values);
}

async function withFolder<Value>(use: (folder: string) => Promise<Value>): Promise<Value> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function send(method: "POST" | "PUT", port: number, path: string, body: unknown): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(`http://127.0.0.1:${port}${path}`, { method, headers, body: JSON.stringify(body) });
}

function record(tail: number): SessionRecord {
  const agent = v.parse(AgentIdSchema, "bench");
  const summary = {
    id: sid,
    title: "Bench",
    createdAt: 1,
    updatedAt: 1,
    agent,
    pinned: false,
    archived: false,
    status: "idle" as const,
    running: 0,
    queued: 0,
  };
  return { summary, epoch: systemRandom.epoch(), tail, titledByHand: true, openTurns: [] };
}

/** One event a row, the worst there is: no turn of it has been compacted. */
function seedRows(): readonly LogRow[] {
  const turn = tid(1);
  const events: unknown[] = [
    { type: "turn-queued", at: 1, turn, text: "go", mode: "queue", agent: "bench" },
    { type: "turn-started", at: 1, turn, agent: "bench" },
  ];
  for (let offset = 0; events.length < EVENTS - 1; offset += 5) {
    events.push({ type: "text-delta", at: 1, turn, part: "t", offset, delta: "word " });
  }
  events.push({ type: "turn-ended", at: 1, turn, outcome: "complete" });
  return events.map((event, index) => {
    const seq = index + 1;
    return { from: seq, seq, data: JSON.stringify({ from: seq, seq, events: [event] }) };
  });
}

/** Rows a second through the store, `perCommit` rows a durable commit. */
function appendRate(perCommit: number): Promise<number> {
  return withFolder(async (folder) => {
    const opened = openDataFolder(folder);
    if (!opened.ok) throw new Error(opened.error);
    const store = createSqliteStore(opened.value.database);
    const fresh = record(0);
    await store.commit([{ kind: "create", record: fresh }]);
    const rows = seedRows().slice(0, 30_000);
    const began = performance.now();
    for (let at = 0; at < rows.length; at += perCommit) {
      const part = rows.slice(at, at + perCommit);
      await store.commit([
        { kind: "append", record: { ...fresh, tail: at + part.length }, expectedTail: at, rows: part },
      ]);
    }
    const seconds = (performance.now() - began) / 1_000;
    opened.value.close();
    return rows.length / seconds;
  });
}

/** From the request to `caught-up`: the first replay of a fresh process, and the median of the ones after it. */
async function replayMs(): Promise<{ readonly first: number; readonly warm: number }> {
  return withFolder(async (folder) => {
    const opened = openDataFolder(folder);
    if (!opened.ok) throw new Error(opened.error);
    const seeded = record(0);
    const rows = seedRows();
    await createSqliteStore(opened.value.database).commit([
      { kind: "create", record: seeded },
      { kind: "append", record: { ...seeded, tail: rows.length }, expectedTail: 0, rows },
    ]);
    opened.value.close();
    const subject = await start("holdfast", folder);
    const replay = async (): Promise<number> => {
      const began = performance.now();
      const viewer = await view(subject.port, `/api/sessions/${sid}/stream`);
      viewer.socket.destroy();
      return performance.now() - began;
    };
    const first = await replay();
    const warm = await rounds(replay);
    await subject.stop();
    return { first, warm };
  });
}

function idleMegabytes(): Promise<number> {
  return withFolder(async (folder) => {
    const subject = await start("holdfast", folder);
    await send("PUT", subject.port, `/api/sessions/${sid}`, {});
    // What every process allocates once is not the viewers'.
    const warm = await view(subject.port, `/api/sessions/${sid}/stream`);
    warm.socket.destroy();
    const before = await subject.usage();
    const viewers = await viewMany(subject.port, `/api/sessions/${sid}/stream`);
    const after = await subject.usage();
    for (const viewer of viewers) viewer.socket.destroy();
    await subject.stop();
    return (after.rssBytes - before.rssBytes) / 1_048_576;
  });
}

/** The server's own CPU time for each frame it delivers. Unit: µs. */
function deliveryMicros(kind: "holdfast" | "floor"): Promise<number> {
  return withFolder(async (folder) => {
    const subject = await start(kind, folder);
    if (kind === "holdfast") await send("PUT", subject.port, `/api/sessions/${sid}`, {});
    const viewers = await viewMany(subject.port, `/api/sessions/${sid}/stream`);
    const before = await subject.usage();
    const ended = viewers.map((viewer) => viewer.until("turn-ended"));
    const framesBefore = viewers.reduce((sum, viewer) => sum + viewer.frames, 0);
    const command = `burst ${BURST} ${BURST_PAUSE_MS}`;
    if (kind === "holdfast")
      await send("POST", subject.port, `/api/sessions/${sid}/turns`, { id: tid(1), text: command });
    else await send("POST", subject.port, `/burst/0-${BURST}-${BURST_PAUSE_MS}`, {});
    await Promise.all(ended);
    const after = await subject.usage();
    const frames = viewers.reduce((sum, viewer) => sum + viewer.frames, 0) - framesBefore;
    for (const viewer of viewers) viewer.socket.destroy();
    await subject.stop();
    return (after.cpuMicros - before.cpuMicros) / frames;
  });
}

/** A whole turn of many deltas, from the request to its end in the stream: events a second. */
function turnRate(): Promise<number> {
  return withFolder(async (folder) => {
    const subject = await start("holdfast", folder);
    await send("PUT", subject.port, `/api/sessions/${sid}`, {});
    const viewer = await view(subject.port, `/api/sessions/${sid}/stream`);
    const ended = viewer.until("turn-ended");
    const began = performance.now();
    await send("POST", subject.port, `/api/sessions/${sid}/turns`, { id: tid(1), text: `burst ${EVENTS} 0` });
    await ended;
    const seconds = (performance.now() - began) / 1_000;
    viewer.socket.destroy();
    await subject.stop();
    return EVENTS / seconds;
  });
}

function say(what: string, value: number, unit: string, digits = 0): void {
  console.log(`${what.padEnd(58)} ${value.toFixed(digits).padStart(9)} ${unit}`);
}

say(`memory of ${VIEWERS} idle viewers`, await rounds(idleMegabytes), "MB", 1);
const replay = await replayMs();
say(`replay of ${EVENTS} events, one a row, merged`, replay.warm, "ms");
say("the same, first of a fresh process", replay.first, "ms");
say("append, 1 event a commit", await rounds(() => appendRate(1)), "events/s");
say("append, 16 events a commit", await rounds(() => appendRate(16)), "events/s");
say("append, 256 events a commit", await rounds(() => appendRate(256)), "events/s");
say(`a turn of ${EVENTS} deltas, request to end`, await rounds(turnRate), "events/s");
const floor = await rounds(() => deliveryMicros("floor"));
const ours = await rounds(() => deliveryMicros("holdfast"));
say(`CPU per delivery to ${VIEWERS} viewers, bare node:http`, floor, "µs", 1);
say(`CPU per delivery to ${VIEWERS} viewers, Holdfast`, ours, "µs", 1);
say("Holdfast / bare node:http", ours / floor, "times", 2);
