import type { Clock, OutboxEntry, OutboxStore, Reporter } from "../streaming/ports.ts";
import { parse, parseJson } from "../protocol/parse.ts";
import { localKeys, recordKeys } from "./keys.ts";
import type { LocalText } from "./local-text.ts";
import type { StoredRecords } from "./open-store.ts";
import { OutboxEntrySchema } from "./outbox-records.ts";
import { quarantineRecords, quarantineText } from "./quarantine.ts";
import type { TabChannel } from "./tab-channel.ts";

/** A longer entry leaves localStorage (5 MB for everything) as soon as IndexedDB has it. Unit: UTF-16 code units of JSON. */
export const MAX_MIRRORED_CHARS = 200_000;

/** How long a removal is remembered, so that a late write of another tab can't bring an entry back. Unit: ms. */
const REMOVAL_MEMORY_MS = 24 * 60 * 60 * 1000;

export interface OutboxStorePorts {
  readonly records: StoredRecords;
  readonly local: LocalText;
  readonly channel: TabChannel;
  readonly clock: Clock;
  readonly reporter: Reporter;
  /** An entry could be kept nowhere but in this tab. */
  readonly notify: (message: string) => void;
}

/**
 * Entries are in two places, each covering the other's hole: localStorage at once (an IndexedDB write begun while a
 * page is left is lost, or hangs the next page), IndexedDB soon after (a killed browser loses the last half second
 * of localStorage). A removal is marked in localStorage for the same reason.
 */
