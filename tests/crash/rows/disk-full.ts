import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { field } from "../api-client.ts";
import type { SentSession } from "../ledger.ts";
import { poll } from "../polling.ts";
import type { Row } from "../row.ts";
import { Scene, type Load } from "../scene.ts";
import type { ServerProcess } from "../server-process.ts";

/** How soon a server that could not write must do so again once it can: its longest pause is 10 s. Unit: ms. */
const RECOVERY_LIMIT_MS = 15_000;

/** A place that can be full: a small file system of its own where that is allowed, else a limit on the size of files. */
interface SmallDisk {
  readonly kind: string;
  readonly dataDir: string;
  fill(server: ServerProcess): void;
  free(server: ServerProcess): void;
  remove(): void;
}

function smallDisk(): SmallDisk {
  const mount = mkdtempSync(join(tmpdir(), "holdfast-full-"));
  const done = spawnSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", mount]);
  const dataDir = join(mount, "data");
  if (done.status === 0) {
    const filler = join(mount, "filler");
    return {
      kind: "a file system of 4 MiB",
      dataDir,
      fill: () => fillUp(filler),
      free: () => rmSync(filler, { force: true }),
      remove() {
        spawnSync("umount", ["-l", mount]);
        rmSync(mount, { recursive: true, force: true });
      },
    };
  }
  const limit = (server: ServerProcess, bytes: string): void => {
    const set = spawnSync("prlimit", ["--pid", String(server.pid), `--fsize=${bytes}:unlimited`]);
    if (set.status !== 0)
      throw new Error("Neither mount nor prlimit can be used, so nothing can be made full.");
  };
  return {
    kind: "a limit on the size of files",
    dataDir,
    fill: (server) => limit(server, String(statSync(join(dataDir, "holdfast.sqlite-wal")).size)),
    free: (server) => limit(server, "unlimited"),
    remove: () => rmSync(mount, { recursive: true, force: true }),
  };
}

/** Takes all that is left. */
function fillUp(file: string): void {
  for (let chunk = 1 << 20; chunk >= 4_096; chunk >>= 1) {
    for (;;) {
      const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      try {
        writeFileSync(file, Buffer.alloc(chunk), { flag: "a" });
      } catch {
        // What a failed write left is no part of the file's use.
        truncateSync(file, size);
        break;
      }
    }
  }
}

/** No space left in mid-life, and space again; and a life that begins with none. */
export const diskFull: Row = {
  what: "disk full",
  async play(random, counts) {
    const disk = smallDisk();
    const scene = new Scene(random, { dataDir: disk.dataDir, mayFail: true }, counts);
    const violations: string[] = [];
    try {
      const server = await scene.start();
      scene.count(`on ${disk.kind}`);
      const load = scene.load(server, violations);
      await load.atWork();
      // An answer that is being read, for its reader to be told.
      const reader = scene.readers.find(
        // The writer may have deleted what another one reads.
        ({ kind, isGone, reading }) =>
          kind === "stream" && !isGone && scene.ledger.sessions.get(reading.session)?.deleted === "no",
      );
      const read = reader && scene.ledger.sessions.get(reader.reading.session);
      if (reader === undefined || read === undefined) return [...violations, "nobody reads"];
      read.isKept = true;
      const turn = await load.writer.sendLong(read);
      await poll(10_000, () => (reader.reading.fold.turns.get(turn)?.buffers.size ? true : undefined));
      disk.fill(server);
      const refused = await poll(20_000, () =>
        sendOne(scene, load).then((status) => (status === 507 ? status : undefined)),
      );
      if (refused === undefined) violations.push("no send was refused with 507 while the disk was full");
      else scene.count("refused sends");
      const told = await poll(10_000, () => (reader.notices.includes("storage-full") ? true : undefined));
      if (told === undefined)
        violations.push("the reader of a running answer was not told that the disk is full");
      const health = await load.api.get("/health");
      if (health === "lost" || health.status !== 200)
        violations.push("it did not answer while the disk was full");
      disk.free(server);
      const began = performance.now();
      const accepted = await poll(RECOVERY_LIMIT_MS, () =>
        sendOne(scene, load).then((status) => (status === 202 ? status : undefined)),
      );
      if (accepted === undefined) violations.push("nothing was accepted after there was space again");
      counts["longest recovery in ms"] = Math.max(
        counts["longest recovery in ms"] ?? 0,
        Math.round(performance.now() - began),
      );
      const outcome = await poll(RECOVERY_LIMIT_MS, () => reader.reading.fold.turns.get(turn)?.outcome);
      if (outcome === "failed") scene.count("answers ended as failed");
      else if (outcome === undefined || !mayBeStopped(read, turn))
        violations.push(`the answer that the full disk cut off ended as ${outcome ?? "nothing at all"}`);
      // Killed on a full disk: the next life must begin, tell what there is, and go on when it can.
      await sleep(200);
      disk.fill(server);
      await server.kill();
      await load.stop();
      violations.push(...scene.look());
      if (disk.kind.startsWith("a file system")) violations.push(...(await startWhileFull(scene, disk)));
      violations.push(...(await scene.settle()));
    } finally {
      scene.remove();
      disk.remove();
    }
    return violations;
  },
};

/** By a writer that stops what it finds, or sends ahead of it. */
function mayBeStopped({ turns }: SentSession, turn: string): boolean {
  return turns.get(turn)?.stopped !== "no" || [...turns.values()].some(({ mode }) => mode === "steer");
}

async function startWhileFull(scene: Scene, disk: SmallDisk): Promise<string[]> {
  const violations: string[] = [];
  const spawnedAt = Date.now();
  const server = scene.spawn();
  if (!(await server.ready())) {
    // A refusal in words is a refusal; the space is made and the next start is tried.
    if (!/no space left/i.test(server.errors))
      violations.push(`it did not start on a full disk: ${server.errors}`);
    disk.free(server);
    return violations;
  }
  const [session] = scene.ledger.live();
  if (session !== undefined) {
    const answer = await fetch(new URL(`api/sessions/${session.id}`, server.url));
    if (answer.status !== 200) violations.push(`a snapshot on a full disk was answered ${answer.status}`);
    if (field(await answer.json(), "turns") === undefined)
      violations.push("a snapshot on a full disk has no turns");
  }
  disk.free(server);
  const isMended = await poll(RECOVERY_LIMIT_MS, async () => {
    for (const { id } of scene.ledger.live()) {
      const answer = await fetch(new URL(`api/sessions/${id}`, server.url));
      const turns = field(await answer.json(), "turns") as { status: string; startedAt?: number }[];
      // What was queued begins in this life, and may well run on: it may wait for a person's leave.
      if (turns.some(({ status, startedAt = 0 }) => status === "running" && startedAt < spawnedAt))
        return undefined;
    }
    return true;
  });
  if (isMended === undefined) violations.push("turns of the last life still run after there was space again");
  await server.kill();
  violations.push(...scene.look());
  return violations;
}

/** One send, as the writers do it; its status. */
async function sendOne(scene: Scene, load: Load): Promise<number | undefined> {
  const session = scene.ledger.anyLive(scene.random);
  return session === undefined ? undefined : load.writer.sendEcho(session);
}
