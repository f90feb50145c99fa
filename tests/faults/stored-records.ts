import { DATABASE_NAME, OBJECT_STORE_NAME } from "../../src/persistence/keys.ts";
import type { FaultTab } from "./fault-browser.ts";
import type { Stage } from "./stage.ts";

/** A page of the app's origin that runs nothing of the app: what looks at the store from there holds nothing open. */
export function openBarePage(stage: Stage): Promise<FaultTab> {
  return stage.browser.openTab(`${stage.url}/icon.svg`);
}

/** All records on disk, by key, as a page of the origin reads them through a connection of its own. */
export function readRecords(page: FaultTab): Promise<Readonly<Record<string, unknown>>> {
  return page.evaluate(
    async ({ database, store }) => {
      const ask = <Value>(request: IDBRequest<Value>): Promise<Value> =>
        new Promise((resolve, reject) => {
          request.addEventListener("success", () => resolve(request.result));
          request.addEventListener("error", () => reject(request.error ?? new Error("failed")));
        });
      const opened = await ask(indexedDB.open(database));
      try {
        if (!opened.objectStoreNames.contains(store)) return {};
        const records = opened.transaction(store).objectStore(store);
        const [keys, values] = await Promise.all([ask(records.getAllKeys()), ask(records.getAll())]);
        return Object.fromEntries(
          keys.map((key, index) => [
            typeof key === "string" ? key : JSON.stringify(key),
            values[index] as unknown,
          ]),
        );
      } finally {
        opened.close();
      }
    },
    { database: DATABASE_NAME, store: OBJECT_STORE_NAME },
  );
}

/** Writes what the app never would. `records`: by key, as they are. */
export function writeRecords(page: FaultTab, records: Readonly<Record<string, unknown>>): Promise<void> {
  return page.evaluate(
    async ({ database, store, entries }) => {
      const opened = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open(database);
        request.addEventListener("success", () => resolve(request.result));
        request.addEventListener("error", () => reject(request.error ?? new Error("failed")));
      });
      const transaction = opened.transaction(store, "readwrite");
      for (const [key, value] of entries) transaction.objectStore(store).put(value, key);
      await new Promise<void>((resolve, reject) => {
        transaction.addEventListener("complete", () => resolve());
        transaction.addEventListener("abort", () => reject(transaction.error ?? new Error("aborted")));
      });
      opened.close();
    },
    { database: DATABASE_NAME, store: OBJECT_STORE_NAME, entries: Object.entries(records) },
  );
}

/** Waits until the words lie on the disk as a draft, in the place of that session. */
export async function untilDraftOnDisk(
  stage: Stage,
  page: FaultTab,
  place: string,
  text: string,
  limitMs?: number,
): Promise<void> {
  await stage.until(
    `the draft ${JSON.stringify(text)} is on the disk`,
    async () =>
      JSON.stringify((await readRecords(page))[`draft/${place}`] ?? "").includes(JSON.stringify(text)),
    limitMs,
  );
}
