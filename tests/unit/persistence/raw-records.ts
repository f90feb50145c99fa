import { createStore, type UseStore } from "idb-keyval";
import { DATABASE_NAME, OBJECT_STORE_NAME } from "../../../src/persistence/keys.ts";

export const rawStore = (): UseStore => createStore(DATABASE_NAME, OBJECT_STORE_NAME);

function ask<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("failed")));
  });
}

/** Through a connection of its own, which is closed again: one that stays open would block a deletion. */
async function within<Value>(
  name: string,
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => Promise<Value>,
): Promise<Value> {
  const opening = indexedDB.open(name);
  opening.addEventListener("upgradeneeded", () => opening.result.createObjectStore(OBJECT_STORE_NAME));
  const database = await ask(opening);
  const transaction = database.transaction(OBJECT_STORE_NAME, mode);
  const done = new Promise((resolve) => {
    transaction.addEventListener("complete", resolve);
  });
  const value = await work(transaction.objectStore(OBJECT_STORE_NAME));
  await done;
  database.close();
  return value;
}

export function readRaw(key: string, database = DATABASE_NAME): Promise<unknown> {
  return within(database, "readonly", (store) => ask<unknown>(store.get(key)));
}

/** The keys of all records, in their order. */
export function rawKeys(prefix = "", database = DATABASE_NAME): Promise<readonly string[]> {
  return within(database, "readonly", async (store) =>
    (await ask(store.getAllKeys())).map(String).filter((key) => key.startsWith(prefix)),
  );
}

/** `value` undefined: the record is removed. */
export async function writeRaw(key: string, value: unknown, database = DATABASE_NAME): Promise<void> {
  await within(database, "readwrite", async (store) => {
    if (value === undefined) store.delete(key);
    else store.put(value, key);
  });
}
