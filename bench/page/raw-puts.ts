import { timed, type AnswerKeeper } from "./kept-answer.ts";

/**
 * The least: a put of each piece in a transaction of its own, one that puts the whole in their place, one read.
 *
 * @param hasCursor Each transaction reads a cursor before it writes, and writes it: what it takes to let no tab overwrite another's newer text.
 */
export async function openRawPuts(hasCursor: boolean): Promise<AnswerKeeper> {
  // One database each, as the product has one: what lies in the one is not searched by the other.
  const database = await openDatabase(hasCursor ? "raw-cursor" : "raw");
  return {
    async begin(text, flushes) {
      const key = crypto.randomUUID();
      const size = Math.ceil(text.length / flushes);
      let at = 0;
      return {
        flush() {
          const piece = text.slice(at, at + size);
          const place = [key, at];
          at += size;
          const put = (store: IDBObjectStore): unknown => store.put(piece, place);
          return timed(() => (hasCursor ? writeBehindCursor(database, key, put) : write(database, put)));
        },
        settle: () =>
          timed(() =>
            write(database, (store) => {
              store.delete(IDBKeyRange.bound([key, 0], [key, text.length]));
              store.put(text, [key, -1]);
            }),
          ),
        readBack: () =>
          timed(async () => {
            const read: unknown = await promised(
              database.transaction("raw").objectStore("raw").get([key, -1]),
            );
            if (read !== text) throw new Error("Raw puts were not read back.");
          }),
        forget: () => write(database, (store) => store.clear()),
      };
    },
    close: () => database.close(),
  };
}

function openDatabase(name: string): Promise<IDBDatabase> {
  const opening = indexedDB.open(name, 1);
  opening.addEventListener("upgradeneeded", () => opening.result.createObjectStore("raw"));
  return promised(opening);
}

function promised<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(new Error(String(request.error))));
  });
}

async function writeBehindCursor(
  database: IDBDatabase,
  key: string,
  work: (store: IDBObjectStore) => unknown,
): Promise<void> {
  const transaction = database.transaction("raw", "readwrite");
  const store = transaction.objectStore("raw");
  const cursor: unknown = await promised(store.get([key, -2]));
  work(store);
  store.put({ seq: typeof cursor === "object" ? 1 : 0 }, [key, -2]);
  await ended(transaction);
}

function write(database: IDBDatabase, work: (store: IDBObjectStore) => unknown): Promise<void> {
  const transaction = database.transaction("raw", "readwrite");
  work(transaction.objectStore("raw"));
  return ended(transaction);
}

function ended(transaction: IDBTransaction): Promise<void> {
  transaction.commit();
  return new Promise((resolve, reject) => {
    transaction.addEventListener("complete", () => resolve());
    transaction.addEventListener("abort", () => reject(new Error(String(transaction.error))));
  });
}
