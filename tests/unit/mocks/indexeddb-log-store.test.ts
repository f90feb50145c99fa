import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import type { LogRow, SessionRecord } from "../../../src/backend/ports.ts";
import {
  createIndexedDbLogStore,
  MockDataError,
  renewEpochs,
  resetMockDatabase,
} from "../../../src/mocks/indexeddb-log-store.ts";
import { EpochSchema, SessionIdSchema, AgentIdSchema, type SessionId } from "../../../src/protocol/ids.ts";
import { parse } from "../../../src/protocol/parse.ts";
import type { Result } from "../../../src/protocol/result.ts";

function value<Value>(result: Result<Value, unknown>): Value {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

const A = value(parse(SessionIdSchema, "00000000-0000-7000-8000-00000000000a"));
const B = value(parse(SessionIdSchema, "00000000-0000-7000-8000-00000000000b"));
const epoch = value(parse(EpochSchema, "k3f9"));
const agent = value(parse(AgentIdSchema, "demo"));

function record(id: SessionId, tail: number): SessionRecord {
  return {
    summary: {
      id,
      title: "A title",
      createdAt: 1,
      updatedAt: 1,
      agent,
      pinned: false,
      archived: false,
      status: "idle",
      running: 0,
      queued: 0,
    },
    epoch,
    tail,
    titledByHand: false,
    openTurns: [],
  };
}

function row(from: number, seq: number, text = `${from}-${seq}`): LogRow {
  return { from, seq, data: text };
}

let name = "";
let count = 0;

beforeEach(() => {
  count += 1;
  name = `mock-test-${count}`;
});

/** Writes to the database behind the store's back. */
async function write(storeName: string, key: IDBValidKey, content: unknown): Promise<void> {
  const db = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open(name, 1);
    request.addEventListener("success", () => resolve(request.result));
  });
  const transaction = db.transaction(storeName, "readwrite");
  transaction.objectStore(storeName).put(content, key);
  await new Promise((resolve) => transaction.addEventListener("complete", resolve));
  db.close();
}

