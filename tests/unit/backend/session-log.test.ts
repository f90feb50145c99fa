import { expect, test } from "vitest";
import { createMemoryStore } from "../../../src/backend/memory-store.ts";
import { buildRows } from "../../../src/backend/merge-frames.ts";
import type { LogStore, SessionRecord } from "../../../src/backend/ports.ts";
import { RunRegistry } from "../../../src/backend/run-registry.ts";
import { LogWriter } from "../../../src/backend/log-writer.ts";
import { SessionLog } from "../../../src/backend/session-log.ts";
import { createVirtualClock } from "../../support/virtual-clock.ts";
import { agentId, epoch, queued, sessionId, textDelta, turnId } from "../../support/wire-samples.ts";

function logAt(tail: number): SessionLog {
  const record: SessionRecord = {
    summary: {
      id: sessionId(),
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
  };
  return new SessionLog(record);
}

const rows = [...buildRows(1, [queued(1)]), ...buildRows(2, [queued(2)]), ...buildRows(3, [queued(3)])];

test("a row that is durable but not told yet is not read: a cursor must never be ahead of the tail", async () => {
  const store: LogStore = { ...createMemoryStore(), read: async () => rows };
  const log = logAt(2);
  expect((await log.readRows(store, 0, 1_000)).map((row) => row.seq)).toEqual([1, 2]);
});

test("readers at one position share one read", async () => {
  let reads = 0;
  const read = async () => {
    reads += 1;
    return rows;
  };
  const log = logAt(3);
  const store: LogStore = { ...createMemoryStore(), read };
  const [one, other] = await Promise.all([log.readAfter(store, 0), log.readAfter(store, 0)]);
  expect(reads).toBe(1);
  expect(one[0]).toBe(other[0]);
});

test("a viewer a moment behind is given one merged message, the same for all who stand there", () => {
  const log = logAt(0);
  log.viewers.add({ onCommitted() {}, notify() {}, isAtTail: () => true });
  for (let seq = 1; seq <= 5; seq += 1) {
    log.committed(
      { ...log.head, record: { ...log.head.record, tail: seq } },
      buildRows(seq, [textDelta(1, seq - 1, "x")]),
    );
  }
  const next = log.messageAfter(1);
  expect([next?.from, next?.seq]).toEqual([2, 5]);
  expect(log.messageAfter(1)).toBe(next);
  expect(log.messageAfter(4)?.from).toBe(5);
});

test("nothing is kept of a log that nobody views, and rows fall out of what is kept", () => {
  const log = logAt(0);
  const advance = (seq: number): void =>
    log.committed(
      { ...log.head, record: { ...log.head.record, tail: seq } },
      buildRows(seq, [textDelta(1, seq - 1, "x")]),
    );
  advance(1);
  expect(log.messageAfter(0)).toBeUndefined();
  log.viewers.add({ onCommitted() {}, notify() {}, isAtTail: () => true });
  for (let seq = 2; seq <= 200; seq += 1) advance(seq);
  expect(log.messageAfter(100)).toBeUndefined();
  expect(log.messageAfter(190)?.seq).toBe(200);
});

test("a turn is claimed once, until it is released", () => {
  const clock = createVirtualClock();
  const reporter = { warn() {} };
  const hooks = { onCommitted() {}, onLost() {}, onRecovered() {} };
  const writer = new LogWriter({ store: createMemoryStore(), clock, reporter, groupCommitMs: 10, hooks });
  const registry = new RunRegistry({ writer, clock, reporter });
  const log = logAt(0);
  expect(registry.claim(log, turnId(1))).toBeDefined();
  expect(registry.claim(log, turnId(1))).toBeUndefined();
  registry.release(log.id, turnId(1));
  expect(registry.claim(log, turnId(1))).toBeDefined();
});
