import "fake-indexeddb/auto";
import { createStore, type UseStore } from "idb-keyval";
import { beforeEach, expect, test } from "vitest";
import { createStoreOn } from "../../../src/persistence/borrowed-store.ts";
import { DATABASE_NAME, OBJECT_STORE_NAME } from "../../../src/persistence/keys.ts";
import {
  OPERATION_LIMIT_MS,
  PROBE_LIMIT_MS,
  RECOVERY_PAUSE_MS,
} from "../../../src/persistence/open-store.ts";
import { createFakeTab, resetIndexedDb, settle, type FakeTab } from "./browser-fakes.ts";

beforeEach(resetIndexedDb);

const put = (tab: FakeTab, key: string, value: unknown) =>
  tab.records.update([], () => ({ answer: "done", put: new Map([[key, value]]) }));
const get = async (tab: FakeTab, key: string): Promise<unknown> => {
  const values = await tab.records.read([key]);
  return values.ok ? values.value[0] : values.error.kind;
};

/** A store function whose open never answers until it is let go of. */
function hanging(): { connect: () => UseStore; release(): void; calls: () => number } {
  let release: () => void = () => undefined;
  let calls = 0;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  return {
    release: () => release(),
    calls: () => calls,
    connect: () => {
      calls += 1;
      const store = createStore(DATABASE_NAME, OBJECT_STORE_NAME);
      return async (mode, callback) => {
        await gate;
        return store(mode, callback);
      };
    },
  };
}

/** Waits out a limit that is counted in two halves. */
function passLimit(tab: FakeTab, limitMs: number): void {
  tab.clock.advance(limitMs / 2);
  tab.clock.advance(limitMs / 2);
}

test("what is put is there for another tab and after a reload", async () => {
  await put(createFakeTab(), "a", { text: "hello" });
  expect(await get(createFakeTab(), "a")).toEqual({ text: "hello" });
});

test("a prefix reads its own records only, in order", async () => {
  const tab = createFakeTab();
  await tab.records.update([], () => ({
    answer: undefined,
    put: new Map([
      ["b/2", 2],
      ["a/1", 0],
      ["b/1", 1],
      ["c/1", 3],
    ]),
  }));
  const found = await tab.records.readPrefix("b/");
  expect(found.ok && [...found.value]).toEqual([
    ["b/1", 1],
    ["b/2", 2],
  ]);
});

test("half of an update is never kept", async () => {
  const tab = createFakeTab();
  const saved = await tab.records.update([], () => ({
    answer: undefined,
    put: new Map<string, unknown>([
      ["first", 1],
      ["second", () => "functions can't be cloned"],
    ]),
  }));
  expect(saved).toMatchObject({ ok: false, error: { kind: "failed" } });
  expect(await get(tab, "first")).toBeUndefined();
  expect(tab.reporter.warnings).toHaveLength(1);
  expect(tab.notices).toEqual([]);
});

test("a missing IndexedDB leaves the app with memory, and the person told once", async () => {
  const tab = createFakeTab({
    connect: () => () => {
      throw new TypeError("indexedDB is not defined");
    },
  });
  expect(await put(tab, "a", 1)).toEqual({ ok: true, value: "done" });
  expect(await get(tab, "a")).toBe(1);
  expect(await tab.records.isInMemory()).toBe(true);
  expect(tab.notices.map((notice) => notice.kind)).toEqual(["memory"]);
});

test("an open that hangs gives way to memory within two seconds", async () => {
  const disk = hanging();
  const tab = createFakeTab({ connect: disk.connect });
  const answer = put(tab, "a", 1);
  await settle(() => false, 5);
  expect(tab.notices).toEqual([]);
  passLimit(tab, PROBE_LIMIT_MS);
  expect(await answer).toEqual({ ok: true, value: "done" });
  expect(await tab.records.isInMemory()).toBe(true);
  expect(tab.notices.map((notice) => notice.kind)).toEqual(["memory"]);
});

