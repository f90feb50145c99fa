import "fake-indexeddb/auto";
import * as fc from "fast-check";
import { createStore, type UseStore } from "idb-keyval";
import { beforeEach, expect, test } from "vitest";
import { DATABASE_NAME, OBJECT_STORE_NAME, recordKeys } from "../../../src/persistence/keys.ts";
import { OPERATION_LIMIT_MS, RECOVERY_PAUSE_MS } from "../../../src/persistence/open-store.ts";
import { createFakeTab, resetIndexedDb, settle } from "./browser-fakes.ts";
import { conversationAt, E1, E2, SID, storeOf, summary } from "./stored-samples.ts";

beforeEach(resetIndexedDb);

const rawStore = () => createStore(DATABASE_NAME, OBJECT_STORE_NAME);

function readRaw(key: string): Promise<unknown> {
  return rawStore()("readonly", (store) => {
    const request: IDBRequest<unknown> = store.get(key);
    return new Promise((resolve) => {
      request.addEventListener("success", () => resolve(request.result));
    });
  });
}

function writeRaw(key: string, value: unknown): Promise<void> {
  return rawStore()("readwrite", (store) => {
    store.put(value, key);
    return new Promise((resolve) => {
      store.transaction.addEventListener("complete", () => resolve());
    });
  });
}

/** Counts what is put under which kind of key. */
function counting(): { readonly connect: () => UseStore; readonly puts: string[] } {
  const puts: string[] = [];
  return {
    puts,
    connect: () => {
      const useStore = createStore(DATABASE_NAME, OBJECT_STORE_NAME);
      return (mode, callback) =>
        useStore(mode, (store) => {
          const put = store.put.bind(store);
          store.put = (value: unknown, key?: IDBValidKey) => {
            if (typeof key === "string") puts.push(key.split("/")[0] ?? key);
            return put(value, key);
          };
          return callback(store);
        });
    },
  };
}

test("a conversation comes back as it was saved, in another tab too", async () => {
  const stored = conversationAt(E1, 23);
  expect(await storeOf(createFakeTab()).save(SID, stored, E1)).toBe("written");
  expect(await storeOf(createFakeTab()).load(SID)).toEqual(stored);
});

test("nothing unfinished leaves no in-flight record behind", async () => {
  const store = storeOf(createFakeTab());
  await store.save(SID, conversationAt(E1, 19), E1);
  await store.save(SID, conversationAt(E1, 20), E1);
  expect((await store.load(SID))?.inflight).toBeUndefined();
  expect(await readRaw(recordKeys.inflight(SID))).toBeUndefined();
});

test("S3: a lower seq of the same epoch never overwrites a higher one, whichever tab writes", async () => {
  const [here, there] = [storeOf(createFakeTab()), storeOf(createFakeTab())];
  await here.save(SID, conversationAt(E1, 30), E1);
  expect(await there.save(SID, conversationAt(E1, 29), E1)).toBe("stale");
  expect(await there.load(SID)).toEqual(conversationAt(E1, 30));
});

test("S3: another epoch replaces only when this tab's latest hello named it", async () => {
  const store = storeOf(createFakeTab());
  await store.save(SID, conversationAt(E1, 30), E1);
  expect(await store.save(SID, conversationAt(E2, 99), E1)).toBe("stale");
  expect(await store.save(SID, conversationAt(E2, 3), E2)).toBe("written");
  expect(await store.load(SID)).toEqual(conversationAt(E2, 3));
});

