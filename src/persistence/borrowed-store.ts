import { promisifyRequest, type UseStore } from "idb-keyval";
import { DATABASE_NAME, OBJECT_STORE_NAME } from "./keys.ts";

/**
 * A store function whose connection comes from a fresh same-origin frame. Measured in WebKit (Safari before the fix of
 * March 2026): when the network process has died, every later `indexedDB.open` of the document fails, while the
 * `indexedDB` of a new about:blank frame opens the same database. Undefined where there is no document.
 * The frame stays for as long as the page: the connection lives with it.
 */
export function connectThroughFrame(): UseStore | undefined {
  if (typeof document === "undefined") return undefined;
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.title = "storage";
  try {
    document.body.append(frame);
    const factory = frame.contentWindow?.indexedDB;
    if (factory !== undefined) return createStoreOn(factory);
  } catch {
    // No body yet, or a frame that is denied its storage: this way is closed too.
  }
  frame.remove();
  return undefined;
}

/** idb-keyval's `createStore` over another factory than the document's own. */
export function createStoreOn(factory: IDBFactory): UseStore {
  let opening: Promise<IDBDatabase> | undefined;

  async function open(): Promise<IDBDatabase> {
    const request = factory.open(DATABASE_NAME);
    request.addEventListener("upgradeneeded", () => request.result.createObjectStore(OBJECT_STORE_NAME));
    const database = await promisifyRequest(request);
    database.addEventListener("close", () => {
      opening = undefined;
    });
    return database;
  }

  async function connection(): Promise<IDBDatabase> {
    opening ??= open();
    try {
      return await opening;
    } catch (error) {
      opening = undefined;
      throw error;
    }
  }

  return async (mode, callback) => {
    const database = await connection();
    return callback(database.transaction(OBJECT_STORE_NAME, mode).objectStore(OBJECT_STORE_NAME));
  };
}
