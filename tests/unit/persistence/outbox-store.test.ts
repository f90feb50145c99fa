import "fake-indexeddb/auto";
import { createStore } from "idb-keyval";
import { beforeEach, expect, test } from "vitest";
import { DATABASE_NAME, localKeys, OBJECT_STORE_NAME, recordKeys } from "../../../src/persistence/keys.ts";
import { createOutboxStore, MAX_MIRRORED_CHARS } from "../../../src/persistence/outbox-store.ts";
import type { OutboxEntry, OutboxStore } from "../../../src/streaming/ports.ts";
import { sessionId, turnId } from "../../support/wire-samples.ts";
import {
  createBroadcastHub,
  createFakeTab,
  FakeStorage,
  resetIndexedDb,
  StorageEventLike,
  type FakeTab,
} from "./browser-fakes.ts";

beforeEach(resetIndexedDb);

const send = (number: number, text = "hello", session = 1): OutboxEntry => ({
  id: turnId(number),
  session: sessionId(session),
  createdAtMs: number,
  kind: "send",
  body: { id: turnId(number), text, mode: "queue" },
});

function outboxOf(tab: FakeTab): OutboxStore {
  const { records, local, channel, clock, reporter, told } = tab;
  return createOutboxStore({
    records,
    local,
    channel,
    clock,
    reporter,
    notify: (message) => void told.push(message),
  });
}

/** A tab whose disk never answers: as if the page had died before its write was finished. */
const withoutDisk = (storage: FakeStorage): FakeTab =>
  createFakeTab({ storage, connect: () => () => new Promise(() => undefined) });

const deniedDisk = (storage: FakeStorage): FakeTab =>
  createFakeTab({
    storage,
    connect: () => () => Promise.reject(new DOMException("denied", "SecurityError")),
  });

test("entries come back oldest first, of every kind", async () => {
  const entries: readonly OutboxEntry[] = [
    { id: turnId(1), session: sessionId(), createdAtMs: 1, kind: "create", body: { title: "Sums" } },
    send(2),
    { id: turnId(3), session: sessionId(), createdAtMs: 3, kind: "update", body: { pinned: true } },
    { id: turnId(4), session: sessionId(), createdAtMs: 4, kind: "delete", notBeforeMs: 9 },
    { ...send(5), kind: "refused", body: { id: turnId(5), text: "hi", mode: "queue" }, why: "too long" },
    {
      ...send(6),
      kind: "refused",
      body: { id: turnId(6), text: "hi", mode: "queue" },
      why: "gone",
      isGone: true,
    },
  ];
  const outbox = outboxOf(createFakeTab());
  for (const entry of entries.toReversed()) await outbox.put(entry);
  expect(await outbox.load()).toEqual(entries);
});

test("an entry is in localStorage before put has returned, so it survives without the disk", async () => {
  const storage = new FakeStorage();
  void outboxOf(withoutDisk(storage)).put(send(1));
  expect(storage.getItem(localKeys.outbox(turnId(1)))).not.toBeNull();
  expect(await outboxOf(createFakeTab({ storage })).load()).toEqual([send(1)]);
});

test("an entry survives the loss of localStorage", async () => {
  await outboxOf(createFakeTab()).put(send(1));
  expect(await outboxOf(createFakeTab({ storage: new FakeStorage() })).load()).toEqual([send(1)]);
});

test("a removed entry stays removed although its record is still on disk", async () => {
  const storage = new FakeStorage();
  const first = outboxOf(createFakeTab({ storage }));
  await first.put(send(1));
  await first.put(send(2));
  void outboxOf(withoutDisk(storage)).remove(turnId(1));
  const next = outboxOf(createFakeTab({ storage }));
  expect(await next.load()).toEqual([send(2)]);
  // And it is gone from the disk by then.
  expect(await outboxOf(createFakeTab({ storage: new FakeStorage() })).load()).toEqual([send(2)]);
});

test("a write that finishes after another tab removed the entry does not bring it back", async () => {
  const storage = new FakeStorage();
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  let isSlow = false;
  const slow = createFakeTab({
    storage,
    connect: () => {
      const store = createStore(DATABASE_NAME, OBJECT_STORE_NAME);
      return async (mode, callback) => {
        if (isSlow) await gate;
        return store(mode, callback);
      };
    },
  });
  await slow.records.isInMemory();
  isSlow = true;
  const putting = outboxOf(slow).put(send(1));
  const other = outboxOf(createFakeTab({ storage }));
  expect(await other.load()).toEqual([send(1)]);
  await other.remove(turnId(1));
  open();
  await putting;
  expect(await other.load()).toEqual([]);
  expect(await outboxOf(createFakeTab({ storage: new FakeStorage() })).load()).toEqual([]);
});

