import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test, vi } from "vitest";
import { StoreFullError, type LogRow, type SessionRecord } from "../../../src/backend/ports.ts";
import { createSqliteStore } from "../../../server/sqlite-store.ts";
import { DATABASE_FILE, openDataFolder, type DataFolder } from "../../../server/store/data-folder.ts";
import { agentId, epoch, sessionId, turnId } from "../../support/wire-samples.ts";
import { tempFolder } from "../../support/temp-folder.ts";

// Real files, sockets and scrypt: a machine that is busy takes its time.
vi.setConfig({ testTimeout: 30_000 });

function open(directory: string): DataFolder {
  const opened = openDataFolder(directory);
  if (!opened.ok) throw new Error(opened.error);
  onTestFinished(() => opened.value.close());
  return opened.value;
}

function record(number: number, tail: number, title = "A title"): SessionRecord {
  return {
    summary: {
      id: sessionId(number),
      title,
      createdAt: 1,
      updatedAt: 2,
      agent: agentId("demo"),
      pinned: false,
      archived: false,
      status: "idle",
      running: 0,
      queued: 0,
    },
    epoch: epoch("e1"),
    tail,
    titledByHand: true,
    openTurns: [turnId(7)],
  };
}

const row = (from: number, seq = from, text = `${from}-${seq}`): LogRow => ({ from, seq, data: text });

test("what was committed is there after closing and opening", async () => {
  const directory = tempFolder();
  const folder = open(directory);
  const store = createSqliteStore(folder.database);
  await store.commit([
    { kind: "create", record: record(1, 0) },
    { kind: "append", record: record(1, 3, "\ud800 lone"), expectedTail: 0, rows: [row(1), row(2, 3)] },
    { kind: "create", record: record(2, 0) },
    { kind: "delete", session: sessionId(2) },
  ]);
  folder.close();

  const again = createSqliteStore(open(directory).database);
  expect(await again.open()).toEqual({ sessions: [record(1, 3, "\ud800 lone")], deleted: [sessionId(2)] });
  expect(await again.read(sessionId(1), 0, 1_000)).toEqual([row(1), row(2, 3)]);
});

test("a process that dies without closing leaves what was committed, and its lock goes with it", async () => {
  const directory = tempFolder();
  const script = `
    import { createSqliteStore } from ${JSON.stringify(join(import.meta.dirname, "../../../server/sqlite-store.ts"))};
    import { openDataFolder } from ${JSON.stringify(join(import.meta.dirname, "../../../server/store/data-folder.ts"))};
    const folder = openDataFolder(${JSON.stringify(directory)}).value;
    const store = createSqliteStore(folder.database);
    await store.commit([{ kind: "create", record: ${JSON.stringify(record(1, 0))} }]);
    await store.commit([{ kind: "append", record: ${JSON.stringify(record(1, 1))}, expectedTail: 0, rows: [${JSON.stringify(row(1))}] }]);
    folder.database.exec("BEGIN IMMEDIATE; INSERT INTO deleted VALUES ('half done')");
    process.kill(process.pid, "SIGKILL");
  `;
  const { spawnSync } = await import("node:child_process");
  const child = spawnSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" });
  expect(child.signal, child.stderr).toBe("SIGKILL");

  const store = createSqliteStore(open(directory).database);
  expect(await store.open()).toEqual({ sessions: [record(1, 1)], deleted: [] });
});

test("a commit with one bad write applies none of it", async () => {
  const store = createSqliteStore(open(tempFolder()).database);
  await store.commit([{ kind: "create", record: record(1, 0) }]);
  const good = { kind: "append", record: record(1, 1), expectedTail: 0, rows: [row(1)] } as const;
  await expect(
    store.commit([good, { kind: "append", record: record(1, 9), expectedTail: 7, rows: [row(8, 9)] }]),
  ).rejects.toThrow("does not end at 7");
  expect(await store.read(sessionId(1), 0, 1_000)).toEqual([]);
  await store.commit([good]);
  expect(await store.read(sessionId(1), 0, 1_000)).toEqual([row(1)]);
});

test.each([
  ["a hole", [row(2)], 2],
  ["a hole between rows", [row(1), row(3)], 3],
  ["a row that ends before it begins", [row(1), { from: 2, seq: 1, data: "x" }], 1],
  ["a record whose tail is not that of its rows", [row(1)], 5],
])("rows with %s are refused", async (_, rows, tail) => {
  const store = createSqliteStore(open(tempFolder()).database);
  await store.commit([{ kind: "create", record: record(1, 0) }]);
  await expect(
    store.commit([{ kind: "append", record: record(1, tail), expectedTail: 0, rows }]),
  ).rejects.toThrow();
  expect(await store.read(sessionId(1), 0, 1_000)).toEqual([]);
});

test("reading goes on after a seq, in order, about as much as asked for and one row at least", async () => {
  const store = createSqliteStore(open(tempFolder()).database);
  const rows = Array.from({ length: 500 }, (_, index) => row(index + 1, index + 1, "x".repeat(100)));
  await store.commit([
    { kind: "create", record: record(1, 0) },
    { kind: "append", record: record(1, 500), expectedTail: 0, rows },
  ]);
  expect(await store.read(sessionId(1), 3, 25_000)).toEqual(rows.slice(3, 253));
  expect(await store.read(sessionId(1), 0, 1_000_000)).toEqual(rows);
  expect((await store.read(sessionId(1), 499, 1)).map((item) => item.seq)).toEqual([500]);
  expect(await store.read(sessionId(1), 500, 1)).toEqual([]);
  expect(await store.read(sessionId(2), 0, 1)).toEqual([]);
});