test("an open that answers late brings the disk back, with what was kept meanwhile", async () => {
  const disk = hanging();
  const tab = createFakeTab({ connect: disk.connect });
  let isRecovered = false;
  tab.records.onRecovered(() => {
    isRecovered = true;
  });
  const answer = put(tab, "a", 1);
  passLimit(tab, PROBE_LIMIT_MS);
  await answer;
  disk.release();
  await settle(() => isRecovered);
  expect(tab.notices.map((notice) => notice.kind)).toEqual(["memory", "recovered"]);
  expect(await tab.records.isInMemory()).toBe(false);
  expect(await get(createFakeTab(), "a")).toBe(1);
});

test("a disk that failed is tried again when something is stored, at most every 15 s", async () => {
  let isBroken = true;
  let connections = 0;
  const tab = createFakeTab({
    connect: () => {
      connections += 1;
      const store = createStore(DATABASE_NAME, OBJECT_STORE_NAME);
      return (mode, callback) =>
        isBroken ? Promise.reject(new DOMException("lost", "UnknownError")) : store(mode, callback);
    },
  });
  await put(tab, "a", 1);
  await put(tab, "b", 2);
  expect(connections).toBe(1);
  isBroken = false;
  tab.clock.advance(RECOVERY_PAUSE_MS);
  await put(tab, "c", 3);
  await settle(() => tab.notices.length === 2);
  expect(connections).toBe(2);
  expect(tab.notices.map((notice) => notice.kind)).toEqual(["memory", "recovered"]);
  const other = createFakeTab();
  expect([await get(other, "a"), await get(other, "b"), await get(other, "c")]).toEqual([1, 2, 3]);
});

test("a connection closed under us is opened again once, and nobody notices", async () => {
  let connections = 0;
  let isLost = false;
  const tab = createFakeTab({
    connect: () => {
      connections += 1;
      const own = connections;
      const store = createStore(DATABASE_NAME, OBJECT_STORE_NAME);
      return (mode, callback) =>
        isLost && own === 1
          ? Promise.reject(new DOMException("The database connection is closing.", "InvalidStateError"))
          : store(mode, callback);
    },
  });
  await put(tab, "a", 1);
  isLost = true;
  const answers = await Promise.all([put(tab, "b", 2), put(tab, "c", 3), put(tab, "d", 4)]);
  expect(answers.every((answer) => answer.ok)).toBe(true);
  expect(connections).toBe(2);
  expect(tab.notices).toEqual([]);
  expect(await get(createFakeTab(), "d")).toBe(4);
});

test("where opening again does not help, a connection by another way goes on with the same records", async () => {
  let isLost = false;
  const tab = createFakeTab({
    connect: () => {
      const store = createStore(DATABASE_NAME, OBJECT_STORE_NAME);
      return (mode, callback) =>
        isLost
          ? Promise.reject(new DOMException("Connection to Indexed Database server lost.", "UnknownError"))
          : store(mode, callback);
    },
    connectElsewhere: () => createStoreOn(indexedDB),
  });
  await put(tab, "a", 1);
  isLost = true;
  expect(await Promise.all([get(tab, "a"), put(tab, "b", 2)])).toEqual([1, { ok: true, value: "done" }]);
  expect(await get(createFakeTab(), "b")).toBe(2);
  expect(tab.notices).toEqual([]);
});

test("a connection that stays lost after reopening gives way to memory", async () => {
  let connections = 0;
  let isLost = false;
  const tab = createFakeTab({
    connect: () => {
      connections += 1;
      const store = createStore(DATABASE_NAME, OBJECT_STORE_NAME);
      return (mode, callback) =>
        isLost
          ? Promise.reject(new DOMException("Connection to Indexed Database server lost.", "UnknownError"))
          : store(mode, callback);
    },
  });
  await put(tab, "a", 1);
  isLost = true;
  expect(await put(tab, "b", 2)).toEqual({ ok: true, value: "done" });
  expect(connections).toBe(2);
  expect(tab.notices.map((notice) => notice.kind)).toEqual(["memory"]);
});