test("what localStorage lost while the disk hangs is there again before anything later is", async () => {
  const storage = new FakeStorage();
  const outbox = outboxOf(withoutDisk(storage));
  void outbox.put(send(1));
  void outbox.put(send(2));
  void outbox.remove(turnId(2));
  storage.clear();
  void outbox.put(send(3));
  expect([...storage.texts.keys()].filter((key) => key.startsWith(localKeys.outboxPrefix))).toEqual([
    localKeys.outbox(turnId(1)),
    localKeys.outbox(turnId(3)),
  ]);
});

test("what the browser emptied in both places before it was told to be kept is put again", async () => {
  const storage = new FakeStorage();
  let isEmptying = false;
  const tab = createFakeTab({
    storage,
    connect: () => {
      const store = createStore(DATABASE_NAME, OBJECT_STORE_NAME);
      return async (mode, callback) => {
        const value = await store(mode, callback);
        if (isEmptying) {
          isEmptying = false;
          storage.clear();
          await store("readwrite", async (records) => void records.clear());
        }
        return value;
      };
    },
  });
  const outbox = outboxOf(tab);
  await tab.records.isInMemory();
  isEmptying = true;
  await outbox.put(send(1));
  expect(isEmptying).toBe(false);
  expect(await outbox.load()).toEqual([send(1)]);
  expect(await outboxOf(createFakeTab({ storage: new FakeStorage() })).load()).toEqual([send(1)]);
});

test("a deletion that was undone just before the browser was killed is not done by its next life", async () => {
  const storage = new FakeStorage();
  const deletion: OutboxEntry = {
    id: turnId(1),
    session: sessionId(),
    createdAtMs: 1,
    kind: "delete",
    notBeforeMs: 9,
  };
  const outbox = outboxOf(createFakeTab({ storage }));
  await outbox.put(deletion);
  expect(await outbox.load()).toEqual([deletion]);
  const mirrored = storage.getItem(localKeys.outbox(deletion.id));
  await outbox.remove(deletion.id);
  // The last half second of localStorage was not written.
  storage.clear();
  storage.setItem(localKeys.outbox(deletion.id), mirrored ?? "");
  expect(await outboxOf(createFakeTab({ storage })).load()).toEqual([]);
});

test("a deletion is known in its tab without any disk", async () => {
  const { id, session, createdAtMs } = send(1);
  const outbox = outboxOf(deniedDisk(new FakeStorage()));
  await outbox.put({ id, session, createdAtMs, kind: "delete", notBeforeMs: 9 });
  expect((await outbox.load()).map(({ kind }) => kind)).toEqual(["delete"]);
});

test("but not what another tab removed or wiped meanwhile", async () => {
  const storage = new FakeStorage();
  const hub = createBroadcastHub();
  const outbox = outboxOf(createFakeTab({ storage, hub, connect: () => () => new Promise(() => undefined) }));
  const other = outboxOf(createFakeTab({ storage, hub }));
  const kept = (): string[] =>
    [...storage.texts.keys()].filter((key) => key.startsWith(localKeys.outboxPrefix));
  void outbox.put(send(1));
  await other.remove(turnId(1));
  void outbox.put(send(2));
  expect(kept()).toEqual([localKeys.outbox(turnId(2))]);
  storage.clear();
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel takes no target
  hub.open().postMessage("wiped");
  void outbox.put(send(3));
  expect(kept()).toEqual([localKeys.outbox(turnId(3))]);
});

test("what only the disk has is still known when the disk stops to answer, but for a deletion, or what was removed", async () => {
  const storage = new FakeStorage();
  storage.maxChars = 0;
  const useStore = createStore(DATABASE_NAME, OBJECT_STORE_NAME);
  let isHanging = false;
  const tab = createFakeTab({
    storage,
    connect: () => (mode, work) => (isHanging ? new Promise(() => undefined) : useStore(mode, work)),
  });
  const outbox = outboxOf(tab);
  const deletion = {
    id: turnId(3),
    session: sessionId(2),
    createdAtMs: 3,
    kind: "delete",
    notBeforeMs: 9,
  } as const;
  for (const entry of [send(1), send(2), deletion]) await outbox.put(entry);
  expect(await outbox.load()).toHaveLength(3);
  isHanging = true;
  const later = outbox.put(send(4));
  await Promise.resolve();
  await Promise.resolve();
  tab.clock.advance(2_500);
  tab.clock.advance(2_500);
  await later;
  expect((await outbox.load()).map((entry) => entry.id)).toEqual([turnId(1), turnId(2), turnId(4)]);
  await outbox.remove(turnId(2));
  expect((await outbox.load()).map((entry) => entry.id)).toEqual([turnId(1), turnId(4)]);
});

test("an entry put again after its removal is there", async () => {
  const outbox = outboxOf(createFakeTab());
  await outbox.put(send(1));
  await outbox.remove(turnId(1));
  await outbox.put(send(1, "again"));
  expect(await outbox.load()).toEqual([send(1, "again")]);
});

test("removing a session's entries leaves those of others", async () => {
  const outbox = outboxOf(createFakeTab());
  await outbox.put(send(1, "a", 1));
  await outbox.put(send(2, "b", 2));
  await outbox.put(send(3, "c", 1));
  await outbox.removeSession(sessionId(1));
  expect(await outbox.load()).toEqual([send(2, "b", 2)]);
});

