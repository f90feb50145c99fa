import type { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import type { LogRow, LogStore, SessionRecord, StoreWrite } from "../src/backend/ports.ts";
import { StoreFullError } from "../src/backend/ports.ts";
import {
  EpochSchema,
  SeqSchema,
  SessionIdSchema,
  TurnIdSchema,
  type SessionId,
} from "../src/protocol/ids.ts";
import { parse, parseJson } from "../src/protocol/parse.ts";
import { SessionSummarySchema } from "../src/protocol/snapshot.ts";
import { StartError } from "./start-error.ts";
import { storeTrouble } from "./store/sqlite-errors.ts";

const SessionRowSchema = v.object({
  epoch: EpochSchema,
  tail: SeqSchema,
  titled_by_hand: v.number(),
  open_turns: v.string(),
  summary: v.string(),
});
const OpenTurnsSchema = v.array(TurnIdSchema);

/** Rows of the first page of a read, few enough that even large ones do no harm; and of any page. */
const FIRST_READ_ROWS = 16;
const MAX_READ_ROWS = 2_048;

/** How long SQLite itself waits for a lock: it sleeps in this process, so hardly at all. Unit: ms. */
const BUSY_TIMEOUT_MS = 10;

/** How soon something that another program kept from happening is tried again: twice as late each time. Unit: ms. */
const FIRST_RETRY_MS = 5;
const MAX_RETRY_MS = 200;

const DEFAULT_BUSY_LIMIT_MS = 10_000;

export interface SqliteStoreOptions {
  /** How long a database that another program has locked is waited for. Unit: ms. Default 10,000. */
  readonly busyLimitMs?: number;
  /** Whether what is written now will be found by the next start. Default: always. */
  readonly isInPlace?: () => boolean;
}

/**
 * Logs in SQLite. `commit` runs synchronously and returns after the fsync of the write-ahead log
 * (`synchronous=FULL`), so what it resolves is durable; the backend's group commit keeps the number of them low.
 * Where another program has locked the database, commits and reads wait without holding up the process, and fail after
 * `busyLimitMs`. Takes the database of {@link openDataFolder}, which owns it; `close` closes it.
 */
export function createSqliteStore(database: DatabaseSync, options: SqliteStoreOptions = {}): LogStore {
  const { busyLimitMs = DEFAULT_BUSY_LIMIT_MS, isInPlace = () => true } = options;
  database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  const sql = {
    begin: database.prepare("BEGIN IMMEDIATE"),
    commit: database.prepare("COMMIT"),
    rollback: database.prepare("ROLLBACK"),
    sessions: database.prepare("SELECT epoch, tail, titled_by_hand, open_turns, summary FROM session"),
    deleted: database.prepare("SELECT id FROM deleted"),
    insertSession: database.prepare(
      "INSERT INTO session (id, epoch, tail, titled_by_hand, open_turns, summary) VALUES (?, ?, ?, ?, ?, ?)",
    ),
    updateSession: database.prepare(
      "UPDATE session SET tail = ?, titled_by_hand = ?, open_turns = ?, summary = ? WHERE id = ? AND tail = ? AND epoch = ?",
    ),
    insertRow: database.prepare("INSERT INTO log (session, seq, from_seq, data) VALUES (?, ?, ?, ?)"),
    deleteRows: database.prepare(
      "DELETE FROM log WHERE session = ? AND seq BETWEEN ? AND ? AND from_seq >= ?",
    ),
    deleteLog: database.prepare("DELETE FROM log WHERE session = ?"),
    deleteSession: database.prepare("DELETE FROM session WHERE id = ?"),
    rememberDeleted: database.prepare("INSERT OR IGNORE INTO deleted (id) VALUES (?)"),
    // Arrays: no key per value and row.
    read: database.prepare(
      "SELECT from_seq, seq, data FROM log WHERE session = ? AND seq > ? ORDER BY seq LIMIT ?",
      { returnArrays: true },
    ),
  };

  function insertRows(session: SessionId, from: number, rows: readonly LogRow[]): number {
    let next = from;
    for (const row of rows) {
      if (row.from !== next || row.seq < row.from) {
        throw new Error(`rows of ${session} must go on at ${next}, got ${row.from}..${row.seq}`);
      }
      sql.insertRow.run(session, row.seq, row.from, row.data);
      next = row.seq + 1;
    }
    return next - 1;
  }

  function apply(write: StoreWrite): void {
    switch (write.kind) {
      case "create": {
        const { id } = write.record.summary;
        if (write.record.tail !== 0) throw new Error(`new log of ${id} must be empty`);
        sql.insertSession.run(id, write.record.epoch, 0, ...recordColumns(write.record));
        return;
      }
      case "append": {
        const { record, expectedTail } = write;
        const { id } = record.summary;
        const tail = insertRows(id, expectedTail + 1, write.rows);
        if (record.tail !== tail)
          throw new Error(`record of ${id} says tail ${record.tail}, its rows ${tail}`);
        const done = sql.updateSession.run(tail, ...recordColumns(record), id, expectedTail, record.epoch);
        if (Number(done.changes) !== 1) throw new Error(`log of ${id} does not end at ${expectedTail}`);
        return;
      }
      case "compact": {
        const { session, from, seq } = write;
        sql.deleteRows.run(session, from, seq, from);
        const end = insertRows(session, from, write.rows);
        if (end !== seq) throw new Error(`compacted rows of ${session} end at ${end}, not at ${seq}`);
        return;
      }
      case "delete":
        sql.deleteLog.run(write.session);
        sql.deleteSession.run(write.session);
        sql.rememberDeleted.run(write.session);
        return;
    }
  }

  function commitAll(writes: readonly StoreWrite[]): void {
    if (!isInPlace()) {
      throw new Error(
        "The database was removed or replaced while the server runs. Put it back, or restart the server.",
      );
    }
    try {
      sql.begin.run();
      for (const write of writes) apply(write);
      sql.commit.run();
    } catch (error) {
      // SQLite has rolled back by itself after some errors, a full disk among them.
      if (database.isOpen && database.isTransaction) sql.rollback.run();
      if (storeTrouble(error) === "full")
        throw new StoreFullError("no space left for the log", { cause: error });
      throw error;
    }
  }

  function readRows(session: SessionId, afterSeq: number, maxBytes: number): readonly LogRow[] {
    const rows: LogRow[] = [];
    let bytes = 0;
    // All at once costs a fraction of one by one; how many are about `maxBytes` is learnt from the first few.
    let limit = FIRST_READ_ROWS;
    for (let after = afterSeq; bytes < maxBytes; after = rows.at(-1)?.seq ?? after) {
      const page = sql.read.all(session, after, limit);
      for (const item of page) {
        // Not parsed by a schema: the table's types hold, and a replay reads very many.
        const [from, seq, data] = item as unknown as readonly [number, number, string];
        rows.push({ from, seq, data });
        bytes += data.length;
        if (bytes >= maxBytes) break;
      }
      if (page.length < limit) break;
      limit = Math.min(MAX_READ_ROWS, Math.ceil(((maxBytes - bytes) * rows.length) / bytes));
    }
    return rows;
  }

  return {
    open: async () => ({
      sessions: sql.sessions.all().map(readRecord),
      deleted: sql.deleted.all().map(readDeleted),
    }),

    commit: async (writes) => {
      if (writes.length === 0) return;
      await whenUnlocked(busyLimitMs, () => commitAll(writes));
    },

    read: (session, afterSeq, maxBytes) =>
      whenUnlocked(busyLimitMs, () => readRows(session, afterSeq, maxBytes)),

    close: async () => {
      if (database.isOpen) database.close();
    },
  };
}

/** Runs `work`, which does nothing where it fails, again and again while another program has the database locked. */
async function whenUnlocked<Value>(limitMs: number, work: () => Value): Promise<Value> {
  let waitedMs = 0;
  for (let delayMs = FIRST_RETRY_MS; ; delayMs = Math.min(MAX_RETRY_MS, delayMs * 2)) {
    try {
      return work();
    } catch (error) {
      if (storeTrouble(error) !== "busy") throw error;
      if (waitedMs >= limitMs) {
        throw new Error(
          `Another program has had the database locked for ${limitMs / 1_000} s. Close it; the server goes on then.`,
          { cause: error },
        );
      }
    }
    await sleep(delayMs);
    waitedMs += delayMs;
  }
}

function recordColumns(record: SessionRecord): [number, string, string] {
  return [record.titledByHand ? 1 : 0, JSON.stringify(record.openTurns), JSON.stringify(record.summary)];
}

function readDeleted(row: Record<string, unknown>): SessionId {
  const id = parse(SessionIdSchema, row["id"]);
  if (!id.ok) throw damagedList();
  return id.value;
}

function damagedList(): StartError {
  return new StartError(
    'The list of sessions is damaged. Bring back a backup with "npm run restore -- FILE".',
  );
}

function readRecord(item: unknown): SessionRecord {
  const row = v.safeParse(SessionRowSchema, item);
  const summary = row.success ? parseJson(SessionSummarySchema, row.output.summary) : undefined;
  const openTurns = row.success ? parseJson(OpenTurnsSchema, row.output.open_turns) : undefined;
  if (!row.success || summary?.ok !== true || openTurns?.ok !== true) {
    throw new StartError(
      'The list of sessions is damaged. Bring back a backup with "npm run restore -- FILE".',
    );
  }
  return {
    summary: summary.value,
    epoch: row.output.epoch,
    tail: row.output.tail,
    titledByHand: row.output.titled_by_hand !== 0,
    openTurns: openTurns.value,
  };
}
