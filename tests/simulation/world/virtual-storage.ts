import type { Broadcast } from "../../../src/persistence/tab-channel.ts";
import type { TabLoop } from "./tab-loop.ts";
import type { TrueTime } from "./true-time.ts";

/** What the tabs of one browser share beside IndexedDB: localStorage with its events, and BroadcastChannels. */
export interface VirtualStorage {
  readonly texts: Map<string, string>;
  /** `setItem` throws; what was there stays. */
  isFull: boolean;
  /** The whole browser is killed: what was written within the last moment is not on the disk (PLATFORM §3.3). */
  crash(): void;
  /** localStorage as one page sees it; `target` hears of the others' changes. */
  ofTab(loop: TabLoop, target: EventTarget): Storage;
  channel(loop: TabLoop): Broadcast;
}

/** Written later than this before a crash, and it is lost. Unit: ms. */
const UNFLUSHED_MS = 500;

export function createVirtualStorage(time: TrueTime): VirtualStorage {
  const texts = new Map<string, string>();
  const pages = new Map<TabLoop, EventTarget>();
  const channels = new Map<TabLoop, Set<(event: { readonly data: unknown }) => void>>();

  /** What stood there before each of the latest changes, oldest first. */
  let journal: { readonly atMs: number; readonly key: string; readonly before: string | undefined }[] = [];

  function note(key: string): void {
    const nowMs = time.now();
    journal = journal.filter((change) => nowMs - change.atMs < UNFLUSHED_MS);
    journal.push({ atMs: nowMs, key, before: texts.get(key) });
  }

  function tell(loop: TabLoop, key: string): void {
    for (const [other, target] of pages) {
      if (other.state === "dead") pages.delete(other);
      else if (other !== loop) {
        const event = Object.assign(new Event("storage"), { key });
        time.after(1, () => other.deliver(() => void target.dispatchEvent(event)));
      }
    }
  }

  const storage: VirtualStorage = {
    texts,
    isFull: false,
    crash() {
      const nowMs = time.now();
      for (const { atMs, key, before } of journal.splice(0).toReversed()) {
        if (nowMs - atMs >= UNFLUSHED_MS) continue;
        if (before === undefined) texts.delete(key);
        else texts.set(key, before);
      }
    },
    ofTab(loop, target) {
      pages.set(loop, target);
      return {
        get length() {
          return texts.size;
        },
        clear: () => texts.clear(),
        getItem: (key) => texts.get(key) ?? null,
        key: (index) => [...texts.keys()][index] ?? null,
        removeItem(key) {
          if (!texts.has(key)) return;
          note(key);
          texts.delete(key);
          tell(loop, key);
        },
        setItem(key, text) {
          if (storage.isFull) throw new DOMException("full", "QuotaExceededError");
          if (texts.get(key) === text) return;
          note(key);
          texts.set(key, text);
          tell(loop, key);
        },
      };
    },
    channel(loop) {
      const own = new Set<(event: { readonly data: unknown }) => void>();
      channels.set(loop, own);
      return {
        postMessage(data) {
          for (const [other, listeners] of channels) {
            if (other.state === "dead") channels.delete(other);
            else if (other !== loop) {
              time.after(1, () =>
                other.deliver(() => {
                  for (const listener of listeners) listener({ data });
                }),
              );
            }
          }
        },
        addEventListener: (_type, listener) => void own.add(listener),
        close: () => void channels.delete(loop),
      };
    },
  };
  return storage;
}
