import "fake-indexeddb/auto";
import { createStore, type UseStore } from "idb-keyval";
import { beforeEach, expect, test } from "vitest";
import { DATABASE_NAME, OBJECT_STORE_NAME, recordKeys } from "../../../src/persistence/keys.ts";
import { OPERATION_LIMIT_MS, RECOVERY_PAUSE_MS } from "../../../src/persistence/open-store.ts";
import { createFakeTab, resetIndexedDb, settle } from "./browser-fakes.ts";
import { ROUND } from "./model-log.ts";
import type { ModelTab } from "./model-tab.ts";
import { rawKeys, rawStore, readRaw, writeRaw } from "./raw-records.ts";
import { ALL_REFERRING, E1, E2, modelOf, SID, storeOf, summary } from "./stored-samples.ts";
import { expectNoOrphans, expectTruth } from "./stored-truth.ts";

beforeEach(resetIndexedDb);

/** Notes what is put, and how much text there is in it. */
function counting() {
  const puts: { readonly kind: string; readonly chars: number }[] = [];
  const connect = (): UseStore => {
    const useStore = createStore(DATABASE_NAME, OBJECT_STORE_NAME);
    return (mode, callback) =>
      useStore(mode, (store) => {
        for (const name of ["put", "add"] as const) {
          const write = store[name].bind(store);
          store[name] = (value: unknown, key?: IDBValidKey) => {
            if (typeof key === "string")
              puts.push({ kind: key.split("/")[0] ?? key, chars: JSON.stringify(value).length });
            return write(value, key);
          };
        }
        return callback(store);
      });
  };
  return { puts, connect };
}

test("a conversation comes back as it was saved, in another tab too", async () => {
  const here = modelOf(createFakeTab());
  here.fold(ROUND + 11);
  expect(await here.save()).toBe("written");
  const stored = await storeOf(createFakeTab()).load(SID);
  expect(stored?.cursor).toEqual({ epoch: E1, seq: ROUND + 11 });
  if (stored !== undefined) expectTruth(stored);
  expect(stored?.transcript).toMatchObject({ session: summary(), hasMore: false });
  expect(stored?.inflight).toMatchObject({ reattach: true, startedAtMs: 5 });
});

test("a save writes what is new, however much there is", async () => {
  const disk = counting();
  const tab = modelOf(createFakeTab({ connect: disk.connect }));
  tab.fold(40 * ROUND + 3);
  await tab.save();
  await tab.save();
  disk.puts.length = 0;
  for (let step = 1; step <= 3; step += 1) {
    tab.fold(40 * ROUND + 3 + step);
    await tab.save();
  }
  expect(disk.puts.map((put) => put.kind)).toEqual(["chunk", "head", "chunk", "head", "chunk"]);
  for (const put of disk.puts) expect(put.chars).toBeLessThan(600);
});

/** Text alone comes from here on, for two events. */
const TEXT_ONLY = 2 * ROUND + 9;

test("where text has come and nothing else, a save writes one record", async () => {
  const disk = counting();
  const tab = modelOf(createFakeTab({ connect: disk.connect }));
  tab.fold(TEXT_ONLY);
  await tab.save();
  disk.puts.length = 0;
  for (const seq of [TEXT_ONLY + 1, TEXT_ONLY + 2]) {
    tab.fold(seq);
    expect(await tab.save()).toBe("written");
  }
  expect(disk.puts.map((put) => put.kind)).toEqual(["chunk", "chunk"]);
  const stored = await storeOf(createFakeTab()).load(SID);
  expect(stored?.cursor.seq).toBe(TEXT_ONLY + 2);
  if (stored !== undefined) expectTruth(stored);
});

test.each([
  ["added text of its own", (there: ModelTab) => there.fold(TEXT_ONLY + 2)],
  ["gone on to another epoch", (there: ModelTab) => there.jump(E2, TEXT_ONLY)],
  ["gone on to where more than text has changed", (there: ModelTab) => there.fold(TEXT_ONLY + 30)],
])("S3: text goes behind nothing that this tab doesn't know: another one has %s", async (_, go) => {
  const [here, there] = [modelOf(createFakeTab()), modelOf(createFakeTab())];
  for (const tab of [here, there]) {
    tab.fold(TEXT_ONLY);
    await tab.save();
  }
  // Now this one knows what the disk has.
  await here.save();
  go(there);
  await there.save();
  const before = await there.store.load(SID);
  here.fold(TEXT_ONLY + 1);
  expect(await here.save(false)).toBe("stale");
  expect(await there.store.load(SID)).toEqual(before);
  await expectNoOrphans();
});

