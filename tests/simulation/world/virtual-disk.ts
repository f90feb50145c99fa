import type { DiskRecords, Fence } from "../../../src/persistence/disk-records.ts";
import { recordKeys } from "../../../src/persistence/keys.ts";
import type { LeaveGuard } from "../../../src/persistence/leave-guard.ts";
import { isInRange, type Decision } from "../../../src/persistence/records.ts";
import { DecideError } from "../../../src/persistence/storage-failure.ts";
import type { Dice } from "./dice.ts";
import type { TabLoop } from "./tab-loop.ts";
import type { TrueTime } from "./true-time.ts";
import { Violation } from "./violation.ts";

export type DiskTrouble = "fine" | "full" | "hanging" | "refused" | "slow";

/** IndexedDB of one browser: one object store, shared by its tabs. Values are cloned on their way in and out. */
export interface VirtualDisk {
  readonly records: Map<string, unknown>;
  trouble: DiskTrouble;
  /** The engine's storage process dies: every connection that is open is lost. */
  lose(canReopen: boolean): void;
  /** A new process: the documents that lost it are another matter. */
  heal(): void;
  /** The browser emptied it. */
  evict(): void;
  /** How often it was emptied: what is written from then on has nothing to do with what was there before. */
  evictions(): number;
  /** A record becomes garbage. */
  spoil(key: string, garbage: number): void;
  /** How often something changed: what looks at it need not look twice. */
  version(): number;
  /** A connection of one page. */
  connect(loop: TabLoop, guard: LeaveGuard, fence: Fence, isElsewhere: boolean): DiskRecords;
}

export function createVirtualDisk(
  time: TrueTime,
  dice: Dice,
  onViolation: (violation: Violation) => void,
): VirtualDisk {
  const records = new Map<string, unknown>();
  let connections = 0;
  /** Connections up to this one are lost. */
  let lostUpTo = 0;
  /** Documents that can't open again; a new one can, or a frame of it. */
  const lostDocuments = new Set<TabLoop>();
  const documents = new Set<TabLoop>();
  let version = 0;
  let evictions = 0;
  const waiting: (() => void)[] = [];

  const disk: VirtualDisk = {
    records,
    trouble: "fine",
    lose(canReopen) {
      lostUpTo = connections;
      if (!canReopen) for (const loop of documents) lostDocuments.add(loop);
    },
    heal() {
      disk.trouble = "fine";
      lostDocuments.clear();
      for (const go of waiting.splice(0)) go();
    },
    evict() {
      records.clear();
      version += 1;
      evictions += 1;
    },
    evictions: () => evictions,
    spoil(key, garbage) {
      records.set(key, { version: 0, garbage });
      version += 1;
    },
    version: () => version,
    connect(loop, guard, fence, isElsewhere) {
      connections += 1;
      const number = connections;
      documents.add(loop);
      const isDead = lostDocuments.has(loop) && !isElsewhere;

      function transact<Value>(isWriting: boolean, work: () => Value): Promise<Value> {
        return new Promise<Value>((resolve, reject) => {
          let isAborted = false;
          let end = (): void => undefined;
          if (isWriting) {
            const transaction = {
              abort: () => {
                isAborted = true;
                reject(new DOMException("aborted", "AbortError"));
              },
            };
            try {
              end = guard.begin(transaction as unknown as IDBTransaction);
            } catch (error) {
              reject(error instanceof Error ? error : new Error(String(error)));
              return;
            }
          }
          const run = (): void => {
            if (isAborted || loop.state === "dead") return;
            end();
            if (number <= lostUpTo) {
              reject(new DOMException("The database connection is closing.", "InvalidStateError"));
            } else if (isDead) {
              reject(new DOMException("Connection to Indexed Database server lost.", "UnknownError"));
            } else if (disk.trouble === "refused") {
              reject(new DOMException("denied", "SecurityError"));
            } else {
              try {
                const value = work();
                // What is written is there before its tab hears of it.
                if (isWriting) time.after(latencyMs(), () => loop.deliver(() => resolve(value)));
                else resolve(value);
              } catch (error) {
                reject(error instanceof Error ? error : new Error(String(error)));
              }
            }
          };
          const go = (): void => {
            time.after(latencyMs(), () => loop.deliver(run));
          };
          if (disk.trouble === "hanging" && number > lostUpTo) waiting.push(go);
          else go();
        });
      }

      function look(): void {
        fence(generation());
      }

      function apply({ put, remove = [], removeRanges = [] }: Decision<unknown>): void {
        if ((put?.size ?? 0) > 0 && disk.trouble === "full")
          throw new DOMException("full", "QuotaExceededError");
        const cloned = [...(put ?? [])].map(([key, value]) => [key, structuredClone(value)] as const);
        for (const range of removeRanges)
          for (const key of records.keys()) if (isInRange(key, range)) records.delete(key);
        for (const key of remove) records.delete(key);
        for (const [key, value] of cloned) records.set(key, value);
        version += 1;
      }

      return {
        read: (keys) =>
          transact(false, () => {
            look();
            return keys.map((key) => structuredClone(records.get(key)));
          }),
        readPrefix: (prefix) =>
          transact(false, () => {
            look();
            const keys = [...records.keys()].filter((key) => key.startsWith(prefix)).sort();
            return new Map(keys.map((key) => [key, structuredClone(records.get(key))]));
          }),
        readRanges: (ranges, limit) =>
          transact(false, () => {
            look();
            return ranges.map((range) => {
              const keys = [...records.keys()].filter((key) => isInRange(key, range)).sort();
              return keys.slice(0, limit).map((key) => structuredClone(records.get(key)));
            });
          }),
        add: ({ key, value, below, holds }) =>
          transact(true, () => {
            if (!holds(structuredClone(records.get(below))) || records.has(key)) return false;
            apply({ answer: true, put: new Map([[key, value]]) });
            return true;
          }),
        updateWithLast: (key, rangeOf, decide) =>
          transact(true, () => {
            look();
            const value = structuredClone(records.get(key));
            const range = rangeOf(value);
            const inRange = (other: string): boolean => range !== undefined && isInRange(other, range);
            const last = [...records.keys()].filter(inRange).sort().at(-1);
            const lastValue = last === undefined ? undefined : structuredClone(records.get(last));
            const decision = decideSafely(() => decide(value, lastValue));
            apply(decision);
            return decision.answer;
          }),
        update: (keys, decide) =>
          transact(true, () => {
            look();
            const values = keys.map((key) => structuredClone(records.get(key)));
            const decision = decideSafely(() => decide(values));
            apply(decision);
            return decision.answer;
          }),
        probe: () => transact(true, generation),
        wipe: (next) =>
          transact(true, () => {
            const made = next(generation());
            records.clear();
            records.set(recordKeys.generation, made);
            version += 1;
            return made;
          }),
      };
    },
  };

  function latencyMs(): number {
    return disk.trouble === "slow" ? dice.whole(200, 3_000) : dice.whole(0, 6);
  }

  function generation(): number {
    const value = records.get(recordKeys.generation);
    return typeof value === "number" ? value : 0;
  }

  function decideSafely<Value>(decide: () => Value): Value {
    try {
      return decide();
    } catch (error) {
      onViolation(new Violation("uncaught", `a transaction's own function threw: ${String(error)}`));
      throw new DecideError(String(error), { cause: error });
    }
  }

  return disk;
}