test("a large entry leaves localStorage once the disk has it, and not before", async () => {
  const storage = new FakeStorage();
  const outbox = outboxOf(createFakeTab({ storage }));
  const large = send(1, "x".repeat(MAX_MIRRORED_CHARS));
  const putting = outbox.put(large);
  expect(storage.getItem(localKeys.outbox(turnId(1)))).not.toBeNull();
  await putting;
  expect(storage.getItem(localKeys.outbox(turnId(1)))).toBeNull();
  expect(await outbox.load()).toEqual([large]);
});

test("without a disk a large entry stays in localStorage", async () => {
  const storage = new FakeStorage();
  const large = send(1, "x".repeat(MAX_MIRRORED_CHARS));
  await outboxOf(deniedDisk(storage)).put(large);
  expect(await outboxOf(deniedDisk(storage)).load()).toEqual([large]);
});

test("a full localStorage leaves the entry to the disk, and never an older version in the mirror", async () => {
  const storage = new FakeStorage();
  const tab = createFakeTab({ storage });
  const outbox = outboxOf(tab);
  await outbox.put(send(1, "old"));
  storage.maxChars = 300;
  await outbox.put(send(1, "new".repeat(200)));
  expect(await outboxOf(createFakeTab({ storage })).load()).toEqual([send(1, "new".repeat(200))]);
  expect(tab.told).toEqual([]);
});

test("an entry that nothing can keep is kept in this tab and the person is told", async () => {
  const storage = new FakeStorage();
  storage.maxChars = 10;
  const tab = deniedDisk(storage);
  const outbox = outboxOf(tab);
  await outbox.put(send(1));
  expect(await outbox.load()).toEqual([send(1)]);
  expect(tab.told).toHaveLength(1);
  await outbox.remove(turnId(1));
  expect(await outbox.load()).toEqual([]);
});

test("corrupt entries are set aside and reported, and the others are there", async () => {
  const storage = new FakeStorage();
  const tab = createFakeTab({ storage });
  const outbox = outboxOf(tab);
  await outbox.put(send(1));
  storage.setItem(localKeys.outbox("bad"), "{not json");
  await tab.records.update([], () => ({
    answer: undefined,
    put: new Map([[recordKeys.outbox("worse"), 7]]),
  }));
  expect(await outbox.load()).toEqual([send(1)]);
  expect(tab.reporter.warnings).toHaveLength(2);
  expect(storage.getItem(localKeys.quarantine(localKeys.outbox("bad")))).toBe("{not json");
  const aside = await tab.records.read([recordKeys.quarantine(recordKeys.outbox("worse"))]);
  expect(aside).toEqual({ ok: true, value: [7] });
  expect(await outbox.load()).toEqual([send(1)]);
  expect(tab.reporter.warnings).toHaveLength(2);
});

test("other tabs are told, and this one is not", async () => {
  const [hub, storage] = [createBroadcastHub(), new FakeStorage()];
  const [here, there] = [createFakeTab({ hub, storage }), createFakeTab({ hub, storage })];
  const heard: string[] = [];
  outboxOf(here).subscribe(() => void heard.push("here"));
  const dispose = outboxOf(there).subscribe(() => void heard.push("there"));
  await outboxOf(here).put(send(1));
  expect(new Set(heard)).toEqual(new Set(["there"]));
  heard.length = 0;
  await outboxOf(here).remove(turnId(1));
  expect(new Set(heard)).toEqual(new Set(["there"]));
  dispose();
  heard.length = 0;
  await outboxOf(here).put(send(2));
  expect(heard).toEqual([]);
});

test("without a BroadcastChannel the storage event tells", async () => {
  const tab = createFakeTab();
  let heard = 0;
  outboxOf(tab).subscribe(() => {
    heard += 1;
  });
  tab.window.dispatchEvent(new StorageEventLike(localKeys.outbox(turnId(1))));
  tab.window.dispatchEvent(new StorageEventLike("another app's"));
  expect(heard).toBe(1);
});

test("removals are forgotten after a day", async () => {
  const storage = new FakeStorage();
  const tab = createFakeTab({ storage });
  const outbox = outboxOf(tab);
  await outbox.put(send(1));
  await outbox.remove(turnId(1));
  await outbox.load();
  expect(storage.getItem(localKeys.outboxRemoved(turnId(1)))).not.toBeNull();
  tab.clock.advance(25 * 60 * 60 * 1000);
  await outbox.load();
  expect(storage.getItem(localKeys.outboxRemoved(turnId(1)))).toBeNull();
});

test("the latest id is known at once, before the disk has answered", () => {
  const storage = new FakeStorage();
  expect(outboxOf(withoutDisk(storage)).latestId?.()).toBeUndefined();
  for (const number of [2, 5, 3]) void outboxOf(withoutDisk(storage)).put(send(number));
  expect(outboxOf(withoutDisk(storage)).latestId?.()).toBe(turnId(5));
});