describe("the mock's log store", () => {
  it("is empty at first", async () => {
    const store = createIndexedDbLogStore(name);
    expect(await store.open()).toEqual({ sessions: [], deleted: [] });
  });

  it("tells another store over the same database what was committed", async () => {
    const store = createIndexedDbLogStore(name);
    await store.open();
    await store.commit([{ kind: "create", record: record(A, 0) }]);
    await store.commit([
      { kind: "append", record: record(A, 3), expectedTail: 0, rows: [row(1, 1), row(2, 3)] },
    ]);
    await store.close();

    const later = createIndexedDbLogStore(name);
    expect((await later.open()).sessions).toEqual([record(A, 3)]);
    expect(await later.read(A, 0, 1_000)).toEqual([row(1, 1), row(2, 3)]);
  });

  it("reads rows that hold events after a seq, also from the middle of one", async () => {
    const store = createIndexedDbLogStore(name);
    await store.commit([
      { kind: "create", record: record(A, 0) },
      { kind: "append", record: record(A, 6), expectedTail: 0, rows: [row(1, 2), row(3, 5), row(6, 6)] },
      { kind: "create", record: record(B, 0) },
      { kind: "append", record: record(B, 1), expectedTail: 0, rows: [row(1, 1, "other")] },
    ]);
    expect(await store.read(A, 2, 1_000)).toEqual([row(3, 5), row(6, 6)]);
    expect(await store.read(A, 3, 1_000)).toEqual([row(3, 5), row(6, 6)]);
    expect(await store.read(A, 6, 1_000)).toEqual([]);
  });

  it("reads about as much as asked for, but at least one row, and on over many", async () => {
    const store = createIndexedDbLogStore(name);
    const rows = Array.from({ length: 200 }, (_, index) => row(index + 1, index + 1, "x".repeat(10)));
    await store.commit([
      { kind: "create", record: record(A, 0) },
      { kind: "append", record: record(A, 200), expectedTail: 0, rows },
    ]);
    expect(await store.read(A, 0, 1)).toHaveLength(1);
    expect(await store.read(A, 0, 25)).toHaveLength(3);
    expect(await store.read(A, 0, 1_000_000)).toEqual(rows);
  });

  it("refuses rows of a writer that does not know the tail, and writes nothing of that commit", async () => {
    const store = createIndexedDbLogStore(name);
    await store.commit([{ kind: "create", record: record(A, 0) }]);
    await store.commit([{ kind: "append", record: record(A, 1), expectedTail: 0, rows: [row(1, 1)] }]);
    const late = store.commit([
      { kind: "create", record: record(B, 0) },
      { kind: "append", record: record(A, 1), expectedTail: 0, rows: [row(1, 1, "late")] },
    ]);
    await expect(late).rejects.toThrow("stands at 1, not at 0");
    expect((await store.open()).sessions).toEqual([record(A, 1)]);
    expect(await store.read(A, 0, 1_000)).toEqual([row(1, 1)]);
  });

  it("refuses rows with a hole before or within them, and a record that says another tail", async () => {
    const store = createIndexedDbLogStore(name);
    await store.commit([{ kind: "create", record: record(A, 0) }]);
    const append = (tail: number, rows: readonly LogRow[]): Promise<void> =>
      store.commit([{ kind: "append", record: record(A, tail), expectedTail: 0, rows }]);
    await expect(append(2, [row(2, 2)])).rejects.toThrow("does not continue");
    await expect(append(3, [row(1, 1), row(3, 3)])).rejects.toThrow("does not continue");
    await expect(append(5, [row(1, 1)])).rejects.toThrow("its rows end at 1");
    expect(await store.read(A, 0, 1_000)).toEqual([]);
  });

  it("replaces the rows of a range by those that cover it", async () => {
    const store = createIndexedDbLogStore(name);
    await store.commit([
      { kind: "create", record: record(A, 0) },
      {
        kind: "append",
        record: record(A, 4),
        expectedTail: 0,
        rows: [row(1, 1), row(2, 2), row(3, 3), row(4, 4)],
      },
      { kind: "compact", session: A, from: 2, seq: 3, rows: [row(2, 3, "merged")] },
    ]);
    expect(await store.read(A, 0, 1_000)).toEqual([row(1, 1), row(2, 3, "merged"), row(4, 4)]);
  });

  it("removes a deleted session with its log, remembers the id and never takes it again", async () => {
    const store = createIndexedDbLogStore(name);
    await store.commit([
      { kind: "create", record: record(A, 0) },
      { kind: "append", record: record(A, 1), expectedTail: 0, rows: [row(1, 1)] },
    ]);
    await store.commit([{ kind: "delete", session: A }]);
    expect(await store.open()).toEqual({ sessions: [], deleted: [A] });
    expect(await store.read(A, 0, 1_000)).toEqual([]);
    await expect(store.commit([{ kind: "create", record: record(A, 0) }])).rejects.toThrow("was deleted");
  });

  it("refuses two creates of one session", async () => {
    const store = createIndexedDbLogStore(name);
    await store.commit([{ kind: "create", record: record(A, 0) }]);
    await expect(store.commit([{ kind: "create", record: record(A, 0) }])).rejects.toThrow();
  });

  it("says what to do when a stored session can't be read, and works again after a reset", async () => {
    const store = createIndexedDbLogStore(name);
    await store.commit([{ kind: "create", record: record(A, 0) }]);
    await write("sessions", A, { summary: "an older build wrote this" });
    await expect(store.open()).rejects.toThrow(MockDataError);
    await expect(store.open()).rejects.toThrow(/summary.*Press "Reset the mock"/);
    await store.close();

    await resetMockDatabase(name);
    expect(await createIndexedDbLogStore(name).open()).toEqual({ sessions: [], deleted: [] });
  });

  it("does not pass on a row that can't be read", async () => {
    const store = createIndexedDbLogStore(name);
    await store.commit([{ kind: "create", record: record(A, 0) }]);
    await write("rows", [A, 1], "garbage");
    await expect(store.read(A, 0, 1_000)).rejects.toThrow(MockDataError);
  });

  it("gives every log a new epoch on request and keeps the rest", async () => {
    const store = createIndexedDbLogStore(name);
    await store.commit([{ kind: "create", record: record(A, 0) }]);
    await store.close();
    const renewed = value(parse(EpochSchema, "newone"));
    await renewEpochs({ epoch: () => renewed, fraction: () => 0 }, name);
    expect((await createIndexedDbLogStore(name).open()).sessions).toEqual([
      { ...record(A, 0), epoch: renewed },
    ]);
  });

  it("refuses everything once it is closed", async () => {
    const store = createIndexedDbLogStore(name);
    await store.open();
    await store.close();
    await expect(store.commit([{ kind: "create", record: record(A, 0) }])).rejects.toThrow("closed");
  });
});