test("S3: text goes behind nothing that was removed since, by a deletion, a wipe or the browser itself", async () => {
  for (const how of ["deleted", "wiped", "evicted"] as const) {
    resetIndexedDb();
    const [here, there] = [createFakeTab(), createFakeTab()];
    const tab = modelOf(here);
    tab.fold(TEXT_ONLY);
    await tab.save();
    if (how === "deleted") await storeOf(there).remove(SID);
    if (how === "wiped") await there.records.wipe();
    if (how === "evicted") for (const key of await rawKeys()) await writeRaw(key, undefined);
    tab.fold(TEXT_ONLY + 1);
    expect(await tab.save()).toBe({ deleted: "deleted", wiped: "unavailable", evicted: "written" }[how]);
    if (how !== "evicted") expect(await rawKeys("chunk/")).toEqual([]);
    const stored = await storeOf(createFakeTab()).load(SID);
    expect(stored === undefined).toBe(how !== "evicted");
    if (stored !== undefined) expectTruth(stored);
    await expectNoOrphans();
  }
});

test("text of a save that was given up and came to the disk after all is not written twice", async () => {
  let isLate = false;
  const tab = createFakeTab({
    connect: () => {
      const useStore = createStore(DATABASE_NAME, OBJECT_STORE_NAME);
      return async (mode, callback) => {
        const value = await useStore(mode, callback);
        return isLate ? new Promise<typeof value>(() => undefined) : value;
      };
    },
  });
  const model = modelOf(tab);
  model.fold(TEXT_ONLY);
  await model.save();
  isLate = true;
  model.fold(TEXT_ONLY + 1);
  const late = model.save();
  await settle();
  tab.clock.advance(OPERATION_LIMIT_MS / 2);
  tab.clock.advance(OPERATION_LIMIT_MS / 2);
  expect(await late).toBe("unavailable");
  isLate = false;
  tab.clock.advance(RECOVERY_PAUSE_MS);
  await tab.records.read([]);
  await settle(() => tab.notices.some(({ kind }) => kind === "recovered"));
  model.fold(TEXT_ONLY + 2);
  expect(await model.save()).toBe("written");
  expect(await rawKeys("chunk/")).toHaveLength(3);
  const stored = await storeOf(createFakeTab()).load(SID);
  if (stored === undefined) throw new Error("it is gone");
  expectTruth(stored);
});

test("a long turn that settles is not written again: its text stays where it came", async () => {
  const disk = counting();
  const tab = modelOf(createFakeTab({ connect: disk.connect }), ALL_REFERRING);
  tab.fold(5);
  await tab.save();
  const run = await rawKeys("chunk/");
  tab.fold(12);
  await tab.save();
  disk.puts.length = 0;
  tab.fold(18);
  await tab.save();
  expect(disk.puts.map((put) => put.kind)).toEqual(["turn", "turn", "chunk", "chunk", "head"]);
  expect(await rawKeys("chunk/")).toEqual(expect.arrayContaining([...run]));
  for (const seq of [30, 31, 4 * ROUND]) {
    tab.fold(seq);
    await tab.save();
    const stored = await storeOf(createFakeTab()).load(SID);
    if (stored === undefined) throw new Error("it is gone");
    expectTruth(stored);
    await expectNoOrphans();
  }
  tab.jump(E2, 3);
  await tab.save();
  await expectNoOrphans();
});

test("a turn that settles is written once, and none of the others with it", async () => {
  const disk = counting();
  const tab = modelOf(createFakeTab({ connect: disk.connect }));
  tab.fold(20 * ROUND + 16);
  await tab.save();
  disk.puts.length = 0;
  tab.fold(20 * ROUND + 17);
  await tab.save();
  // With the first turn of the round the second settles, which had ended behind it; the third waits on.
  expect(disk.puts.map((put) => put.kind)).toEqual(["turn", "turn", "chunk", "head"]);
  disk.puts.length = 0;
  tab.fold(22 * ROUND);
  await tab.save();
  expect(disk.puts.map((put) => put.kind)).toEqual(["turn", "turn", "turn", "head"]);
  expect((await storeOf(createFakeTab()).load(SID))?.cursor.seq).toBe(22 * ROUND);
});

