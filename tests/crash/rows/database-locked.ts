import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import type { ApiClient } from "../api-client.ts";
import { playUnderLoad } from "../play-under-load.ts";
import { poll } from "../polling.ts";
import type { Row } from "../row.ts";

/** How long another program has the database, and how late an answer may be meanwhile, on a machine that is busy. Unit: ms. */
const LOCKED_MS = 2_500;
const ALIVE_MS = 1_800;

const TUNED = { entry: "tests/crash/tuned-server.ts", env: { TEST_HEARTBEAT_MS: "100" } };

function lock(dataDir: string): DatabaseSync {
  const holder = new DatabaseSync(join(dataDir, "holdfast.sqlite"), { timeout: 10_000 });
  holder.exec("BEGIN IMMEDIATE");
  return holder;
}

/** The longest wait for an answer that needs no writing, while `until` has not come. Unit: ms. */
async function longestWait(api: ApiClient, until: Promise<unknown>): Promise<number> {
  let longest = 0;
  const over = { is: false };
  void until.then(() => (over.is = true));
  while (!over.is) {
    const began = performance.now();
    await api.get("/health");
    longest = Math.max(longest, performance.now() - began);
    await sleep(10);
  }
  return longest;
}

/** Another program has the database to itself for a while: all wait, none is hurt. */
export const databaseLocked: Row = {
  what: "database locked for a while",
  play: playUnderLoad(TUNED, async ({ scene, server, load, random, counts, violations }) => {
    const holder = lock(scene.dataDir);
    const pings = scene.readers.reduce((sum, reader) => sum + reader.pings, 0);
    const session = scene.ledger.anyLive(random);
    let sent: number | undefined;
    const sending =
      session === undefined ? undefined : load.writer.sendEcho(session).then((status) => (sent = status));
    const wait = await longestWait(load.api, sleep(LOCKED_MS));
    if (wait > ALIVE_MS)
      violations.push(`while the database was locked an answer took ${Math.round(wait)} ms`);
    if (sent !== undefined) violations.push(`a send was answered ${sent} while nothing could be written`);
    scene.count("pings while locked", scene.readers.reduce((sum, reader) => sum + reader.pings, 0) - pings);
    holder.exec("ROLLBACK");
    holder.close();
    counts["longest answer in ms"] = Math.max(counts["longest answer in ms"] ?? 0, Math.round(wait));
    await sending;
    if (session !== undefined && sent !== 202)
      violations.push(`the send that waited was answered ${String(sent)}`);
    await sleep(100);
    await server.kill();
    await load.stop();
    if (server.errors !== "") violations.push(`the server complained: ${server.errors.slice(0, 300)}`);
    violations.push(...scene.look(), ...(await scene.settle()));
  }),
};

/** A lock that does not end: in words, within the limit; and all goes on when it does end. */
export const databaseLockedForGood: Row = {
  what: "database locked beyond the limit",
  play: playUnderLoad(
    { ...TUNED, env: { ...TUNED.env, TEST_BUSY_LIMIT_MS: "500" }, mayFail: true },
    async ({ scene, server, load, random, violations }) => {
      const holder = lock(scene.dataDir);
      const session = scene.ledger.anyLive(random);
      const status = session === undefined ? 0 : await load.writer.sendEcho(session);
      if (status < 500) violations.push(`a send under a lock without end was answered ${status}`);
      const said = await poll(5_000, () => (server.errors.includes("locked") ? true : undefined));
      if (said === undefined)
        violations.push(`the operator was not told of the lock: ${server.errors.slice(0, 300)}`);
      holder.exec("ROLLBACK");
      holder.close();
      const accepted = await poll(15_000, async () =>
        session !== undefined && (await load.writer.sendEcho(session)) === 202 ? true : undefined,
      );
      if (accepted === undefined) violations.push("nothing was accepted after the lock had ended");
      await server.kill();
      await load.stop();
      violations.push(...scene.look(), ...(await scene.settle()));
    },
  ),
};

/** A start while another program has the database: it waits, or says so. */
export const databaseLockedAtStart: Row = {
  what: "database locked at start",
  play: playUnderLoad({}, async ({ scene, server: first, load, violations }) => {
    await first.kill();
    await load.stop();
    violations.push(...scene.look());

    // For writing: what it finds can be told, what it must write waits.
    const writing = lock(scene.dataDir);
    const second = scene.spawn();
    const isReady = second.ready();
    await sleep(700);
    writing.exec("ROLLBACK");
    writing.close();
    if (!(await isReady)) violations.push(`it gave up for a lock of 0.7 s: ${second.errors}`);
    else scene.count("starts that waited");
    await second.kill();
    violations.push(...scene.look());

    // Altogether: not even to be read.
    const whole = new DatabaseSync(join(scene.dataDir, "holdfast.sqlite"), { timeout: 10_000 });
    whole.exec(
      "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; INSERT INTO deleted VALUES ('x'); ROLLBACK; BEGIN EXCLUSIVE",
    );
    const third = scene.spawn();
    if (await third.ready()) violations.push("it started on a database that is another program's");
    else if (
      !third.errors.endsWith(" is locked by another program. Close it and start again.\n") ||
      third.errors.split("\n").length !== 2
    )
      violations.push(`refused in these words: ${third.errors}`);
    else scene.count("starts refused in words");
    await third.kill();
    whole.close();
    violations.push(...(await scene.settle()));
  }),
};
