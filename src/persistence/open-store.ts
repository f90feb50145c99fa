import { createStore, type UseStore } from "idb-keyval";
import { err, ok, type Result } from "../protocol/result.ts";
import type { Measures } from "../streaming/measures.ts";
import type { Clock, Disposer, Page, Reporter } from "../streaming/ports.ts";
import { connectThroughFrame } from "./borrowed-store.ts";
import { createDiskRecords, type DiskRecords, type Fence } from "./disk-records.ts";
import { DATABASE_NAME, OBJECT_STORE_NAME } from "./keys.ts";
import { createLeaveGuard, type LeaveGuard } from "./leave-guard.ts";
import { createMemoryRecords } from "./memory-records.ts";
import type { Addition, Decision, KeyRange, Records, SharedRecords } from "./records.ts";
import { diskTrouble, WipedError, type DiskTrouble, type StorageFailure } from "./storage-failure.ts";
import { withinLimit } from "./time-limit.ts";

/** A start waits no longer for the disk: an open that hangs must not keep the app from showing. Unit: ms. */
export const PROBE_LIMIT_MS = 2_000;
/** A read or write that takes longer is taken for hung. Unit: ms; a slow phone writes 8 MB in about one second. */
export const OPERATION_LIMIT_MS = 5_000;
/** In memory, the disk is tried again when something is stored, at most this often. Unit: ms. */
export const RECOVERY_PAUSE_MS = 15_000;

/** What the person is told, in words. */
export interface StorageNotice {
  readonly kind: "memory" | "full" | "recovered";
  readonly message: string;
}

/** Records that are always there: on disk, and in memory where the disk refuses, hangs or breaks. Never throws, never hangs. */
export interface StoredRecords {
  read(keys: readonly string[]): Promise<Result<readonly unknown[], StorageFailure>>;
  readPrefix(prefix: string): Promise<Result<ReadonlyMap<string, unknown>, StorageFailure>>;
  readRanges(
    ranges: readonly KeyRange[],
    limit: number,
  ): Promise<Result<readonly (readonly unknown[])[], StorageFailure>>;
  update<Answer>(
    keys: readonly string[],
    decide: (values: readonly unknown[]) => Decision<Answer>,
  ): Promise<Result<Answer, StorageFailure>>;
  /**
   * Decided against what the disk holds, or not at all. What memory keeps is put on the disk later as it is, whatever
   * other tabs have written there meanwhile.
   */
  updateOnDisk<Answer>(
    key: string,
    rangeOf: (value: unknown) => KeyRange | undefined,
    decide: (value: unknown, last: unknown) => Decision<Answer>,
  ): Promise<Result<Answer, StorageFailure>>;
  /** The same for one record that is added; whether it was. */
  addOnDisk(addition: Addition): Promise<Result<boolean, StorageFailure>>;
  /** After the first look at the disk: whether records live in this tab's memory only. */
  isInMemory(): Promise<boolean>;
  /** Removes all records; no tab that is open, this one included, can write any more until it is loaded anew. */
  wipe(): Promise<Result<void, StorageFailure>>;
  /** Another tab has wiped everything; learnt from the disk itself, so a tab that was frozen learns it too. */
  onWiped(listener: () => void): Disposer;
  /** The disk came back: what is on it should be read again. */
  onRecovered(listener: () => void): Disposer;
  dispose(): void;
}

export interface StoredRecordsPorts {
  readonly clock: Clock;
  readonly page: Page;
  readonly reporter: Reporter;
  readonly notify: (notice: StorageNotice) => void;
  /** Without it nothing is measured. */
  readonly measures?: Measures;
  /** Makes a store function with a connection of its own. */
  readonly connect?: () => UseStore;
  /** The same by another way, tried when opening again did not help; undefined when there is none. */
  readonly connectElsewhere?: () => UseStore | undefined;
  /** Makes the records of a connection by another adapter than IndexedDB's; `connect` is not asked then. */
  readonly makeDisk?: (guard: LeaveGuard, fence: Fence) => DiskRecords;
  /**
   * Brings what an older version kept, once the disk is there; answers whether anything came. It is waited for at the
   * start, no longer than for the disk itself; what comes later is told as if the disk had come back.
   */
  readonly carryOver?: (records: Records, guard: LeaveGuard) => Promise<boolean>;
  /** Removes what an older version kept: a wipe leaves nothing. */
  readonly forgetOlder?: () => Promise<void>;
  /** The same by another way, in the place of `connectElsewhere`. */
  readonly makeDiskElsewhere?: (guard: LeaveGuard, fence: Fence) => DiskRecords | undefined;
}

/**
 *   opening ──probe──▶ disk ──lost three times, hung──▶ memory
 *      └──refused, hung──▶ memory ──probe, at most every 15 s, or a late answer──▶ disk
 */
