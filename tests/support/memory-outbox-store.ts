import type { OutboxEntry, OutboxStore, TabLock } from "../../src/streaming/ports.ts";

/** An outbox store in memory. Shared by several tabs, each told of the others' changes. */
export interface MemoryOutboxStore extends OutboxStore {
  readonly kept: Map<string, OutboxEntry>;
  isFull: boolean;
}

export function createMemoryOutboxStore(): MemoryOutboxStore {
  const kept = new Map<string, OutboxEntry>();
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  const store: MemoryOutboxStore = {
    kept,
    isFull: false,
    load: () => Promise.resolve([...kept.values()].sort((left, right) => (left.id < right.id ? -1 : 1))),
    put(entry) {
      if (store.isFull) return Promise.reject(new Error("no space"));
      kept.set(entry.id, structuredClone(entry));
      tell();
      return Promise.resolve();
    },
    remove(id) {
      if (kept.delete(id)) tell();
      return Promise.resolve();
    },
    removeSession(sid) {
      for (const entry of kept.values()) if (entry.session === sid) kept.delete(entry.id);
      tell();
      return Promise.resolve();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
  return store;
}

/**
 * One holder of a name at a time, first come first served, over all tabs that share it.
 * Grants at once when nobody holds it, so that a test without contention needs no turn of the loop.
 */
export function createMemoryTabLock(): TabLock {
  const queues = new Map<string, (() => void)[]>();
  const next = (name: string): void => {
    const waiting = queues.get(name)?.shift();
    if (waiting === undefined) queues.delete(name);
    else waiting();
  };
  return {
    async withLock(name, work, givenUp) {
      const queue = queues.get(name);
      if (queue === undefined) queues.set(name, []);
      else {
        let take = (): void => {};
        const taken = new Promise<boolean>((resolve) => {
          take = () => resolve(true);
        });
        queue.push(take);
        const left = givenUp?.then(() => false) ?? taken;
        if (!(await Promise.race([taken, left])) && queue.includes(take)) {
          queue.splice(queue.indexOf(take), 1);
          throw new Error("given up");
        }
      }
      try {
        return await work();
      } finally {
        next(name);
      }
    },
  };
}
