import { isInRange, type Decision, type KeyRange, type Records } from "./records.ts";

/** Stands in where IndexedDB is refused, and remembers what changed until a disk takes it over. */
export interface MemoryRecords extends Records {
  /** What was put (or removed: undefined) since the last `clear`. */
  changes(): ReadonlyMap<string, unknown>;
  /** Ranges that were removed since then, before what `changes` has in them was put. */
  removedRanges(): readonly KeyRange[];
  /** Grows with every change. */
  version(): number;
  clear(): void;
}

export function createMemoryRecords(): MemoryRecords {
  const changes = new Map<string, unknown>();
  let ranges: KeyRange[] = [];
  let version = 0;
  return {
    read: async (keys) => keys.map((key) => changes.get(key)),
    readPrefix: async (prefix) => {
      const found = [...changes].filter(([key, value]) => key.startsWith(prefix) && value !== undefined);
      return new Map(found.sort(([a], [b]) => (a < b ? -1 : 1)));
    },
    readRanges: async (ranges, limit) =>
      ranges.map((range) => {
        const found = [...changes].filter(([key, value]) => isInRange(key, range) && value !== undefined);
        return found
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .slice(0, limit)
          .map(([, value]) => value);
      }),
    update: async <Answer>(
      keys: readonly string[],
      decide: (values: readonly unknown[]) => Decision<Answer>,
    ) => {
      const { answer, put, remove = [], removeRanges = [] } = decide(keys.map((key) => changes.get(key)));
      for (const range of removeRanges) {
        for (const key of changes.keys()) if (isInRange(key, range)) changes.delete(key);
        ranges.push(range);
      }
      for (const key of remove) changes.set(key, undefined);
      for (const [key, value] of put ?? []) changes.set(key, value);
      if (remove.length + removeRanges.length + (put?.size ?? 0) > 0) version += 1;
      return answer;
    },
    changes: () => changes,
    removedRanges: () => ranges,
    version: () => version,
    clear() {
      changes.clear();
      ranges = [];
    },
  };
}
