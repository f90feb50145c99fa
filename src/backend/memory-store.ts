import type { SessionId } from "../protocol/ids.ts";
import type { Clock, LogRow, LogStore, SessionRecord, StoreWrite } from "./ports.ts";

interface StoredLog {
  record: SessionRecord;
  rows: LogRow[];
}

/** What survives a restart: two stores over one disk, one after the other, are a process and its successor. */
export interface MemoryDisk {
  readonly logs: Map<SessionId, StoredLog>;
  readonly deleted: Set<SessionId>;
}

export function createMemoryDisk(): MemoryDisk {
  return { logs: new Map(), deleted: new Set() };
}

/** A copy that later writes to `disk` don't reach: a backup, or what a power cut leaves. */
export function copyMemoryDisk(disk: MemoryDisk): MemoryDisk {
  const logs = new Map<SessionId, StoredLog>();
  for (const [id, log] of disk.logs) logs.set(id, { record: log.record, rows: [...log.rows] });
  return { logs, deleted: new Set(disk.deleted) };
}

export interface MemoryStoreOptions {
  /** Default: an empty one. */
  readonly disk?: MemoryDisk;
  /** Asked before each commit: an error rejects it, and nothing of it is applied. E.g. a `StoreFullError`. */
  readonly failCommit?: (writes: readonly StoreWrite[]) => Error | undefined;
  /** Asked before each read. */
  readonly failRead?: (session: SessionId) => Error | undefined;
  /** How long commits and reads take, by `clock`. Default: they resolve at once. Unit: ms. */
  readonly latencyMs?: number;
  readonly clock?: Clock;
}

export interface MemoryStore extends LogStore {
  readonly disk: MemoryDisk;
}

/** A LogStore in memory, for tests, the mock and the simulation. Checks what it is told as strictly as a real one must. */
export function createMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const disk = options.disk ?? createMemoryDisk();
  const { clock, latencyMs = 0 } = options;
  let isClosed = false;

  const pause = async (): Promise<void> => {
    if (clock === undefined || latencyMs <= 0) return;
    await new Promise<void>((resolve) => {
      clock.setTimer(latencyMs, resolve);
    });
  };
  const assertOpen = (): void => {
    if (isClosed) throw new Error("The store is closed.");
  };

  return {
    disk,
    async open() {
      return { sessions: [...disk.logs.values()].map((log) => log.record), deleted: [...disk.deleted] };
    },
    async commit(writes) {
      assertOpen();
      await pause();
      const failure = options.failCommit?.(writes);
      if (failure !== undefined) throw failure;
      // All or nothing: everything is checked before anything is applied.
      for (const write of writes) check(disk, write);
      for (const write of writes) apply(disk, write);
    },
    async read(session, afterSeq, maxBytes) {
      assertOpen();
      await pause();
      const failure = options.failRead?.(session);
      if (failure !== undefined) throw failure;
      const rows = disk.logs.get(session)?.rows ?? [];
      const page: LogRow[] = [];
      let bytes = 0;
      for (let index = firstAfter(rows, afterSeq); index < rows.length; index += 1) {
        const row = rows[index];
        if (row === undefined || (page.length > 0 && bytes + row.data.length > maxBytes)) break;
        page.push(row);
        bytes += row.data.length;
      }
      return page;
    },
    async close() {
      isClosed = true;
    },
  };
}

/** Index of the first row that holds events after `seq`. */
function firstAfter(rows: readonly LogRow[], seq: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rows[middle]?.seq ?? Infinity) > seq) high = middle;
    else low = middle + 1;
  }
  return low;
}

function check(disk: MemoryDisk, write: StoreWrite): void {
  switch (write.kind) {
    case "create":
      if (disk.logs.has(write.record.summary.id)) throw new Error("The session exists already.");
      return;
    case "append": {
      const log = disk.logs.get(write.record.summary.id);
      if (log === undefined) throw new Error("There is no such session.");
      if (log.record.tail !== write.expectedTail) {
        throw new Error(`The log ends at ${log.record.tail}, not at ${write.expectedTail}.`);
      }
      let seq = write.expectedTail;
      for (const row of write.rows) {
        if (row.from !== seq + 1 || row.seq < row.from)
          throw new Error(`A row from ${row.from} can't follow ${seq}.`);
        seq = row.seq;
      }
      if (seq !== write.record.tail)
        throw new Error(`The record says ${write.record.tail}, its rows end at ${seq}.`);
      return;
    }
    case "compact": {
      const rows = disk.logs.get(write.session)?.rows ?? [];
      const replaced = rows.filter((row) => row.from >= write.from && row.seq <= write.seq);
      if (replaced[0]?.from !== write.from || replaced.at(-1)?.seq !== write.seq) {
        throw new Error(`No rows cover ${write.from} to ${write.seq} exactly.`);
      }
      return;
    }
    case "delete":
      return;
  }
}

function apply(disk: MemoryDisk, write: StoreWrite): void {
  switch (write.kind) {
    case "create":
      disk.logs.set(write.record.summary.id, { record: write.record, rows: [] });
      return;
    case "append": {
      const log = disk.logs.get(write.record.summary.id);
      if (log === undefined) return;
      log.record = write.record;
      for (const row of write.rows) log.rows.push(row);
      return;
    }
    case "compact": {
      const log = disk.logs.get(write.session);
      if (log === undefined) return;
      const before = log.rows.filter((row) => row.seq < write.from);
      const after = log.rows.filter((row) => row.from > write.seq);
      log.rows = [...before, ...write.rows, ...after];
      return;
    }
    case "delete":
      disk.logs.delete(write.session);
      disk.deleted.add(write.session);
  }
}
