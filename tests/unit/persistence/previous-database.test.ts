import "fake-indexeddb/auto";
import { beforeEach, expect, test } from "vitest";
import { DATABASE_NAME, PREVIOUS_DATABASE_NAMES } from "../../../src/persistence/keys.ts";
import { openStoredRecords, PROBE_LIMIT_MS } from "../../../src/persistence/open-store.ts";
import { carryOverWords, deletePreviousDatabases } from "../../../src/persistence/previous-database.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createFakePage, createRecordingReporter, resetIndexedDb, settle } from "./browser-fakes.ts";
import { rawKeys, readRaw, writeRaw } from "./raw-records.ts";

beforeEach(resetIndexedDb);

const [PREVIOUS = "", OLDEST = ""] = PREVIOUS_DATABASE_NAMES;
const ENTRY = { id: "0189", kind: "send", text: "not sent yet" };
const DRAFT = { text: "half a thought", atMs: 7 };

/** What a tab of the older build left. */
async function leaveWords(): Promise<void> {
  await writeRaw("outbox/0189", ENTRY, PREVIOUS);
  await writeRaw("draft/new", DRAFT, PREVIOUS);
  await writeRaw("quarantine/outbox/0188", "unreadable", PREVIOUS);
  await writeRaw("head/s", { kind: "kept" }, PREVIOUS);
  await writeRaw("transcript/s", { turns: [] }, PREVIOUS);
  await writeRaw("generation", 3, PREVIOUS);
}

function start(carryOver = carryOverWords) {
  const clock = createManualClock(1_000_000);
  const reporter = createRecordingReporter();
  const records = openStoredRecords({
    clock,
    page: createFakePage(),
    reporter,
    notify: () => undefined,
    carryOver: (target, guard) => carryOver(target, guard),
    forgetOlder: () => deletePreviousDatabases(),
  });
  return { clock, reporter, records };
}

const databases = async (): Promise<readonly string[]> =>
  (await indexedDB.databases()).map(({ name }) => name ?? "").sort();

test("what was not sent and what was being written is there after the update, before anything is read", async () => {
  await leaveWords();
  const { records } = start();
  const read = await records.read(["outbox/0189", "draft/new", "quarantine/outbox/0188", "head/s"]);
  expect(read).toEqual({ ok: true, value: [ENTRY, DRAFT, "unreadable", undefined] });
});

test("what was carried over is removed there, and the start that finds nothing deletes the database", async () => {
  await leaveWords();
  await start().records.read([]);
  expect(await rawKeys("", PREVIOUS)).toEqual(["generation"]);
  await start().records.read([]);
  expect(await databases()).toEqual([DATABASE_NAME]);
});

test("what was written two versions ago is there too, and the newest of three stays", async () => {
  await writeRaw("draft/new", { text: "oldest", atMs: 3 }, OLDEST);
  await writeRaw("outbox/0187", { ...ENTRY, id: "0187" }, OLDEST);
  await leaveWords();
  const { records } = start();
  const read = await records.read(["outbox/0189", "outbox/0187", "draft/new"]);
  expect(read).toEqual({ ok: true, value: [ENTRY, { ...ENTRY, id: "0187" }, DRAFT] });
  await start().records.read([]);
  expect(await databases()).toEqual([DATABASE_NAME]);
});

test("without an older database none is made", async () => {
  await start().records.read([]);
  expect(await databases()).toEqual([DATABASE_NAME]);
});

test("newer words of this version stay, older ones give way", async () => {
  await leaveWords();
  await writeRaw("draft/new", { text: "newer", atMs: 8 });
  await start().records.read([]);
  expect(await readRaw("draft/new")).toEqual({ text: "newer", atMs: 8 });
  await writeRaw("draft/new", { text: "newest", atMs: 9 }, PREVIOUS);
  await start().records.read([]);
  expect(await readRaw("draft/new")).toEqual({ text: "newest", atMs: 9 });
});

test.each([1, 2, 3])("interrupted at its transaction number %i it is safe to repeat", async (fatal) => {
  await leaveWords();
  let count = 0;
  // oxlint-disable-next-line typescript/unbound-method -- called on the database below
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function interrupted(...args: Parameters<typeof transaction>) {
    const begun = transaction.apply(this, args);
    // The first of all is the look whether the disk works.
    count += 1;
    if (count === fatal + 1) begun.abort();
    return begun;
  };
  try {
    await start().records.read([]);
  } finally {
    IDBDatabase.prototype.transaction = transaction;
  }
  await start().records.read([]);
  expect(await readRaw("outbox/0189")).toEqual(ENTRY);
  expect(await readRaw("draft/new")).toEqual(DRAFT);
  expect(await rawKeys("", PREVIOUS)).toEqual(["generation"]);
});

test("words that a tab of the older build writes meanwhile come with the next start", async () => {
  await leaveWords();
  await start().records.read([]);
  await writeRaw("outbox/0190", { ...ENTRY, id: "0190" }, PREVIOUS);
  await start().records.read([]);
  expect(await readRaw("outbox/0190")).toEqual({ ...ENTRY, id: "0190" });
});

test("an older database that hangs holds the start up for a bounded time, and is heard when it answers after all", async () => {
  await leaveWords();
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { clock, records, reporter } = start(async (...args) => {
    await gate;
    return carryOverWords(...args);
  });
  let heard = 0;
  records.onRecovered(() => {
    heard += 1;
  });
  const reading = records.read(["outbox/0189"]);
  await settle();
  clock.advance(PROBE_LIMIT_MS / 2);
  clock.advance(PROBE_LIMIT_MS / 2);
  expect(await reading).toEqual({ ok: true, value: [undefined] });
  expect(reporter.warnings).toHaveLength(1);
  release();
  await settle(() => heard > 0);
  expect(heard).toBe(1);
  expect(await records.read(["outbox/0189"])).toEqual({ ok: true, value: [ENTRY] });
});

test("an older database that can't be opened is left alone, and the start goes on", async () => {
  const { records, reporter } = start(() => Promise.reject(new DOMException("denied", "UnknownError")));
  expect(await records.read([])).toEqual({ ok: true, value: [] });
  expect(reporter.warnings).toHaveLength(1);
});

test("a wipe leaves nothing of the older version either", async () => {
  await leaveWords();
  const { records } = start(() => Promise.reject(new DOMException("denied", "UnknownError")));
  expect(await records.wipe()).toEqual({ ok: true, value: undefined });
  expect(await databases()).toEqual([DATABASE_NAME]);
});

test("a wipe is not held up by a tab that has the older database open", async () => {
  await leaveWords();
  const { records } = start(() => Promise.reject(new DOMException("denied", "UnknownError")));
  const opening = indexedDB.open(PREVIOUS);
  await new Promise((resolve) => opening.addEventListener("success", resolve));
  expect(await records.wipe()).toEqual({ ok: true, value: undefined });
  opening.result.close();
});