test("S3: turns that came by pages are in no run, and are written themselves", async () => {
  const tab = modelOf(createFakeTab(), ALL_REFERRING);
  tab.jump(E1, 3 * ROUND + 5, 1);
  await tab.save();
  expect(await rawKeys("turn/")).toEqual([]);
  tab.page(3);
  await tab.save();
  expect(await rawKeys("turn/")).toHaveLength(3);
  const stored = await storeOf(createFakeTab()).load(SID);
  if (stored === undefined) throw new Error("it is gone");
  expectTruth(stored);
});

test("nothing unfinished leaves no chunk behind", async () => {
  const tab = modelOf(createFakeTab());
  tab.fold(ROUND * 2 - 1);
  await tab.save();
  expect(await rawKeys("chunk/")).not.toEqual([]);
  tab.fold(ROUND * 2);
  await tab.save();
  expect(await rawKeys("chunk/")).toEqual([]);
  expect((await tab.store.load(SID))?.inflight).toBeUndefined();
});

test("what settles while others go on leaves the run, once it is most of it", async () => {
  const tab = modelOf(createFakeTab());
  tab.fold(5);
  await tab.save();
  for (let seq = 6; seq <= 60 * ROUND; seq += 1) {
    tab.fold(seq);
    if (seq % 5 === 0) await tab.save();
  }
  tab.fold(60 * ROUND + 9);
  await tab.save();
  await expectNoOrphans();
  const stored = await storeOf(createFakeTab()).load(SID);
  if (stored === undefined) throw new Error("it is gone");
  expectTruth(stored);
});

test("S3: a lower seq of the same epoch never overwrites a higher one, whichever tab writes", async () => {
  const [here, there] = [modelOf(createFakeTab()), modelOf(createFakeTab())];
  here.fold(30);
  there.fold(29);
  await here.save();
  expect(await there.save()).toBe("stale");
  expect((await there.store.load(SID))?.cursor.seq).toBe(30);
});

test("S3: another epoch replaces only when this tab's latest hello named it", async () => {
  const [here, there] = [modelOf(createFakeTab()), modelOf(createFakeTab())];
  here.fold(30);
  await here.save();
  there.jump(E2, 99);
  expect(await there.save(false)).toBe("stale");
  there.jump(E2, 5);
  expect(await there.save()).toBe("written");
  const stored = await here.store.load(SID);
  expect(stored?.cursor).toEqual({ epoch: E2, seq: 5 });
  if (stored !== undefined) expectTruth(stored);
  await expectNoOrphans();
});

test("S3: two tabs that save by turns go on with one run, and none writes again what the other has written", async () => {
  const disk = counting();
  const here = modelOf(createFakeTab({ connect: disk.connect }));
  const there = modelOf(createFakeTab({ connect: disk.connect }));
  here.fold(3);
  await here.save();
  there.fold(3);
  await there.save();
  const run = await rawKeys("chunk/");
  disk.puts.length = 0;
  for (let seq = 4; seq < ROUND - 6; seq += 1) {
    here.fold(seq);
    there.fold(seq + 1, 2, 3);
    expect(await here.save()).toMatch(/written|stale/);
    expect(await there.save()).toBe("written");
  }
  expect(await rawKeys("chunk/")).toEqual(expect.arrayContaining([...run]));
  expect(disk.puts.every((put) => put.kind === "head" || put.chars < 700)).toBe(true);
  const stored = await storeOf(createFakeTab()).load(SID);
  if (stored === undefined) throw new Error("it is gone");
  expectTruth(stored);
  await expectNoOrphans();
});

test("a merged frame that repeats settled turns does not bring them back among what is unfinished", async () => {
  const tab = modelOf(createFakeTab());
  tab.fold(ROUND);
  await tab.save();
  expect(await rawKeys("chunk/")).toHaveLength(1);
  tab.fold(ROUND + 2, 2, ROUND);
  await tab.save();
  expect(await rawKeys("chunk/")).toHaveLength(2);
  const stored = await storeOf(createFakeTab()).load(SID);
  if (stored === undefined) throw new Error("it is gone");
  expectTruth(stored);
});

