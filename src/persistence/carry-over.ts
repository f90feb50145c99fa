import { promisifyRequest } from "idb-keyval";
import * as v from "valibot";
import { parse } from "../protocol/parse.ts";
import { OBJECT_STORE_NAME, recordKeys } from "./keys.ts";
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

/** Takes what has no other copy out of a database of an older version, and says what there was in it. */
export async function carryOverFrom(
  database: IDBDatabase,
  records: Records,
  guard: LeaveGuard,
): Promise<"empty" | "cache" | "words"> {
  const found = await readAll(database);
  if (found.size === 0) return "empty";
  const words = new Map([...found].filter(([key]) => WORDS.some((range) => isInRange(key, range))));
  if (words.size > 0) await putWhereNewer(records, words);
  await removeRead(database, guard, found, words);
  return words.size > 0 ? "words" : "cache";
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
