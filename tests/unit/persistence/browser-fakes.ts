import { IDBFactory } from "fake-indexeddb";
import type { Page, PageEvent, Reporter } from "../../../src/streaming/ports.ts";
import { createLocalText } from "../../../src/persistence/local-text.ts";
import {
  openStoredRecords,
  type StorageNotice,
  type StoredRecordsPorts,
} from "../../../src/persistence/open-store.ts";
import { createTabChannel, type Broadcast } from "../../../src/persistence/tab-channel.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";

export interface FakePage extends Page {
  fire(event: PageEvent): void;
}

export function createFakePage(): FakePage {
  const listeners = new Set<(event: PageEvent) => void>();
  let isHidden = false;
  return {
    isHidden: () => isHidden,
    isOnline: () => true,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    fire(event) {
      if (event === "hidden") isHidden = true;
      if (event === "visible") isHidden = false;
      for (const listener of listeners) listener(event);
    },
  };
}

export interface RecordingReporter extends Reporter {
  readonly warnings: string[];
}

export function createRecordingReporter(): RecordingReporter {
  const warnings: string[] = [];
  return { warnings, warn: (message) => void warnings.push(message) };
}

/** localStorage over a Map; `maxChars` is its quota, and `events` what tabs other than the writer hear. */
export class FakeStorage implements Storage {
  maxChars = Number.POSITIVE_INFINITY;
  readonly texts = new Map<string, string>();
  [name: string]: unknown;
  get length(): number {
    return this.texts.size;
  }
  clear(): void {
    this.texts.clear();
  }
  getItem(key: string): string | null {
    return this.texts.get(key) ?? null;
  }
  key(index: number): string | null {
    return [...this.texts.keys()][index] ?? null;
  }
  removeItem(key: string): void {
    this.texts.delete(key);
  }
  setItem(key: string, text: string): void {
    const others = [...this.texts].filter(([other]) => other !== key);
    const chars = others.reduce((sum, [other, value]) => sum + other.length + value.length, 0);
    if (chars + key.length + text.length > this.maxChars)
      throw new DOMException("full", "QuotaExceededError");
    this.texts.set(key, text);
  }
}

export class StorageEventLike extends Event {
  readonly key: string | null;
  constructor(key: string | null) {
    super("storage");
    this.key = key;
  }
}

/** Broadcast channels of one origin: synchronous, and never to the sender. */
export function createBroadcastHub(): { open(): Broadcast; readonly posted: unknown[] } {
  const ends = new Set<(event: { readonly data: unknown }) => void>();
  const posted: unknown[] = [];
  return {
    posted,
    open() {
      const own = new Set<(event: { readonly data: unknown }) => void>();
      return {
        postMessage(data) {
          posted.push(data);
          for (const listener of ends) if (!own.has(listener)) listener({ data });
        },
        addEventListener(_, listener) {
          own.add(listener);
          ends.add(listener);
        },
        close() {
          for (const listener of own) ends.delete(listener);
        },
      };
    },
  };
}

export interface FakeTab {
  readonly clock: ManualClock;
  readonly page: FakePage;
  readonly reporter: RecordingReporter;
  readonly notices: StorageNotice[];
  readonly told: string[];
  readonly window: EventTarget;
  readonly storage: FakeStorage;
  readonly local: ReturnType<typeof createLocalText>;
  readonly channel: ReturnType<typeof createTabChannel>;
  readonly records: ReturnType<typeof openStoredRecords>;
  readonly uuid: () => string;
}

let tabs = 0;

/** One tab of a browser: give two the same storage and hub, and they are tabs of one origin. */
export function createFakeTab(
  shared: {
    readonly storage?: FakeStorage;
    readonly hub?: ReturnType<typeof createBroadcastHub>;
    readonly clock?: ManualClock;
    readonly connect?: StoredRecordsPorts["connect"];
    readonly connectElsewhere?: StoredRecordsPorts["connectElsewhere"];
  } = {},
): FakeTab {
  tabs += 1;
  const name = `tab${tabs}`;
  let made = 0;
  const uuid = (): string => `${name}-${++made}`;
  const clock = shared.clock ?? createManualClock(1_000_000);
  const page = createFakePage();
  const reporter = createRecordingReporter();
  const notices: StorageNotice[] = [];
  const storage = shared.storage ?? new FakeStorage();
  const local = createLocalText(() => storage);
  const window = new EventTarget();
  const { hub } = shared;
  const channel = createTabChannel({ local, nonce: uuid, window, openBroadcast: () => hub?.open() });
  const records = openStoredRecords({
    clock,
    page,
    reporter,
    notify: (notice) => void notices.push(notice),
    ...(shared.connect === undefined ? {} : { connect: shared.connect }),
    ...(shared.connectElsewhere === undefined ? {} : { connectElsewhere: shared.connectElsewhere }),
  });
  return { clock, page, reporter, notices, told: [], window, storage, local, channel, records, uuid };
}

/** A new, empty IndexedDB for the whole process. */
export function resetIndexedDb(): void {
  globalThis.indexedDB = new IDBFactory();
}

/** Lets IndexedDB's own tasks run until `isDone`: they take turns of the event loop, no time. */
export async function settle(isDone: () => boolean = () => false, turns = 50): Promise<void> {
  for (let turn = 0; turn < turns && !isDone(); turn += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}
