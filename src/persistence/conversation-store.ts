import type { SessionId, TurnId } from "../protocol/ids.ts";
import { parse } from "../protocol/parse.ts";
import type { SessionSummary } from "../protocol/snapshot.ts";
import type { Clock, ConversationStore, Reporter, StoredConversation } from "../streaming/ports.ts";
import { HeadRecordSchema, ListRecordSchema, type HeadRecord } from "./conversation-records.ts";
import { recordKeys, recordRanges, SCHEMA_VERSION } from "./keys.ts";
import { isSameHead, loadConversation, loadTurnsBefore } from "./load-conversation.ts";
import type { StoredRecords } from "./open-store.ts";
import type { Referring } from "./plan-settled.ts";
import { quarantineRecords } from "./quarantine.ts";
import type { BrokenRecord } from "./read-conversation.ts";
import { createConversationSaver } from "./save-conversation.ts";
import { TimeLimitError, withinLimit } from "./time-limit.ts";

export interface ConversationStorePorts {
  readonly records: StoredRecords;
  readonly clock: Clock;
  readonly reporter: Reporter;
  /** A name no other tab makes. */
  readonly uuid: () => string;
  /** Default: `REFERRING`. */
  readonly referring?: Referring;
}

/** Up to where a session's settled turns were loaded here. */
interface Window {
  readonly list: string;
  /** The position of `firstTurn`. */
  readonly from: number;
  readonly firstTurn: TurnId;
}

/**
 * What the disk has not told by then the server is asked for: each piece may take its own time, and a page that waits for
 * all of them opens no stream. Unit: ms.
 */
export const LOAD_LIMIT_MS = 8_000;

/** Sessions whose window is remembered; for another one earlier turns come from the server. */
const MAX_WINDOWS = 100;

/** The sessions of this browser, in records that tabs share: saved (S3), loaded piece by piece, set aside where they can't be read. */
export function createConversationStore(ports: ConversationStorePorts): ConversationStore {
  const { records, reporter } = ports;
  const windows = new Map<SessionId, Window>();
  const saver = createConversationSaver(records, ports.uuid, ports.referring);

  function remember(sid: SessionId, window: Window | undefined): void {
    windows.delete(sid);
    if (window === undefined) return;
    windows.set(sid, window);
    const oldest = windows.keys().next();
    if (windows.size > MAX_WINDOWS && !oldest.done) windows.delete(oldest.value);
  }

  /** Set aside: the head, and the record that can't be read. The others below it are the server's too, and go. */
  async function setAside(sid: SessionId, seen: unknown, record: BrokenRecord): Promise<void> {
    const keys = [...new Set([recordKeys.head(sid), record.key])];
    reporter.warn(`Stored records can't be read and were set aside: ${keys.join(", ")}.`, record.why);
    await records.update(keys, (values) => {
      // Another tab may have put a good one in its place by now.
      if (!isSameHead(values[0], seen)) return { answer: undefined };
      const present = keys.flatMap((key, index) =>
        values[index] === undefined ? [] : [[recordKeys.quarantine(key), values[index]] as const],
      );
      return {
        answer: undefined,
        put: new Map(present),
        remove: keys,
        removeRanges: [recordRanges.turns(sid), recordRanges.chunks(sid)],
      };
    });
  }

  async function load(sid: SessionId): Promise<StoredConversation | undefined> {
    const loading = await loadConversation(records, sid);
    switch (loading.kind) {
      case "found": {
        const { settled } = loading.head;
        const first = loading.stored.transcript.turns[0];
        const hasWindow = settled !== undefined && first !== undefined && loading.from < settled.end;
        remember(
          sid,
          hasWindow ? { list: settled.list, from: loading.from, firstTurn: first.id } : undefined,
        );
        return loading.stored;
      }
      case "absent":
      case "unknown":
        return undefined;
      case "broken":
        await setAside(sid, loading.head, loading.record);
        return undefined;
    }
  }

  return {
    async load(sid) {
      try {
        return await withinLimit(ports.clock, LOAD_LIMIT_MS, load(sid));
      } catch (error) {
        if (!(error instanceof TimeLimitError)) throw error;
        reporter.warn(`Session ${sid} was not read from this device in time; the server is asked.`, error);
        return undefined;
      }
    },

    async loadEarlier(sid, epoch, before, turns) {
      const window = windows.get(sid);
      if (window?.firstTurn !== before) return undefined;
      const values = await records.read([recordKeys.head(sid)]);
      if (!values.ok) return undefined;
      const head = parse(HeadRecordSchema, values.value[0]);
      if (!head.ok || head.value.kind !== "kept" || head.value.epoch !== epoch) return undefined;
      const { settled, hasMore } = head.value;
      if (settled?.list !== window.list || window.from <= settled.first) return undefined;
      const loaded = await loadTurnsBefore(records, sid, settled, window.from, turns);
      if (!loaded.ok) {
        if (loaded.error !== "no-answer") await setAside(sid, values.value[0], loaded.error);
        return undefined;
      }
      const [first] = loaded.value;
      if (first === undefined || windows.get(sid) !== window) return undefined;
      const from = window.from - loaded.value.length;
      remember(sid, { list: window.list, from, firstTurn: first.id });
      return { turns: loaded.value, hasMore: hasMore || from > settled.first };
    },

    save: (sid, take) => saver.save(sid, take),

    async remove(sid) {
      remember(sid, undefined);
      saver.forget(sid);
      const tombstone: HeadRecord = { kind: "deleted", version: SCHEMA_VERSION, atMs: ports.clock.now() };
      await records.update([], () => ({
        answer: undefined,
        put: new Map([[recordKeys.head(sid), tombstone]]),
        remove: [recordKeys.quarantine(recordKeys.head(sid))],
        removeRanges: [recordRanges.turns(sid), recordRanges.chunks(sid), ...recordRanges.quarantine(sid)],
      }));
    },

    async loadList() {
      const values = await records.read([recordKeys.list]);
      if (!values.ok || values.value[0] === undefined) return [];
      const list = parse(ListRecordSchema, values.value[0]);
      if (list.ok) return list.value.sessions;
      await quarantineRecords(
        records,
        reporter,
        [recordKeys.list],
        ([again]) => again !== undefined && !parse(ListRecordSchema, again).ok,
        list.error.message,
      );
      return [];
    },

    async saveList(sessions: readonly SessionSummary[]) {
      const record = { version: SCHEMA_VERSION, sessions: [...sessions] };
      await records.update([], () => ({ answer: undefined, put: new Map([[recordKeys.list, record]]) }));
    },
  };
}