test("a transaction that hangs gives way to memory within its bound", async () => {
  let isHung = false;
  const tab = createFakeTab({
    connect: () => {
      const store = createStore(DATABASE_NAME, OBJECT_STORE_NAME);
      return (mode, callback) => (isHung ? new Promise(() => undefined) : store(mode, callback));
    },
  });
  await put(tab, "a", 1);
  isHung = true;
  const answer = put(tab, "b", 2);
  await settle(() => false, 5);
  passLimit(tab, OPERATION_LIMIT_MS);
  expect(await answer).toEqual({ ok: true, value: "done" });
  expect(await tab.records.isInMemory()).toBe(true);
});

test("a full disk refuses the record, keeps the old one and tells the person once", async () => {
  let isFull = false;
  const tab = createFakeTab({
    connect: () => {
      const store = createStore(DATABASE_NAME, OBJECT_STORE_NAME);
      return (mode, callback) =>
        isFull && mode === "readwrite"
          ? Promise.reject(new DOMException("no space", "QuotaExceededError"))
          : store(mode, callback);
    },
  });
  await put(tab, "a", 1);
  isFull = true;
  expect(await put(tab, "a", 2)).toMatchObject({ ok: false, error: { kind: "full" } });
  expect(await get(tab, "a")).toBe(1);
  expect(await put(tab, "a", 3)).toMatchObject({ ok: false, error: { kind: "full" } });
  expect(tab.notices.map((notice) => notice.kind)).toEqual(["full"]);
  expect(await get(createFakeTab(), "a")).toBe(1);
});

test("no write begins while the page is being left, and writes go on when it returns", async () => {
  const tab = createFakeTab();
  await put(tab, "a", 1);
  tab.page.fire("pagehide");
  expect(await put(tab, "a", 2)).toMatchObject({ ok: false, error: { kind: "leaving" } });
  expect(await get(tab, "a")).toBe(1);
  tab.page.fire("restored");
  expect(await put(tab, "a", 3)).toEqual({ ok: true, value: "done" });
  expect(tab.notices).toEqual([]);
});

test("a write in flight is aborted when the page is left", async () => {
  const tab = createFakeTab();
  await put(tab, "a", 1);
  const answer = tab.records.update(["a"], () => {
    tab.page.fire("pagehide");
    return { answer: undefined, put: new Map([["a", 2]]) };
  });
  expect(await answer).toMatchObject({ ok: false, error: { kind: "leaving" } });
  tab.page.fire("restored");
  expect(await get(tab, "a")).toBe(1);
});

test("after a wipe no tab that was open reads or writes anything, until it is loaded anew", async () => {
  const [here, there] = [createFakeTab(), createFakeTab()];
  await put(there, "a", 1);
  await put(here, "b", 1);
  expect(await here.records.wipe()).toEqual({ ok: true, value: undefined });
  expect(await put(there, "a", 2)).toMatchObject({ ok: false, error: { kind: "wiped" } });
  expect(await get(there, "a")).toBe("wiped");
  // The page that wiped holds what was removed until the next one has come.
  expect(await put(here, "c", 1)).toMatchObject({ ok: false, error: { kind: "wiped" } });
  expect(await get(createFakeTab(), "c")).toBeUndefined();
  expect(await put(createFakeTab(), "a", 3)).toEqual({ ok: true, value: "done" });
});

test("an evicted database is not taken for a wiped one", async () => {
  await createFakeTab().records.wipe();
  const tab = createFakeTab();
  await put(tab, "a", 1);
  const store = createStore(DATABASE_NAME, OBJECT_STORE_NAME);
  await store("readwrite", (records) => void records.clear());
  expect(await put(tab, "a", 2)).toEqual({ ok: true, value: "done" });
});