export function openStoredRecords(ports: StoredRecordsPorts): StoredRecords {
  const { clock, reporter, notify } = ports;
  const connect = ports.connect ?? (() => createStore(DATABASE_NAME, OBJECT_STORE_NAME));
  const connectElsewhere = ports.connectElsewhere ?? connectThroughFrame;
  const guard = createLeaveGuard(ports.page);
  const memory = createMemoryRecords();
  const recovered = new Set<() => void>();
  const wiped = new Set<() => void>();
  let knownGeneration: number | undefined;
  let isWiped = false;
  let wasFull = false;
  let lastTryMs = 0;
  /** Told to the person already: the disk was given up. */
  let isInMemory = false;
  /** The older version's words are on their way, once in a page's life. */
  let carrying: Promise<void> | undefined;
  /** Whoever waited for the start reads by now. */
  let isReady = false;
  /** Undefined until it has answered once, and while records live in memory. */
  let disk: DiskRecords | undefined;

  const fence = (generation: number): void => {
    // A smaller one means that the browser evicted the database, not that anybody wiped it.
    if (knownGeneration !== undefined && generation > knownGeneration) {
      if (!isWiped) for (const listener of wiped) listener();
      isWiped = true;
      throw new WipedError("Everything stored here was removed from another tab; reload to go on.");
    }
    knownGeneration = generation;
  };

  function makeDisk(): DiskRecords {
    if (ports.makeDisk !== undefined) return ports.makeDisk(guard, fence);
    return createDiskRecords(connect(), guard, fence, ports.measures);
  }

  function makeDiskElsewhere(): DiskRecords | undefined {
    if (ports.makeDiskElsewhere !== undefined) return ports.makeDiskElsewhere(guard, fence);
    const useStore = connectElsewhere();
    return useStore === undefined ? undefined : createDiskRecords(useStore, guard, fence, ports.measures);
  }

  /** Resolves within the limit; an answer that comes later still brings the disk back. */
  async function tryDisk(): Promise<void> {
    lastTryMs = clock.now();
    const candidate = makeDisk();
    const takingOver = (async () => {
      fence(await candidate.probe());
      await takeOver(candidate);
    })();
    try {
      await withinLimit(clock, PROBE_LIMIT_MS, takingOver);
    } catch (error) {
      if (!isInMemory) fallBack(diskTrouble(error));
    }
  }

  async function takeOver(candidate: DiskRecords): Promise<void> {
    // What was kept in memory meanwhile goes to the disk; what changes while that is written goes with the next round.
    for (let carried = -1; carried !== memory.version();) {
      carried = memory.version();
      const changes = memory.changes();
      const put = new Map([...changes].filter((change) => change[1] !== undefined));
      const remove = [...changes.keys()].filter((key) => !put.has(key));
      const removeRanges = memory.removedRanges();
      if (changes.size + removeRanges.length > 0)
        await candidate.update([], () => ({ answer: undefined, put, remove, removeRanges }));
    }
    // Another attempt may have come first.
    if (disk !== undefined) return;
    memory.clear();
    disk = candidate;
    carrying ??= carryOver(candidate);
    if (!isInMemory) return;
    isInMemory = false;
    notify({ kind: "recovered", message: "The browser's storage works again." });
    for (const listener of recovered) listener();
  }

  function fallBack(trouble: DiskTrouble): void {
    disk = undefined;
    isInMemory = true;
    reporter.warn("The browser's storage can't be used; records are kept in memory.", trouble);
    const message =
      "This browser's storage can't be used right now, so nothing new is kept on this device " +
      `(${trouble.message}). You can go on; what you write is kept while this tab is open.`;
    notify({ kind: "memory", message });
  }

  /** Never rejects: an old database that hangs or is broken is left where it is. */
  async function carryOver(target: DiskRecords): Promise<void> {
    try {
      const hasCome = (await ports.carryOver?.(target, guard)) ?? false;
      if (hasCome && isReady) for (const listener of recovered) listener();
    } catch (error) {
      reporter.warn(
        "What an older version kept could not be read; it is tried again at the next start.",
        error,
      );
    }
  }

  async function start(): Promise<void> {
    await tryDisk();
    try {
      if (carrying !== undefined) await withinLimit(clock, PROBE_LIMIT_MS, carrying);
    } catch (error) {
      reporter.warn("What an older version kept does not come; going on without it.", error);
    }
    isReady = true;
  }

  const ready = start();

  async function onDisk<Value>(
    target: DiskRecords,
    work: (records: SharedRecords) => Promise<Value>,
  ): Promise<Result<Value, DiskTrouble>> {
    try {
      const working = work(target);
      // The requests go out before the timer is made: the disk works meanwhile.
      await Promise.resolve();
      return ok(await withinLimit(clock, OPERATION_LIMIT_MS, working));
    } catch (error) {
      // Aborted by the guard: the engine has no word for why.
      const trouble = diskTrouble(error);
      return err(
        guard.isLeaving() && trouble.kind === "lost"
          ? { kind: "leaving", message: trouble.message }
          : trouble,
      );
    }
  }

  /** `instead`: what memory does where there is no disk; undefined: it is the disk's or nobody's. */
  async function run<Value>(
    work: (records: SharedRecords) => Promise<Value>,
    instead?: (records: Records) => Promise<Value>,
  ): Promise<Result<Value, StorageFailure>> {
    await ready;
    if (isWiped)
      return err({ kind: "wiped", message: "Everything stored here was removed; reload to go on." });
    if (disk === undefined) {
      // Either way: a clock that was set back must not put it off for hours.
      if (Math.abs(clock.now() - lastTryMs) >= RECOVERY_PAUSE_MS) void tryDisk();
      return instead === undefined ? err(NO_DISK) : inMemory(instead);
    }
    let current = disk;
    let done = await onDisk(current, work);
    // Opened again once, then once by another way. Whoever comes second finds the new connection there already.
    for (const reopen of [makeDisk, makeDiskElsewhere]) {
      if (done.ok || done.error.kind !== "lost") break;
      if (disk === current) disk = reopen() ?? disk;
      if (disk === undefined || disk === current) break;
      current = disk;
      done = await onDisk(current, work);
    }
    if (done.ok) return done;
    switch (done.error.kind) {
      case "lost":
      case "timeout":
        lastTryMs = clock.now();
        if (disk !== undefined) fallBack(done.error);
        return instead === undefined ? err(NO_DISK) : inMemory(instead);
      case "full":
        if (!wasFull) notify({ kind: "full", message: FULL_MESSAGE });
        wasFull = true;
        return err(done.error);
      case "failed":
        reporter.warn("A record could not be stored.", done.error.message);
        return err(done.error);
      case "leaving":
      case "wiped":
        return err(done.error);
    }
  }

  /** Reading still works on a full disk: only a write tells that there is space again. */
  async function write<Answer>(
    done: Promise<Result<Answer, StorageFailure>>,
  ): Promise<Result<Answer, StorageFailure>> {
    const result = await done;
    if (result.ok) wasFull = false;
    return result;
  }

  function either<Value>(work: (records: Records) => Promise<Value>): Promise<Result<Value, StorageFailure>> {
    return run(work, work);
  }

  async function inMemory<Value>(
    work: (records: Records) => Promise<Value>,
  ): Promise<Result<Value, StorageFailure>> {
    try {
      return ok(await work(memory));
    } catch (error) {
      reporter.warn("A record could not be stored.", error);
      return err({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
    }
  }

  return {
    read: (keys) => either((records) => records.read(keys)),
    readPrefix: (prefix) => either((records) => records.readPrefix(prefix)),
    readRanges: (ranges, limit) => either((records) => records.readRanges(ranges, limit)),
    update: (keys, decide) => write(either((records) => records.update(keys, decide))),
    updateOnDisk: (key, rangeOf, decide) =>
      write(run((records) => records.updateWithLast(key, rangeOf, decide))),
    addOnDisk: (addition) => write(run((records) => records.add(addition))),
    async isInMemory() {
      await ready;
      return disk === undefined;
    },
    async wipe() {
      await ready;
      memory.clear();
      const target = disk ?? makeDisk();
      try {
        const wiping = target.wipe((generation) => Math.max(generation + 1, clock.now()));
        knownGeneration = await withinLimit(clock, OPERATION_LIMIT_MS, wiping);
        // This page still holds what was removed, and lives on until the next one has come over the network.
        isWiped = true;
        if (ports.forgetOlder !== undefined)
          await withinLimit(clock, OPERATION_LIMIT_MS, ports.forgetOlder());
        return ok(undefined);
      } catch (error) {
        const { message } = diskTrouble(error);
        reporter.warn("What is stored could not be removed.", error);
        return err({ kind: "failed", message });
      }
    },
    onWiped(listener) {
      wiped.add(listener);
      return () => wiped.delete(listener);
    },
    onRecovered(listener) {
      recovered.add(listener);
      return () => recovered.delete(listener);
    },
    dispose() {
      guard.dispose();
      recovered.clear();
      wiped.clear();
    },
  };
}

const NO_DISK = {
  kind: "failed",
  message: "The browser's storage can't be used.",
} as const satisfies StorageFailure;

const FULL_MESSAGE =
  "The browser's storage for this app is full: new text is not kept on this device. Delete sessions, or free space on the device.";
