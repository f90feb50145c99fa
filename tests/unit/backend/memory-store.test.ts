import { expect, test } from "vitest";
import { copyMemoryDisk, createMemoryStore } from "../../../src/backend/memory-store.ts";
import { buildRows } from "../../../src/backend/merge-frames.ts";
import type { SessionRecord, StoreWrite } from "../../../src/backend/ports.ts";
import { createHarness } from "../../support/backend-harness.ts";
import { agentId, epoch, queued, sessionId, started, turnId } from "../../support/wire-samples.ts";

const sid = sessionId();
const record = (tail: number): SessionRecord => ({
  summary: {
    id: sid,
    title: "t",
    createdAt: 1,
    updatedAt: 1,
    agent: agentId(),
    pinned: false,
    archived: false,
    status: "idle",
    running: 0,
    queued: 0,
  },
  epoch: epoch(),
  tail,
  titledByHand: false,
  openTurns: [],
});
const append = (from: number, tail: number): StoreWrite => ({
  kind: "append",
  record: record(tail),
  expectedTail: from,
  rows: Array.from({ length: tail - from }, (_, index) =>
    buildRows(from + index + 1, [queued(from + index + 1)]),
  ).flat(),
});

test("a commit is applied as a whole or not at all", async () => {
  const store = createMemoryStore();
  await store.commit([{ kind: "create", record: record(0) }]);
  await expect(store.commit([append(0, 2), append(5, 6)])).rejects.toThrow("not at 5");
  expect(await store.read(sid, 0, 1_000)).toEqual([]);
});

test("reading begins with the row that holds the next event and takes at least one", async () => {
  const store = createMemoryStore();
  await store.commit([{ kind: "create", record: record(0) }]);
  await store.commit([append(0, 5)]);
  expect((await store.read(sid, 2, 1)).map((row) => row.from)).toEqual([3]);
  expect((await store.read(sid, 0, 100_000)).map((row) => row.from)).toEqual([1, 2, 3, 4, 5]);
  const rows = buildRows(2, [queued(2), started(2), queued(3)]);
  await store.commit([{ kind: "compact", session: sid, from: 2, seq: 4, rows }]);
  expect((await store.read(sid, 3, 1)).map((row) => [row.from, row.seq])).toEqual([[2, 4]]);
});

test("a copy of the disk stays as it was", async () => {
  const store = createMemoryStore();
  await store.commit([{ kind: "create", record: record(0) }]);
  const copy = copyMemoryDisk(store.disk);
  await store.commit([append(0, 1)]);
  expect(copy.logs.get(sid)?.record.tail).toBe(0);
  expect(await createMemoryStore({ disk: copy }).read(sid, 0, 1_000)).toEqual([]);
});

test("a log that no longer holds what follows the cursor is answered with resync trimmed", async () => {
  const harness = await createHarness();
  await harness.must(harness.backend.createSession(sid, {}));
  await harness.send(sid, turnId(1), "one");
  harness.store.disk.logs.get(sid)?.rows.shift();
  const sink = harness.open(sid);
  await harness.clock.advance(20);
  expect(sink.names()).toEqual(["hello", "resync"]);
  expect(sink.control("resync")).toEqual([{ reason: "trimmed" }]);
});

test("a log that can't be read cuts its reader off, and says so to the operator", async () => {
  const harness = await createHarness({}, { failRead: () => new Error("I/O error") });
  await harness.must(harness.backend.createSession(sid, {}));
  await harness.send(sid, turnId(1), "one");
  const sink = harness.open(sid);
  await harness.clock.advance(20);
  expect(sink.hasEnded).toBe(true);
  expect(harness.warnings.join()).toContain("can't be read");
});
