import { promisifyRequest, type UseStore } from "idb-keyval";
import { MEASURE_NAMES, NO_MEASURES, type Measures } from "../streaming/measures.ts";
import { recordKeys } from "./keys.ts";
import type { LeaveGuard } from "./leave-guard.ts";
import { prefixRange, type Decision, type KeyRange, type Records } from "./records.ts";
import { DecideError } from "./storage-failure.ts";

/** Looks at the generation that every transaction reads along; throws to end it. */
export type Fence = (generation: number) => void;

export interface DiskRecords extends Records {
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
        const startMs = measures.now();
        const { answer, put, remove = [], removeRanges = [] } = decideSafely(decide, values);
        for (const range of removeRanges) store.delete(toKeyRange(range));
        for (const key of remove) store.delete(key);
        for (const [key, value] of put ?? []) store.put(value, key);
        measures.note(MEASURE_NAMES.diskWork, startMs, { records: put?.size ?? 0 });
        return answer;
      }),
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

function decideSafely<Answer>(
  decide: (values: readonly unknown[]) => Decision<Answer>,
  values: readonly unknown[],
): Decision<Answer> {
  try {
    return decide(values);
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
