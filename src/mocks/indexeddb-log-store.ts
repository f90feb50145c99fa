import * as v from "valibot";
import {
  StoreFullError,
  type LogRow,
  type LogStore,
  type Random,
  type SessionRecord,
  type StoreWrite,
} from "../backend/ports.ts";
import { SessionIdSchema, type SessionId } from "../protocol/ids.ts";
import { parse } from "../protocol/parse.ts";
import { requestDone, transactionDone } from "./indexeddb-requests.ts";
import { parseSessionRecord } from "./stored-session.ts";

/**
 * The mock's database. The shape's version is in the name and not IndexedDB's own:
 * an upgrade is blocked by any tab that holds the old one, a new name never is.
 */
export const MOCK_DATABASE = "holdfast-mock-1";

const SESSIONS = "sessions";
/** Keyed by [session, last seq of the row], so that "after this seq" is one range. */
const ROWS = "rows";
const DELETED = "deleted";
const STORES = [SESSIONS, ROWS, DELETED];

/** Rows asked for at a time. A row is at most one frame (16 KiB) as a rule, so this is a megabyte at the worst. */
const ROWS_PER_READ = 64;

const RowSchema = v.object({ from: v.number(), seq: v.number(), data: v.string() });

/** The mock's data can't be read. Its message says what to do. */
export class MockDataError extends Error {
  override readonly name = "MockDataError";
}

/**
 * A {@link LogStore} in IndexedDB: one commit is one transaction. Survives reloads and crashes of the page and the
 * browser; a power cut may take the last moments (`durability: "relaxed"`), which a mock can live with.
 */
export function createIndexedDbLogStore(name: string = MOCK_DATABASE): LogStore {
  const database = createConnection(name);
  return {
    async open() {
      const db = await database.get();
      const transaction = db.transaction([SESSIONS, DELETED], "readonly");
      const [records, deleted] = await Promise.all([
        requestDone<unknown[]>(transaction.objectStore(SESSIONS).getAll()),
        requestDone<IDBValidKey[]>(transaction.objectStore(DELETED).getAllKeys()),
      ]);
      return {
        sessions: records.map((record) => readable(parseSessionRecord(record), "a session")),
        deleted: deleted.map((key) => readable(parse(SessionIdSchema, key), "a deleted session's id")),
      };
    },
    async commit(writes) {
      const db = await database.get();
      const transaction = db.transaction(STORES, "readwrite", { durability: "relaxed" });
      const done = transactionDone(transaction);
      try {
        for (const write of writes) await apply(transaction, write);
        transaction.commit();
        await done;
      } catch (error) {
        // Its rejection is the echo of the error in hand.
        done.catch(() => undefined);
        undo(transaction);
        throw isQuotaError(error) || isQuotaError(transaction.error)
          ? new StoreFullError("The browser gives the mock no more space. Reset the mock, or free some disk.")
          : error;
      }
    },
    async read(session, afterSeq, maxBytes) {
      const db = await database.get();
      const rows: LogRow[] = [];
      let bytes = 0;
      for (let after = afterSeq; bytes < maxBytes;) {
        const store = db.transaction(ROWS, "readonly").objectStore(ROWS);
        const batch = await requestDone<unknown[]>(store.getAll(rowsAfter(session, after), ROWS_PER_READ));
        for (const item of batch) {
          if (bytes >= maxBytes) break;
          const row = readable(parse(RowSchema, item), "a row of a log");
          rows.push(row);
          bytes += row.data.length;
          after = row.seq;
        }
        if (batch.length < ROWS_PER_READ) break;
      }
      return rows;
    },
    async close() {
      await database.close();
    },
  };
}

/** Throws everything the mock knows away: the way out of corrupt data. Rejects when another tab holds on to it. */
export async function resetMockDatabase(name: string = MOCK_DATABASE): Promise<void> {
  const request = indexedDB.deleteDatabase(name);
  await new Promise<void>((resolve, reject) => {
    request.addEventListener("success", () => resolve());
    request.addEventListener("error", () => reject(request.error ?? new Error("could not be deleted")));
    request.addEventListener("blocked", () =>
      reject(
        new MockDataError(
          "Another tab holds the mock's data. Close the other tabs of the mock, then reset again.",
        ),
      ),
    );
  });
}

/** Gives every log a new epoch, as restoring a backup does: every cursor is refused afterwards. */
export async function renewEpochs(random: Random, name: string = MOCK_DATABASE): Promise<void> {
  const database = createConnection(name);
  const db = await database.get();
  const transaction = db.transaction(SESSIONS, "readwrite");
  const done = transactionDone(transaction);
  const store = transaction.objectStore(SESSIONS);
  for (const item of await requestDone<unknown[]>(store.getAll())) {
    const record = readable(parseSessionRecord(item), "a session");
    store.put({ ...record, epoch: random.epoch() }, record.summary.id);
  }
  await done;
  await database.close();
}