test("S3: what a hanging disk kept in memory does not go over what another tab has saved meanwhile", async () => {
  let isHanging = false;
  const tab = createFakeTab({
    connect: () => {
      const useStore = createStore(DATABASE_NAME, OBJECT_STORE_NAME);
      return (mode, callback) => (isHanging ? new Promise(() => undefined) : useStore(mode, callback));
    },
  });
  const store = storeOf(tab);
  expect(await store.save(SID, conversationAt(E1, 3), E1)).toBe("written");
  isHanging = true;
  const late = store.save(SID, conversationAt(E1, 7), E1);
  await settle();
  // The limit is counted in two halves.
  tab.clock.advance(OPERATION_LIMIT_MS / 2);
  tab.clock.advance(OPERATION_LIMIT_MS / 2);
  expect(await late).toBe("unavailable");
  expect(await storeOf(createFakeTab()).save(SID, conversationAt(E1, 13), E1)).toBe("written");
  isHanging = false;
  tab.clock.advance(RECOVERY_PAUSE_MS);
  await tab.records.read([]);
  await settle(() => tab.notices.some(({ kind }) => kind === "recovered"));
  expect(tab.notices.map(({ kind }) => kind)).toEqual(["memory", "recovered"]);
  expect((await storeOf(createFakeTab()).load(SID))?.cursor).toEqual({ epoch: E1, seq: 13 });
});

test("S3: from several tabs in any order, text and cursor never part and never go back within an epoch", async () => {
  const save = fc.record({
    tab: fc.integer({ min: 0, max: 1 }),
    of: fc.constantFrom(E1, E1, E1, E2),
    seq: fc.integer({ min: 0, max: 45 }),
    /** Whether the next step waits for this one: else the two transactions race. */
    isAwaited: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(save, { maxLength: 14 }), async (saves) => {
      resetIndexedDb();
      const tabs = [storeOf(createFakeTab()), storeOf(createFakeTab())] as const;
      const reader = storeOf(createFakeTab());
      const running: Promise<unknown>[] = [];
      let last = { epoch: "", seq: -1 };
      for (const { tab, of, seq, isAwaited } of saves) {
        const saving = tabs[tab === 0 ? 0 : 1].save(SID, conversationAt(of, seq), of);
        running.push(saving);
        if (!isAwaited) continue;
        await saving;
        const found = await reader.load(SID);
        if (found === undefined) throw new Error("a saved conversation is gone");
        expect(found).toEqual(conversationAt(found.cursor.epoch, found.cursor.seq));
        if (found.cursor.epoch === last.epoch && !saves.some((other) => other.of === E2)) {
          expect(found.cursor.seq).toBeGreaterThanOrEqual(last.seq);
        }
        last = found.cursor;
      }
      await Promise.all(running);
      const found = await reader.load(SID);
      if (found !== undefined) expect(found).toEqual(conversationAt(found.cursor.epoch, found.cursor.seq));
      if (saves.length > 0 && saves.every((one) => one.of === E1)) {
        expect(found?.cursor.seq).toBe(Math.max(...saves.map((one) => one.seq)));
      }
    }),
    { numRuns: 60 },
  );
});

test("settled turns are written once, not with every token", async () => {
  const disk = counting();
  const store = storeOf(createFakeTab({ connect: disk.connect }));
  await store.save(SID, conversationAt(E1, 21), E1);
  disk.puts.length = 0;
  await store.save(SID, conversationAt(E1, 22), E1);
  await store.save(SID, conversationAt(E1, 23), E1);
  expect(disk.puts).toEqual(["head", "inflight", "head", "inflight"]);
  disk.puts.length = 0;
  await store.save(SID, conversationAt(E1, 30), E1);
  expect(disk.puts).toEqual(["head", "transcript"]);
});

test("settled turns are written again after another tab has written its own", async () => {
  const [here, there] = [storeOf(createFakeTab()), storeOf(createFakeTab())];
  await here.save(SID, conversationAt(E1, 21), E1);
  await there.save(SID, conversationAt(E2, 3), E2);
  expect(await here.save(SID, conversationAt(E1, 22), E1)).toBe("written");
  expect(await there.load(SID)).toEqual(conversationAt(E1, 22));
});

test("after a deletion late writes of any tab are refused", async () => {
  const [here, there] = [storeOf(createFakeTab()), storeOf(createFakeTab())];
  await here.save(SID, conversationAt(E1, 21), E1);
  await there.remove(SID);
  expect(await here.save(SID, conversationAt(E1, 22), E1)).toBe("deleted");
  expect(await here.save(SID, conversationAt(E2, 22), E2)).toBe("deleted");
  expect(await here.load(SID)).toBeUndefined();
  expect(await readRaw(recordKeys.transcript(SID))).toBeUndefined();
  expect(await readRaw(recordKeys.inflight(SID))).toBeUndefined();
});