export function createOutboxStore(ports: OutboxStorePorts): OutboxStore {
  const { records, local, channel, clock, reporter } = ports;
  /** Entries that neither place took: this tab's memory is all they have. */
  const homeless = new Map<string, OutboxEntry>();
  /** Put here and not known to be on the disk: other tabs know of them by the mirror alone. As JSON, oldest first. */
  const unsettled = new Map<string, string>();
  /** As the disk was last known to have them: while it can't be asked, a message must not go without what stands before it. */
  const onDisk = new Map<string, OutboxEntry>();

  function isRemoved(id: string): boolean {
    return local.get(localKeys.outboxRemoved(id)) !== undefined;
  }

  /**
   * A deletion is believed from the disk, or in the tab that asked for it, never from localStorage alone: a browser that was
   * killed has forgotten the last half second of that, and so that the deletion was undone.
   */
  function isBelieved(entry: OutboxEntry, found: ReadonlyMap<string, OutboxEntry>): boolean {
    return entry.kind !== "delete" || found.has(entry.id) || unsettled.has(entry.id);
  }

  function readMirror(found: Map<string, OutboxEntry>): void {
    for (const key of local.keys(localKeys.outboxPrefix)) {
      const text = local.get(key);
      if (text === undefined) continue;
      const entry = parseJson(OutboxEntrySchema, text);
      if (!entry.ok)
        quarantineText(local, reporter, key, `${entry.error.field ?? ""} ${entry.error.message}`);
      else if (isBelieved(entry.value, found)) found.set(entry.value.id, entry.value);
      else if (clock.now() - entry.value.createdAtMs > REMOVAL_MEMORY_MS) local.remove(key);
    }
  }

  /**
   * The browser may empty localStorage while the disk hangs. Another tab that then found a later entry only would send
   * it first: so what is put after them finds the earlier ones in their place again.
   */
  function restoreMirror(): void {
    for (const [id, text] of unsettled) {
      if (isRemoved(id)) unsettled.delete(id);
      else if (local.get(localKeys.outbox(id)) === undefined) local.set(localKeys.outbox(id), text);
    }
  }

  async function readRecords(found: Map<string, OutboxEntry>): Promise<void> {
    const kept = await records.readPrefix(recordKeys.outboxPrefix);
    if (!kept.ok) return;
    const isOnDisk = !(await records.isInMemory());
    const broken: string[] = [];
    for (const [key, value] of kept.value) {
      const entry = parse(OutboxEntrySchema, value);
      if (entry.ok) {
        found.set(entry.value.id, entry.value);
        if (isOnDisk) unsettled.delete(entry.value.id);
      } else broken.push(key);
    }
    if (isOnDisk) {
      onDisk.clear();
      for (const [id, entry] of found) onDisk.set(id, entry);
    } else {
      for (const [id, entry] of onDisk) {
        // A deletion that another tab has undone meanwhile must not be done.
        if (!found.has(id) && entry.kind !== "delete") found.set(id, entry);
      }
    }
    for (const key of broken) {
      const isStillBroken = ([value]: readonly unknown[]): boolean =>
        value !== undefined && !parse(OutboxEntrySchema, value).ok;
      await quarantineRecords(records, reporter, [key], isStillBroken, "not an entry of the outbox");
    }
  }

  async function sweepRemovals(found: ReadonlyMap<string, OutboxEntry>): Promise<void> {
    const resurrected = [...found.keys()].filter(isRemoved);
    if (resurrected.length > 0) {
      await records.update([], () => ({ answer: undefined, remove: resurrected.map(recordKeys.outbox) }));
    }
    const oldestMs = clock.now() - REMOVAL_MEMORY_MS;
    for (const key of local.keys(localKeys.outboxRemovedPrefix)) {
      if (!(Number(local.get(key)) >= oldestMs)) local.remove(key);
    }
  }

  async function loadAll(): Promise<readonly OutboxEntry[]> {
    const found = new Map<string, OutboxEntry>();
    await readRecords(found);
    // What the mirror says is never older than the record: it is written first.
    readMirror(found);
    for (const [id, entry] of homeless) found.set(id, entry);
    await sweepRemovals(found);
    const entries = [...found.values()].filter((entry) => !isRemoved(entry.id));
    // UUIDv7: their order is the order in which they were made.
    return entries.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async function removeAll(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      homeless.delete(id);
      unsettled.delete(id);
      onDisk.delete(id);
      local.set(localKeys.outboxRemoved(id), String(clock.now()));
      local.remove(localKeys.outbox(id));
    }
    channel.post("outbox");
    await records.update([], () => ({ answer: undefined, remove: ids.map(recordKeys.outbox) }));
    // Other tabs that looked before the record was gone look again.
    channel.post("outbox");
  }

  async function putOnce(entry: OutboxEntry): Promise<"kept" | "emptied"> {
    const key = localKeys.outbox(entry.id);
    const text = JSON.stringify(entry);
    local.remove(localKeys.outboxRemoved(entry.id));
    unsettled.delete(entry.id);
    restoreMirror();
    unsettled.set(entry.id, text);
    const mirrored = local.set(key, text);
    if (mirrored === "kept") channel.post("outbox");
    // An older version of it must not speak for the newer one.
    else local.remove(key);
    const kept = await records.update([], () => ({
      answer: undefined,
      put: new Map([[recordKeys.outbox(entry.id), entry]]),
    }));
    const isOnDisk = kept.ok && !(await records.isInMemory());
    // Removed, by whichever tab, while it was being written.
    if (isRemoved(entry.id)) {
      await records.update([], () => ({ answer: undefined, remove: [recordKeys.outbox(entry.id)] }));
      return "kept";
    }
    const isLatest = unsettled.get(entry.id) === text;
    // Only the browser takes a mirror away without a mark; the record, written before, may have gone with it.
    if (isLatest && mirrored === "kept" && local.get(key) === undefined) return "emptied";
    if (isOnDisk) {
      homeless.delete(entry.id);
      onDisk.set(entry.id, entry);
      if (isLatest) unsettled.delete(entry.id);
      if (text.length > MAX_MIRRORED_CHARS) local.remove(key);
    } else if (mirrored === "refused") {
      homeless.set(entry.id, entry);
      ports.notify("This message can't be kept on this device; keep this tab open until it is sent.");
    }
    channel.post("outbox");
    return "kept";
  }

  const forget = (): void => {
    unsettled.clear();
    onDisk.clear();
  };
  channel.subscribe((message) => {
    if (message === "wiped") forget();
  });
  records.onWiped(forget);

  return {
    load: loadAll,

    async put(entry) {
      // Once more where the browser emptied both places meanwhile: what is told to be kept must be kept somewhere.
      if ((await putOnce(entry)) === "emptied") await putOnce(entry);
    },

    latestId() {
      let latest: string | undefined;
      for (const key of local.keys(localKeys.outboxPrefix)) {
        const id = key.slice(localKeys.outboxPrefix.length);
        if (latest === undefined || id > latest) latest = id;
      }
      return latest;
    },

    remove: (id) => removeAll([id]),

    async removeSession(sid) {
      const entries = await loadAll();
      await removeAll(entries.filter((entry) => entry.session === sid).map((entry) => entry.id));
    },

    subscribe(listener) {
      const disposers = [
        channel.subscribe((message) => {
          if (message === "outbox") listener();
        }),
        // Tabs without a BroadcastChannel are heard by what they write.
        channel.onLocalChange((key) => {
          if (
            key === undefined ||
            key.startsWith(localKeys.outboxPrefix) ||
            key.startsWith(localKeys.outboxRemovedPrefix)
          ) {
            listener();
          }
        }),
        records.onRecovered(listener),
      ];
      return () => {
        for (const dispose of disposers) dispose();
      };
    },
  };
}
