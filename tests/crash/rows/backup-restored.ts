import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readDiskLogs } from "../disk-logs.ts";
import { compareSnapshot, readLog } from "../restart-check.ts";
import { ApiClient } from "../api-client.ts";
import { playUnderLoad } from "../play-under-load.ts";
import { poll } from "../polling.ts";
import type { Row } from "../row.ts";
import type { Scene } from "../scene.ts";

const ROOT = new URL("../../..", import.meta.url).pathname;

async function runScript(script: string, file: string, dataDir: string): Promise<void> {
  const child = spawn(process.execPath, [script, file], {
    cwd: ROOT,
    env: { PATH: process.env["PATH"] ?? "", HOLDFAST_DATA_DIR: dataDir },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, "close")) as unknown[];
  if (code !== 0) throw new Error(`${script} ended with ${String(code)}: ${errors}`);
}

/** A backup taken while all is being written, brought back after more was. */
export const backupRestored: Row = {
  what: "backup taken under load and restored",
  play: playUnderLoad({}, async ({ scene, server, load, random, violations }) => {
    // What is acknowledged by now must be in it.
    const promised = [...scene.ledger.sessions.values()].flatMap((session) =>
      [...session.turns.values()]
        .filter(({ sent }) => sent === "done")
        .map(({ id }) => [session.id, id] as const),
    );
    const file = join(scene.dataDir, "backup.sqlite");
    await runScript("server/backup.ts", file, scene.dataDir);
    await sleep(random.int(100, 300));
    await server.kill();
    await load.stop();
    violations.push(...scene.look());
    const before = scene.disk;
    await runScript("server/restore.ts", file, scene.dataDir);

    const restored = readDiskLogs(scene.dataDir);
    violations.push(...restored.violations);
    for (const [id, session] of restored.sessions) {
      const old = before.sessions.get(id);
      if (old === undefined) continue;
      if (session.epoch === old.epoch) violations.push(`session ${id} was restored under its old epoch`);
      for (const what of session.fold.missingFrom(old.fold))
        violations.push(`the backup of session ${id} tells another story: ${what}`);
    }
    for (const [session, turn] of promised) {
      const { deleted } = scene.ledger.sessions.get(session) ?? { deleted: "done" };
      if (deleted !== "no") continue;
      scene.count("turns that the backup must have");
      if (restored.sessions.get(session)?.fold.turns.has(turn) !== true)
        violations.push(
          `turn ${turn} of session ${session} was acknowledged before the backup and is not in it`,
        );
    }
    violations.push(...(await readersGoOver(scene)));
  }),
};

/** Every reader is told that its log is another one now, and reads that from its beginning. */
async function readersGoOver(scene: Scene): Promise<string[]> {
  const violations: string[] = [];
  const restored = readDiskLogs(scene.dataDir).sessions;
  // Whose session was made after the backup has nothing to go over to.
  const readers = scene.readers.filter(
    ({ reading, isGone }) => reading.epoch !== undefined && !isGone && restored.has(reading.session),
  );
  const server = await scene.start();
  const api = new ApiClient(server.url);
  let isOver = false;
  for (const reader of readers) reader.allowedResyncs.add("epoch");
  const reading = readers.map((reader) => reader.read(api, () => isOver, violations));
  for (const reader of readers) {
    const { session } = reader.reading;
    scene.count("readers told of the new epoch");
    if ((await poll(10_000, () => (reader.resyncs.includes("epoch") ? true : undefined))) === undefined)
      violations.push(`a reader (${reader.kind}) of session ${session} was not told of its new epoch`);
    const snapshot = await api.get(`/sessions/${session}?turns=1000`);
    const log = await readLog(api, session);
    if (snapshot === "lost" || log === undefined) violations.push(`session ${session} could not be read`);
    else
      for (const what of [...log.fold.violations, ...compareSnapshot(snapshot.body, log.fold)])
        violations.push(`session ${session} after the restore: ${what}`);
  }
  await sleep(200);
  isOver = true;
  await server.kill();
  await Promise.all(reading);
  api.close();
  // Of the restored log and nothing else: not a word of the one that was.
  const disk = readDiskLogs(scene.dataDir).sessions;
  for (const { reading: read, kind } of readers) {
    const log = disk.get(read.session);
    // Told to begin anew, and not there yet: it holds nothing.
    if (read.epoch === undefined) continue;
    if (read.epoch !== log?.epoch) {
      violations.push(`a reader (${kind}) of session ${read.session} holds epoch ${read.epoch}`);
      continue;
    }
    for (const what of read.fold.missingFrom(log.fold))
      violations.push(`a reader (${kind}) of session ${read.session} mixed two logs: ${what}`);
  }
  return violations;
}
