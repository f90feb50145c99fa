import type { Broadcast } from "../../../src/persistence/tab-channel.ts";
import type { TabLoop } from "./tab-loop.ts";
import type { TrueTime } from "./true-time.ts";

/** What the tabs of one browser share beside IndexedDB: localStorage with its events, and BroadcastChannels. */
export interface VirtualStorage {
  readonly texts: Map<string, string>;
  /** `setItem` throws; what was there stays. */
  isFull: boolean;
  /** localStorage as one page sees it; `target` hears of the others' changes. */
  ofTab(loop: TabLoop, target: EventTarget): Storage;
  channel(loop: TabLoop): Broadcast;
}

export function createVirtualStorage(time: TrueTime): VirtualStorage {
  const texts = new Map<string, string>();
  const pages = new Map<TabLoop, EventTarget>();
  const channels = new Map<TabLoop, Set<(event: { readonly data: unknown }) => void>>();

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
          if (texts.delete(key)) tell(loop, key);
        },
        setItem(key, text) {
          if (storage.isFull) throw new DOMException("full", "QuotaExceededError");
          if (texts.get(key) === text) return;
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
