import { promisifyRequest } from "idb-keyval";
import * as v from "valibot";
import { parse } from "../protocol/parse.ts";
import { OBJECT_STORE_NAME, PREVIOUS_DATABASE_NAMES, recordKeys } from "./keys.ts";
import type { LeaveGuard } from "./leave-guard.ts";
import { isInRange, prefixRange, type KeyRange, type Records } from "./records.ts";

/** What has no other copy: it is carried over. The keys are the same in all versions. */
const WORDS: readonly KeyRange[] = [
  recordKeys.outboxPrefix,
  recordKeys.draftPrefix,
  recordKeys.quarantine(recordKeys.outboxPrefix),
  recordKeys.quarantine(recordKeys.draftPrefix),
].map(prefixRange);

const WrittenSchema = v.object({ atMs: v.number() });

/**
 * Carries outbox and drafts of the versions before over into `records`. What the server has too is dropped: it is a cache.
 * Answers whether anything came.
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
  for (const name of PREVIOUS_DATABASE_NAMES)
    hasCome = (await carryOverFrom(name, records, guard, factory)) || hasCome;
  return hasCome;
}

async function carryOverFrom(
  name: string,
  records: Records,
  guard: LeaveGuard,
  factory: IDBFactory,
): Promise<boolean> {
  const database = await openExisting(factory, name);
  if (database === undefined) return false;
  try {
    const found = await readAll(database);
    if (found.size === 0) {
      database.close();
      await deleteDatabase(factory, name);
      return false;
    }
    const words = new Map([...found].filter(([key]) => WORDS.some((range) => isInRange(key, range))));
    if (words.size > 0) await putWhereNewer(records, words);
    await removeRead(database, guard, found, words);
    return words.size > 0;
  } finally {
    database.close();
  }
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

async function readAll(database: IDBDatabase): Promise<ReadonlyMap<string, unknown>> {
  const store = database.transaction(OBJECT_STORE_NAME, "readonly").objectStore(OBJECT_STORE_NAME);
  const keys = (await promisifyRequest(store.getAllKeys())).filter((key) => typeof key === "string");
  // The texts of sessions may be many megabytes, and are not needed.
  const wanted = keys.filter((key) => WORDS.some((range) => isInRange(key, range)));
  const values = await Promise.all(wanted.map((key) => promisifyRequest<unknown>(store.get(key))));
  const found = new Map<string, unknown>(
    keys.filter((key) => key !== recordKeys.generation).map((key) => [key, undefined]),
  );
  for (const [index, key] of wanted.entries()) found.set(key, values[index]);
  return found;
}

async function putWhereNewer(records: Records, words: ReadonlyMap<string, unknown>): Promise<void> {
  const keys = [...words.keys()];
  await records.update(keys, (known) => ({
    answer: undefined,
    put: new Map(
      [...words].filter(([, word], index) => known[index] === undefined || isNewer(word, known[index])),
    ),
  }));
}

/** Drafts say when they were written; of an outbox entry every copy is the same. */
function isNewer(word: unknown, known: unknown): boolean {
  const [its, ours] = [parse(WrittenSchema, word), parse(WrittenSchema, known)];
  return its.ok && ours.ok && its.value.atMs > ours.value.atMs;
}

/** What a tab of the older build has changed since it was read stays for the next start. */
async function removeRead(
  database: IDBDatabase,
  guard: LeaveGuard,
  found: ReadonlyMap<string, unknown>,
  words: ReadonlyMap<string, unknown>,
): Promise<void> {
  const transaction = database.transaction(OBJECT_STORE_NAME, "readwrite");
  const end = guard.begin(transaction);
  try {
    const store = transaction.objectStore(OBJECT_STORE_NAME);
    const keys = [...words.keys()];
    const now = await Promise.all(keys.map((key) => promisifyRequest<unknown>(store.get(key))));
    for (const [index, key] of keys.entries())
      if (JSON.stringify(now[index]) === JSON.stringify(words.get(key))) store.delete(key);
    for (const key of found.keys()) if (!words.has(key)) store.delete(key);
    await promisifyRequest(transaction);
  } finally {
    end();
  }
}
