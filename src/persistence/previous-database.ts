import { promisifyRequest } from "idb-keyval";
import { OBJECT_STORE_NAME, PREVIOUS_DATABASE_NAMES } from "./keys.ts";
import type { LeaveGuard } from "./leave-guard.ts";
import type { Records } from "./records.ts";

/**
 * Carries outbox and drafts of the versions before over into `records`. What the server has too is dropped: it is a cache.
 * Answers whether anything came. How is loaded only where there is such a database: few browsers have one.
 *
 *   read the words ──▶ put them here, where there is nothing newer ──▶ remove there what was read, and the cache
 *   nothing there at all: the database is deleted
 *
 * Interrupted anywhere it is safe to repeat, and it is, at every start, for as long as there is such a database: a tab of
 * the older build may be open and write words into it still. So it is deleted only when a start finds it empty.
 */
export async function carryOverWords(
  records: Records,
  guard: LeaveGuard,
  factory: IDBFactory = indexedDB,
): Promise<boolean> {
  let hasCome = false;
  for (const name of PREVIOUS_DATABASE_NAMES) {
    const database = await openExisting(factory, name);
    if (database === undefined) continue;
    let found: "empty" | "cache" | "words";
    try {
      found = await (await import("./carry-over.ts")).carryOverFrom(database, records, guard);
    } finally {
      database.close();
    }
    if (found === "empty") await deleteDatabase(factory, name);
    if (found === "words") hasCome = true;
  }
  return hasCome;
}

/** Resolves when they are deleted, or wait for a tab that has one open: then it is deleted when that one closes. */
export async function deletePreviousDatabases(factory: IDBFactory = indexedDB): Promise<void> {
  await Promise.all(PREVIOUS_DATABASE_NAMES.map((name) => deleteDatabase(factory, name)));
}

function deleteDatabase(factory: IDBFactory, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = factory.deleteDatabase(name);
    request.addEventListener("success", () => resolve());
    request.addEventListener("blocked", () => resolve());
    request.addEventListener("error", () => reject(request.error ?? new Error("the old database stays")));
  });
}

/** Without making it: `databases()` would tell, but not in every browser. */
async function openExisting(factory: IDBFactory, name: string): Promise<IDBDatabase | undefined> {
  const request = factory.open(name);
  let isNew = false;
  request.addEventListener("upgradeneeded", () => {
    isNew = true;
    request.transaction?.abort();
  });
  try {
    const database = await promisifyRequest(request);
    // Nobody is to wait for this connection.
    database.addEventListener("versionchange", () => database.close());
    if (database.objectStoreNames.contains(OBJECT_STORE_NAME)) return database;
    database.close();
    return undefined;
  } catch (error) {
    if (isNew) return undefined;
    throw error;
  }
}
