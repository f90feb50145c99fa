import { promisifyRequest, type UseStore } from "idb-keyval";
import { MEASURE_NAMES, NO_MEASURES, type Measures } from "../streaming/measures.ts";
import { recordKeys } from "./keys.ts";
import type { LeaveGuard } from "./leave-guard.ts";
import { prefixRange, type Decision, type KeyRange, type SharedRecords } from "./records.ts";
import { DecideError } from "./storage-failure.ts";

/** Looks at the generation that every transaction reads along; throws to end it. */
export type Fence = (generation: number) => void;

export interface DiskRecords extends SharedRecords {
  /** Whether a write transaction gets through; answers the generation on disk. */
  probe(): Promise<number>;
  /** Removes everything and leaves the generation that `next` makes of the one there was. */
  wipe(next: (generation: number) => number): Promise<number>;
}

/** Records in one IndexedDB object store, through idb-keyval's store function. Rejects with whatever the engine says. */
export function createDiskRecords(
  useStore: UseStore,
  guard: LeaveGuard,
  fence: Fence,
  measures: Measures = NO_MEASURES,
): DiskRecords {
  async function readAlong<Value>(store: IDBObjectStore, read: () => Promise<Value>): Promise<Value> {
    const [generation, value] = await Promise.all([
      promisifyRequest<unknown>(store.get(recordKeys.generation)),
      read(),
    ]);
    fence(toGeneration(generation));
    return value;
  }

  function readWrite<Value>(work: (store: IDBObjectStore) => Promise<Value>): Promise<Value> {
    return useStore("readwrite", async (store) => {
      const end = guard.begin(store.transaction);
      try {
        const value = await work(store);
        const done = promisifyRequest(store.transaction);
        // A tab that is frozen before the automatic commit would block the others. Old engines have no `commit`.
        store.transaction.commit?.();
        await done;
        return value;
      } catch (error) {
        abortQuietly(store.transaction);
        throw error;
      } finally {
        end();
      }
    });
  }

  /** What is new and what is removed, copied into the transaction. */
  function apply<Answer>(store: IDBObjectStore, decide: () => Decision<Answer>): Answer {
    const startMs = measures.now();
    const { answer, put, remove = [], removeRanges = [] } = decideSafely(decide);
    for (const range of removeRanges) store.delete(toKeyRange(range));
    for (const key of remove) store.delete(key);
    for (const [key, value] of put ?? []) store.put(value, key);
    measures.note(MEASURE_NAMES.diskWork, startMs, { records: put?.size ?? 0 });
    return answer;
  }

  const getMany = (store: IDBObjectStore, keys: readonly string[]): Promise<unknown[]> =>
    Promise.all(keys.map((key) => promisifyRequest<unknown>(store.get(key))));

  return {
    read: async (keys) => useStore("readonly", (store) => readAlong(store, () => getMany(store, keys))),
    readPrefix: async (prefix) =>
      useStore("readonly", async (store) => {
        const range = toKeyRange(prefixRange(prefix));
        const [keys, values] = await readAlong(store, () =>
          Promise.all([
            promisifyRequest(store.getAllKeys(range)),
            promisifyRequest<unknown[]>(store.getAll(range)),
          ]),
        );
        return new Map(keys.map((key, index) => [toText(key), values[index]]));
      }),
    update: async (keys, decide) =>
      readWrite(async (store) => {
        const values = await readAlong(store, () => getMany(store, keys));
        return apply(store, () => decide(values));
      }),
    updateWithLast: async (key, rangeOf, decide) =>
      readWrite(async (store) => {
        const value = await readAlong(store, () => promisifyRequest<unknown>(store.get(key)));
        const range = rangeOf(value);
        const last = range === undefined ? undefined : await lastIn(store, range);
        return apply(store, () => decide(value, last));
      }),
    // The generation is not read along: a wipe takes away the record below, and what depends on it can't be added any more.
    add: async ({ key, value, below, holds }) =>
      useStore("readwrite", async (store) => {
        const { transaction } = store;
        const end = guard.begin(transaction);
        try {
          const startMs = measures.now();
          // Both at once, and one way to the disk and back instead of two; the commit waits for the answer.
          const reading = store.get(below);
          store.add(value, key);
          measures.note(MEASURE_NAMES.diskWork, startMs, { records: 1 });
          return await new Promise<boolean>((resolve, reject) => {
            let isRefused = false;
            reading.addEventListener("success", () => {
              isRefused = !holds(reading.result);
              if (isRefused) abortQuietly(transaction);
              else transaction.commit?.();
            });
            transaction.addEventListener("complete", () => resolve(true));
            transaction.addEventListener("abort", () => {
              if (isRefused || transaction.error?.name === "ConstraintError") resolve(false);
              else
                reject(transaction.error ?? new DOMException("The transaction was aborted.", "AbortError"));
            });
          });
        } catch (error) {
          abortQuietly(transaction);
          throw error;
        } finally {
          end();
        }
      }),
    // One way to the disk, but a request for each: a task clones what one of them brings.
    readRanges: async (ranges, limit) =>
      useStore("readonly", (store) =>
        readAlong(store, () =>
          Promise.all(
            ranges.map((range) => promisifyRequest<unknown[]>(store.getAll(toKeyRange(range), limit))),
          ),
        ),
      ),
    probe: async () =>
      readWrite(async (store) =>
        toGeneration(await promisifyRequest<unknown>(store.get(recordKeys.generation))),
      ),
    wipe: async (next) =>
      readWrite(async (store) => {
        const before = await promisifyRequest<unknown>(store.get(recordKeys.generation));
        const generation = next(toGeneration(before));
        store.clear();
        store.put(generation, recordKeys.generation);
        return generation;
      }),
  };
}

function toKeyRange({ first, last }: KeyRange): IDBKeyRange {
  return IDBKeyRange.bound(first, last);
}

/** All keys here are strings; one that isn't is another program's and matches no prefix. */
function toText(key: IDBValidKey): string {
  return typeof key === "string" ? key : "";
}

function toGeneration(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

async function lastIn(store: IDBObjectStore, range: KeyRange): Promise<unknown> {
  const cursor = await promisifyRequest(store.openCursor(toKeyRange(range), "prev"));
  return cursor?.value;
}

function decideSafely<Value>(decide: () => Value): Value {
  try {
    return decide();
  } catch (error) {
    throw new DecideError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Half of a decision must never be kept. */
function abortQuietly(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch (error) {
    // It has ended by itself, which is what made us come here.
    if (!(error instanceof DOMException)) throw error;
  }
}
