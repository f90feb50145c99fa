import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test, vi } from "vitest";
import { backUp, restore } from "../../../server/store/backup-file.ts";
import { DATABASE_FILE } from "../../../server/store/data-folder.ts";
import { systemRandom } from "../../../server/system-random.ts";
import { startTestServer, type TestServer } from "../../support/test-server.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { sessionId, turnId } from "../../support/wire-samples.ts";

// Real files, sockets and scrypt: a machine that is busy takes its time.
vi.setConfig({ testTimeout: 30_000 });

const SID = sessionId(1);

async function say(server: TestServer, number: number, text: string): Promise<void> {
  await server.call("POST", `/api/sessions/${SID}/turns`, { id: turnId(number), text });
  await expect.poll(async () => (await textsOf(server)).at(-1)).toBe(text);
}

interface Snapshot {
  readonly cursor: string;
  readonly turns: readonly { readonly parts: readonly { readonly text: string }[] }[];
}

async function snapshotOf(server: TestServer): Promise<Snapshot> {
  return (await server.call("GET", `/api/sessions/${SID}`)).json as unknown as Snapshot;
}

async function textsOf(server: TestServer): Promise<readonly (string | undefined)[]> {
  return (await snapshotOf(server)).turns.map((turn) => turn.parts[0]?.text);
}

async function backedUp(server: TestServer): Promise<string> {
  const file = join(tempFolder(), "backup.sqlite");
  expect(await backUp(server.config.dataDir, file)).toMatchObject({ ok: true });
  return file;
}

test("a backup taken while the server runs brings back what was then, under a new epoch", async () => {
  const server = await startTestServer();
  await server.call("PUT", `/api/sessions/${SID}`);
  await say(server, 1, "before");
  const file = await backedUp(server);
  await say(server, 2, "after");
  const { cursor } = await snapshotOf(server);
  const { dataDir } = server.config;
  await server.close();

  const restored = await restore(dataDir, file, systemRandom, 0);
  expect(restored).toMatchObject({ ok: true, value: { sessions: 1 } });
  const aside = join(dataDir, "before-restore-1970-01-01T00-00-00-000Z");
  expect(readdirSync(aside)).toContain(DATABASE_FILE);

  const again = await startTestServer({ HOLDFAST_DATA_DIR: dataDir });
  expect(await textsOf(again)).toEqual(["before"]);
  const now = (await snapshotOf(again)).cursor;
  expect(now.split(".")[0]).not.toBe(cursor.split(".")[0]);
  const stream = await again.stream(`/api/sessions/${SID}/stream?after=${cursor}`);
  await stream.waitFor("resync", () => stream.blocks.find((block) => block.event === "resync"));
  expect(stream.blocks.at(-1)?.data).toBe('{"reason":"epoch"}');
});

test("restoring ends all sign-ins", async () => {
  const server = await startTestServer({ HOLDFAST_PASSWORD: "open sesame" });
  const answer = await server.call("POST", "/api/sign-in", { password: "open sesame" });
  const cookie = { cookie: String(answer.headers["set-cookie"]?.[0]).split(";", 1)[0] ?? "" };
  const file = await backedUp(server);
  await server.close();
  await restore(server.config.dataDir, file, systemRandom, 0);
  const again = await startTestServer({
    HOLDFAST_PASSWORD: "open sesame",
    HOLDFAST_DATA_DIR: server.config.dataDir,
  });
  expect((await again.call("GET", "/api/sessions", undefined, cookie)).status).toBe(401);
});

test("restoring is refused while a server uses the folder", async () => {
  const server = await startTestServer();
  const file = await backedUp(server);
  expect(await restore(server.config.dataDir, file, systemRandom, 0)).toMatchObject({
    ok: false,
    error: expect.stringContaining("Another Holdfast uses the data folder") as string,
  });
});

test("what is no whole backup of Holdfast is refused, and the folder stays as it was", async () => {
  const server = await startTestServer();
  await server.call("PUT", `/api/sessions/${SID}`);
  await say(server, 1, "kept");
  const good = await backedUp(server);
  const { dataDir } = server.config;
  await server.close();
  const before = readFileSync(join(dataDir, DATABASE_FILE));

  const folder = tempFolder();
  const files = ["missing", "text", "foreign", "cut", "newer", "scrambled"].map((name) => join(folder, name));
  const [missing = "", text = "", foreign = "", cut = "", newer = "", scrambled = ""] = files;
  writeFileSync(text, "not a database ".repeat(1_000));
  const other = new DatabaseSync(foreign);
  other.exec("CREATE TABLE theirs (x)");
  other.close();
  writeFileSync(cut, readFileSync(good).subarray(0, 9_000));
  writeFileSync(newer, readFileSync(good));
  const future = new DatabaseSync(newer);
  future.exec("PRAGMA user_version = 99");
  future.close();
  const pages = readFileSync(good);
  writeFileSync(scrambled, pages.fill(0xaa, pages.byteLength - 4_096));
  for (const file of [missing, text, foreign, cut, newer, scrambled]) {
    const done = await restore(dataDir, file, systemRandom, 0);
    expect([file, done.ok]).toEqual([file, false]);
    if (!done.ok) expect(done.error).toMatch(/no backup|damaged|newer/);
  }
  expect(readFileSync(join(dataDir, DATABASE_FILE)).equals(before)).toBe(true);
  expect(readdirSync(dataDir).filter((name) => name.includes("restor"))).toEqual([]);
});

test("a backup overwrites nothing and needs something to back up", async () => {
  const server = await startTestServer();
  const file = await backedUp(server);
  expect(await backUp(server.config.dataDir, file)).toMatchObject({ ok: false });
  expect(await backUp(tempFolder(), `${file}2`)).toMatchObject({ ok: false });
});

test("backups taken while the server writes are whole", async () => {
  const server = await startTestServer({}, { groupCommitMs: 1 });
  await server.call("PUT", `/api/sessions/${SID}`);
  const folder = tempFolder();
  const writing = (async () => {
    for (let number = 1; number <= 60; number += 1) {
      await server.call("POST", `/api/sessions/${SID}/turns`, {
        id: turnId(number),
        text: `${number}`,
        mode: "parallel",
      });
    }
  })();
  for (let index = 0; index < 5; index += 1) {
    const file = join(folder, `${index}`);
    expect(await backUp(server.config.dataDir, file)).toMatchObject({ ok: true });
    const copy = new DatabaseSync(file);
    const odd = copy.prepare(
      "SELECT count(*) AS n FROM session WHERE tail <> (SELECT coalesce(max(seq), 0) FROM log WHERE log.session = session.id)",
    );
    expect(odd.get()).toEqual({ n: 0 });
    copy.close();
  }
  await writing;
});