test("compacting replaces the rows within a range and no other, and a cursor inside it gets the whole", async () => {
  const store = createSqliteStore(open(tempFolder()).database);
  await store.commit([
    { kind: "create", record: record(1, 0) },
    {
      kind: "append",
      record: record(1, 6),
      expectedTail: 0,
      rows: [1, 2, 3, 4, 5, 6].map((seq) => row(seq)),
    },
  ]);
  await store.commit([
    { kind: "compact", session: sessionId(1), from: 2, seq: 5, rows: [row(2, 5, "merged")] },
  ]);
  expect(await store.read(sessionId(1), 0, 1_000)).toEqual([row(1), row(2, 5, "merged"), row(6)]);
  expect(await store.read(sessionId(1), 3, 1)).toEqual([row(2, 5, "merged")]);
  await expect(
    store.commit([{ kind: "compact", session: sessionId(1), from: 2, seq: 5, rows: [row(2, 4)] }]),
  ).rejects.toThrow("end at 4");
});

test("a full disk is told apart, nothing of the commit stays, and later commits succeed", async () => {
  const { database } = open(tempFolder());
  const store = createSqliteStore(database);
  await store.commit([{ kind: "create", record: record(1, 0) }]);
  const pages = Number(database.prepare("PRAGMA page_count").get()?.["page_count"]);
  database.exec(`PRAGMA max_page_count = ${pages + 2}`);
  const big = {
    kind: "append",
    record: record(1, 1),
    expectedTail: 0,
    rows: [row(1, 1, "x".repeat(100_000))],
  } as const;
  await expect(store.commit([big])).rejects.toBeInstanceOf(StoreFullError);
  expect(await store.read(sessionId(1), 0, 1)).toEqual([]);

  database.exec("PRAGMA max_page_count = 1000000");
  await store.commit([big]);
  expect((await store.read(sessionId(1), 0, 1)).length).toBe(1);
});

test("a commit waits for a lock of another program without holding up the process", async () => {
  const directory = tempFolder();
  const store = createSqliteStore(open(directory).database);
  const other = new DatabaseSync(join(directory, DATABASE_FILE));
  other.exec("BEGIN IMMEDIATE");
  let isDone = false;
  const commit = store.commit([{ kind: "create", record: record(1, 0) }]).then(() => (isDone = true));
  // Only a process that is not held up gets to let go of the lock.
  for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isDone).toBe(false);
  expect(await store.read(sessionId(1), 0, 1)).toEqual([]);
  other.exec("ROLLBACK");
  await commit;
  expect((await store.open()).sessions.length).toBe(1);
  other.close();
});

test("a lock that does not end is said in words, and what is committed later is whole", async () => {
  const directory = tempFolder();
  const store = createSqliteStore(open(directory).database, { busyLimitMs: 20 });
  const other = new DatabaseSync(join(directory, DATABASE_FILE));
  other.exec("BEGIN IMMEDIATE");
  const create = { kind: "create", record: record(1, 0) } as const;
  await expect(store.commit([create])).rejects.toThrow(/^Another program has had the database locked for/);
  other.exec("ROLLBACK");
  other.close();
  await store.commit([create]);
  expect((await store.open()).sessions.length).toBe(1);
});

test("nothing is committed to a database that the next start would not find", async () => {
  let isInPlace = false;
  const store = createSqliteStore(open(tempFolder()).database, { isInPlace: () => isInPlace });
  const create = { kind: "create", record: record(1, 0) } as const;
  await expect(store.commit([create])).rejects.toThrow(/removed or replaced/);
  isInPlace = true;
  await store.commit([create]);
  expect((await store.open()).sessions.length).toBe(1);
});

test("commits are durable: write-ahead log, synced in full", () => {
  const { database } = open(tempFolder());
  expect(database.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
  expect(database.prepare("PRAGMA synchronous").get()).toEqual({ synchronous: 2 });
});

test("a row that does not parse stops the start with a sentence", async () => {
  const { database } = open(tempFolder());
  const store = createSqliteStore(database);
  await store.commit([{ kind: "create", record: record(1, 0) }]);
  database.exec("INSERT INTO deleted VALUES ('no id')");
  await expect(store.open()).rejects.toThrow(/^The list of sessions is damaged/);
  database.exec("DELETE FROM deleted; UPDATE session SET summary = '{}'");
  await expect(store.open()).rejects.toThrow(/^The list of sessions is damaged/);
});

test("closing closes the database", async () => {
  const directory = tempFolder();
  const { database } = open(directory);
  await createSqliteStore(database).close();
  expect(database.isOpen).toBe(false);
  expect(existsSync(join(directory, DATABASE_FILE))).toBe(true);
  expect(new DatabaseSync(join(directory, DATABASE_FILE)).isOpen).toBe(true);
});