async function apply(transaction: IDBTransaction, write: StoreWrite): Promise<void> {
  const sessions = transaction.objectStore(SESSIONS);
  const rows = transaction.objectStore(ROWS);
  switch (write.kind) {
    case "create": {
      const id = write.record.summary.id;
      if ((await requestDone(transaction.objectStore(DELETED).getKey(id))) !== undefined) {
        throw new Error(`Session ${id} was deleted; it can't be created again.`);
      }
      // `add` fails where the key exists: two creates can't both win.
      await requestDone(sessions.add(write.record, id));
      return;
    }
    case "append": {
      const id = write.record.summary.id;
      const stored = await requestDone<unknown>(sessions.get(id));
      if (stored === undefined) throw new Error(`Session ${id} does not exist; nothing can be appended.`);
      const { tail } = readable(parseSessionRecord(stored), "a session");
      if (tail !== write.expectedTail) {
        throw new Error(
          `Session ${id} stands at ${tail}, not at ${write.expectedTail}: another writer was here.`,
        );
      }
      checkContinues(write.record, write.expectedTail, write.rows);
      for (const row of write.rows) rows.add(toStored(row), [id, row.seq]);
      await requestDone(sessions.put(write.record, id));
      return;
    }
    case "compact":
      // Rows within the range only: one that reaches beyond it stays whole.
      for (const item of await requestDone<unknown[]>(
        rows.getAll(rowsBetween(write.session, write.from, write.seq)),
      )) {
        const row = readable(parse(RowSchema, item), "a row of a log");
        if (row.from >= write.from) rows.delete([write.session, row.seq]);
      }
      for (const row of write.rows) await requestDone(rows.put(toStored(row), [write.session, row.seq]));
      return;
    case "delete":
      rows.delete(rowsAfter(write.session, 0));
      sessions.delete(write.session);
      await requestDone(transaction.objectStore(DELETED).put(true, write.session));
      return;
  }
}

function checkContinues(record: SessionRecord, expectedTail: number, rows: readonly LogRow[]): void {
  let tail = expectedTail;
  for (const row of rows) {
    if (row.from !== tail + 1 || row.seq < row.from) {
      throw new Error(`A row from ${row.from} to ${row.seq} does not continue a log at ${tail}.`);
    }
    tail = row.seq;
  }
  if (tail !== record.tail) throw new Error(`The record says ${record.tail}, its rows end at ${tail}.`);
}

function toStored(row: LogRow): LogRow {
  return { from: row.from, seq: row.seq, data: row.data };
}

function rowsAfter(session: SessionId, afterSeq: number): IDBKeyRange {
  return IDBKeyRange.bound([session, afterSeq], [session, Number.POSITIVE_INFINITY], true);
}

function rowsBetween(session: SessionId, from: number, seq: number): IDBKeyRange {
  return IDBKeyRange.bound([session, from], [session, seq]);
}

function readable<Value>(
  parsed:
    | { readonly ok: true; readonly value: Value }
    | {
        readonly ok: false;
        readonly error: { readonly field: string | undefined; readonly message: string };
      },
  what: string,
): Value {
  if (parsed.ok) return parsed.value;
  const where = parsed.error.field === undefined ? "" : ` (${parsed.error.field})`;
  throw new MockDataError(
    `The mock's data can't be read: ${what}${where} ${parsed.error.message}. Press "Reset the mock", or delete the database "${MOCK_DATABASE}" in the browser's tools.`,
  );
}

function isQuotaError(error: unknown): boolean {
  return error instanceof DOMException && error.name === "QuotaExceededError";
}

function undo(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch (error) {
    // It has ended by itself already, which is what was wanted.
    if (!(error instanceof DOMException) || error.name !== "InvalidStateError") throw error;
  }
}

interface Connection {
  get(): Promise<IDBDatabase>;
  close(): Promise<void>;
}

/** Opens on first use, and again after the browser has closed it under us (`close` event: storage cleared, crash). */
function createConnection(name: string): Connection {
  let opened: Promise<IDBDatabase> | undefined;
  let isClosed = false;
  const open = async (): Promise<IDBDatabase> => {
    const request = indexedDB.open(name, 1);
    request.addEventListener("upgradeneeded", () => {
      for (const store of STORES) request.result.createObjectStore(store);
    });
    const db = await requestDone(request);
    const forget = (): void => {
      opened = undefined;
    };
    db.addEventListener("close", forget);
    // Another tab resets the mock: holding on would block it for ever.
    db.addEventListener("versionchange", () => {
      db.close();
      forget();
    });
    return db;
  };
  return {
    get() {
      if (isClosed) return Promise.reject(new Error("The mock's store is closed."));
      opened ??= open().catch((error: unknown) => {
        opened = undefined;
        throw error;
      });
      return opened;
    },
    async close() {
      isClosed = true;
      const db = await opened;
      db?.close();
    },
  };
}
