import type { SessionId } from "../protocol/ids.ts";
import { idAfter } from "./outbox-order.ts";
import type { Disposer, OutboxEntry, StreamingPorts } from "./ports.ts";

/** The entries as this tab last saw them: the store's, and those that are just being put. Oldest first. */
export interface OutboxEntries {
  readonly list: () => readonly OutboxEntry[];
  of(sid: SessionId): readonly OutboxEntry[];
  readonly subscribe: (listener: () => void) => Disposer;
  /** Id and time of a new entry; its id is later than every other one of this browser's, whatever the clock says. */
  stamp(sid: SessionId): Pick<OutboxEntry, "id" | "session" | "createdAtMs">;
  /** Resolves when it is kept. Rejects when it can't be: the text must stay with the person then. */
  put(entry: OutboxEntry): Promise<void>;
  remove(id: string): Promise<void>;
  removeSession(sid: SessionId): Promise<void>;
  /** Reads what all tabs have kept. Never rejects. */
  reload(): Promise<void>;
  dispose(): void;
}

export function createOutboxEntries(
  ports: Pick<StreamingPorts, "clock" | "random" | "outbox" | "reporter">,
): OutboxEntries {
  const listeners = new Set<() => void>();
  /** Being put: not in the store's answer yet, but shown. */
  const arriving = new Map<string, OutboxEntry>();
  /** Removed here: an answer of the store that is older doesn't bring them back (S6). */
  const removed = new Set<string>();
  let kept: readonly OutboxEntry[] = [];
  let latestId = "";
  /** Entries put so far. */
  let puts = 0;

  function list(): readonly OutboxEntry[] {
    const byId = new Map<string, OutboxEntry>();
    for (const entry of kept) byId.set(entry.id, entry);
    for (const entry of arriving.values()) byId.set(entry.id, entry);
    return [...byId.values()]
      .filter((entry) => !removed.has(entry.id))
      .sort((left, right) => (left.id < right.id ? -1 : left.id > right.id ? 1 : 0));
  }

  function tell(): void {
    for (const listener of listeners) listener();
  }

  async function reload(): Promise<void> {
    try {
      let asOf: number;
      let loaded: readonly OutboxEntry[];
      do {
        asOf = puts;
        loaded = await ports.outbox.load();
        // Put meanwhile: this answer is older than what is known.
      } while (asOf !== puts);
      kept = loaded;
      tell();
    } catch (error) {
      ports.reporter.warn("the outbox could not be read", error);
    }
  }

  return {
    list,
    of: (sid) => list().filter((entry) => entry.session === sid),
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    stamp(session) {
      // What earlier pages and other tabs have left counts too: their clock may have been ahead of this one.
      for (const known of [list().at(-1)?.id, ports.outbox.latestId?.()]) {
        if (known !== undefined && known > latestId) latestId = known;
      }
      latestId = idAfter(latestId, ports.random.uuid());
      return { id: latestId, session, createdAtMs: ports.clock.now() };
    },
    async put(entry) {
      arriving.set(entry.id, entry);
      tell();
      try {
        await ports.outbox.put(entry);
        puts += 1;
        if (!removed.has(entry.id)) kept = [...kept.filter((known) => known.id !== entry.id), entry];
      } finally {
        arriving.delete(entry.id);
        tell();
      }
    },
    async remove(id) {
      removed.add(id);
      kept = kept.filter((entry) => entry.id !== id);
      tell();
      await ports.outbox.remove(id);
    },
    async removeSession(sid) {
      for (const entry of list()) {
        if (entry.session === sid) removed.add(entry.id);
      }
      kept = kept.filter((entry) => entry.session !== sid);
      tell();
      await ports.outbox.removeSession(sid);
    },
    reload,
    dispose() {
      listeners.clear();
    },
  };
}