test("text that grew while the disk was emptied is not taken for all there is", async () => {
  const tab = modelOf(createFakeTab());
  tab.fold(5);
  await tab.save();
  const other = modelOf(createFakeTab());
  other.fold(3);
  for (const key of await rawKeys()) await writeRaw(key, undefined);
  await other.save();
  tab.fold(6);
  await tab.save();
  const stored = await storeOf(createFakeTab()).load(SID);
  if (stored === undefined) throw new Error("it is gone");
  expectTruth(stored);
});

test("S3: what a hanging disk kept in memory does not go over what another tab has saved meanwhile", async () => {
  let isHanging = false;
  const tab = createFakeTab({
    connect: () => {
      const useStore = createStore(DATABASE_NAME, OBJECT_STORE_NAME);
      return (mode, callback) => (isHanging ? new Promise(() => undefined) : useStore(mode, callback));
    },
  });
  const here = modelOf(tab);
  here.fold(3);
  expect(await here.save()).toBe("written");
  isHanging = true;
  here.fold(7);
  const late = here.save();
  await settle();
  // The limit is counted in two halves.
  tab.clock.advance(OPERATION_LIMIT_MS / 2);
  tab.clock.advance(OPERATION_LIMIT_MS / 2);
  expect(await late).toBe("unavailable");
  const there = modelOf(createFakeTab());
  there.fold(13);
  expect(await there.save()).toBe("written");
  isHanging = false;
  tab.clock.advance(RECOVERY_PAUSE_MS);
  await tab.records.read([]);
  await settle(() => tab.notices.some(({ kind }) => kind === "recovered"));
  expect(tab.notices.map(({ kind }) => kind)).toEqual(["memory", "recovered"]);
  expect((await storeOf(createFakeTab()).load(SID))?.cursor).toEqual({ epoch: E1, seq: 13 });
});

test("after a deletion late writes of any tab are refused, and no piece is left", async () => {
  const [here, there] = [modelOf(createFakeTab()), modelOf(createFakeTab())];
  here.fold(3 * ROUND + 7);
  await here.save();
  await there.store.remove(SID);
  here.fold(3 * ROUND + 8);
  expect(await here.save()).toBe("deleted");
  here.jump(E2, 22);
  expect(await here.save()).toBe("deleted");
  expect(await here.store.load(SID)).toBeUndefined();
  expect([...(await rawKeys("turn/")), ...(await rawKeys("chunk/"))]).toEqual([]);
});

const firstKey = async (prefix: string): Promise<string> => (await rawKeys(prefix)).at(0) ?? "none";
const lastKey = async (prefix: string): Promise<string> => (await rawKeys(prefix)).at(-1) ?? "none";

test.each([
  ["head", () => recordKeys.head(SID), { kind: "kept", version: 2, epoch: "E?", seq: "x" }],
  ["head of another version", () => recordKeys.head(SID), { kind: "kept", version: 99 }],
  ["settled turn", () => lastKey("turn/"), "garbage"],
  ["beginning of a run", () => firstKey("chunk/"), { turns: 3 }],
  ["last chunk", () => lastKey("chunk/"), 42],
])("a corrupt %s is set aside, reported and treated as absent", async (_, find, garbage) => {
  const tab = createFakeTab();
  const model = modelOf(tab);
  model.fold(2 * ROUND + 6);
  await model.save();
  model.fold(2 * ROUND + 8);
  await model.save();
  const key = await find();
  await writeRaw(key, garbage);
  expect(await model.store.load(SID)).toBeUndefined();
  expect(tab.reporter.warnings).toHaveLength(1);
  expect(await readRaw(recordKeys.quarantine(key))).toEqual(garbage);
  expect(await readRaw(key)).toBeUndefined();
  await expectNoOrphans();
  expect(await model.store.load(SID)).toBeUndefined();
  expect(tab.reporter.warnings).toHaveLength(1);
  model.fold(2 * ROUND + 9);
  expect(await model.save()).toBe("written");
  const stored = await model.store.load(SID);
  expect(stored?.cursor.seq).toBe(2 * ROUND + 9);
  if (stored !== undefined) expectTruth(stored);
});