test.each([
  ["head", recordKeys.head(SID), { kind: "kept", version: 1, epoch: "E?", seq: "x" }],
  ["transcript", recordKeys.transcript(SID), "garbage"],
  ["in-flight", recordKeys.inflight(SID), { turns: 3 }],
  ["head of another version", recordKeys.head(SID), { kind: "kept", version: 99 }],
])("a corrupt %s is set aside, reported and treated as absent", async (_, key, garbage) => {
  const tab = createFakeTab();
  const store = storeOf(tab);
  await store.save(SID, conversationAt(E1, 23), E1);
  await writeRaw(key, garbage);
  expect(await store.load(SID)).toBeUndefined();
  expect(tab.reporter.warnings).toHaveLength(1);
  expect(await readRaw(recordKeys.quarantine(key))).toEqual(garbage);
  expect(await readRaw(key)).toBeUndefined();
  expect(await store.load(SID)).toBeUndefined();
  expect(tab.reporter.warnings).toHaveLength(1);
  // A tab that had written the transcript before writes it again.
  expect(await store.save(SID, conversationAt(E1, 24), E1)).toBe("written");
  expect(await store.load(SID)).toEqual(conversationAt(E1, 24));
});

test("an in-flight record of another moment than its head is not believed", async () => {
  const tab = createFakeTab();
  const store = storeOf(tab);
  await store.save(SID, conversationAt(E1, 23), E1);
  const older = await readRaw(recordKeys.inflight(SID));
  await store.save(SID, conversationAt(E1, 25), E1);
  await writeRaw(recordKeys.inflight(SID), older);
  expect(await store.load(SID)).toBeUndefined();
  expect(tab.reporter.warnings).toHaveLength(1);
});

test("a corrupt head is set aside by the write that replaces it", async () => {
  const store = storeOf(createFakeTab());
  await writeRaw(recordKeys.head(SID), 42);
  expect(await store.save(SID, conversationAt(E1, 3), E1)).toBe("written");
  expect(await readRaw(recordKeys.quarantine(recordKeys.head(SID)))).toBe(42);
});

test("without a disk a save says that nothing is kept", async () => {
  const tab = createFakeTab({
    connect: () => () => Promise.reject(new DOMException("denied", "SecurityError")),
  });
  const store = storeOf(tab);
  expect(await store.save(SID, conversationAt(E1, 3), E1)).toBe("unavailable");
  expect(await store.load(SID)).toBeUndefined();
  await store.remove(SID);
  expect(tab.notices.map((notice) => notice.kind)).toEqual(["memory"]);
});

test("a full disk makes a save unavailable and tells the person", async () => {
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
  const store = storeOf(tab);
  await store.save(SID, conversationAt(E1, 21), E1);
  isFull = true;
  expect(await store.save(SID, conversationAt(E1, 22), E1)).toBe("unavailable");
  expect(tab.notices.map((notice) => notice.kind)).toEqual(["full"]);
  expect(await store.load(SID)).toEqual(conversationAt(E1, 21));
});

test("the list of sessions is there for a start without a network", async () => {
  await storeOf(createFakeTab()).saveList([summary(1), summary(2)]);
  expect(await storeOf(createFakeTab()).loadList()).toEqual([summary(1), summary(2)]);
});

test("a corrupt list is set aside and treated as empty", async () => {
  const tab = createFakeTab();
  await writeRaw(recordKeys.list, { version: 1, sessions: [{ id: "?" }] });
  expect(await storeOf(tab).loadList()).toEqual([]);
  expect(await readRaw(recordKeys.quarantine(recordKeys.list))).toBeDefined();
  expect(tab.reporter.warnings).toHaveLength(1);
});