test.each([
  ["a missing chunk", 1, 8],
  ["the last chunk missing that the head counts", 2, 8],
  ["one missing before others that the head does not count", 2, 11],
])("S3: %s is not passed over", async (_, number, upTo) => {
  const tab = createFakeTab();
  const model = modelOf(tab);
  for (const seq of [3, 6, 8, 9, 10, 11].filter((at) => at <= upTo)) {
    model.fold(seq);
    await model.save();
  }
  await writeRaw((await rawKeys("chunk/"))[number] ?? "none", undefined);
  expect(await model.store.load(SID)).toBeUndefined();
  expect(tab.reporter.warnings).toHaveLength(1);
});

test("S3: without the last chunk, which the head does not count, text and cursor are those of the one before", async () => {
  const tab = modelOf(createFakeTab());
  for (const seq of [TEXT_ONLY, TEXT_ONLY + 1, TEXT_ONLY + 2]) {
    tab.fold(seq);
    await tab.save();
  }
  await writeRaw(await lastKey("chunk/"), undefined);
  const stored = await storeOf(createFakeTab()).load(SID);
  expect(stored?.cursor.seq).toBe(TEXT_ONLY + 1);
  if (stored !== undefined) expectTruth(stored);
});

test("a chunk of another run in the place of one's own is not believed", async () => {
  const tab = createFakeTab();
  const model = modelOf(tab);
  for (const seq of [3, 6]) {
    model.fold(seq);
    await model.save();
  }
  const key = await lastKey("chunk/");
  const chunk = await readRaw(key);
  await writeRaw(key, { ...(chunk as object), run: "another" });
  expect(await model.store.load(SID)).toBeUndefined();
  expect(tab.reporter.warnings).toHaveLength(1);
});

test("a corrupt head is set aside by the write that replaces it", async () => {
  const tab = modelOf(createFakeTab());
  await writeRaw(recordKeys.head(SID), 42);
  tab.fold(3);
  expect(await tab.save()).toBe("written");
  expect(await readRaw(recordKeys.quarantine(recordKeys.head(SID)))).toBe(42);
});

test("without a disk a save says that nothing is kept", async () => {
  const tab = createFakeTab({
    connect: () => () => Promise.reject(new DOMException("denied", "SecurityError")),
  });
  const model = modelOf(tab);
  model.fold(3);
  expect(await model.save()).toBe("unavailable");
  expect(await model.store.load(SID)).toBeUndefined();
  await model.store.remove(SID);
  expect(tab.notices.map((notice) => notice.kind)).toEqual(["memory"]);
});

test("a full disk makes a save unavailable and tells the person; when there is space again nothing is missing", async () => {
  let isFull = false;
  const tab = createFakeTab({
    connect: () => {
      const store = rawStore();
      return (mode, callback) =>
        isFull && mode === "readwrite"
          ? Promise.reject(new DOMException("no space", "QuotaExceededError"))
          : store(mode, callback);
    },
  });
  const model = modelOf(tab);
  model.fold(2);
  await model.save();
  isFull = true;
  model.fold(7);
  expect(await model.save()).toBe("unavailable");
  expect(tab.notices.map((notice) => notice.kind)).toEqual(["full"]);
  expect((await model.store.load(SID))?.cursor.seq).toBe(2);
  isFull = false;
  model.fold(9);
  expect(await model.save()).toBe("written");
  const stored = await model.store.load(SID);
  if (stored !== undefined) expectTruth(stored);
  expect(stored?.cursor.seq).toBe(9);
});

test("the list of sessions is there for a start without a network", async () => {
  await storeOf(createFakeTab()).saveList([summary(1), summary(2)]);
  expect(await storeOf(createFakeTab()).loadList()).toEqual([summary(1), summary(2)]);
});

test("a corrupt list is set aside and treated as empty", async () => {
  const tab = createFakeTab();
  await writeRaw(recordKeys.list, { version: 2, sessions: [{ id: "?" }] });
  expect(await storeOf(tab).loadList()).toEqual([]);
  expect(await readRaw(recordKeys.quarantine(recordKeys.list))).toBeDefined();
  expect(tab.reporter.warnings).toHaveLength(1);
});
