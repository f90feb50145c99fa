import type { SessionId } from "../../src/protocol/ids.ts";
import { toTurnSnapshot } from "../../src/protocol/conversation-snapshot.ts";
import type { SessionSummary } from "../../src/protocol/snapshot.ts";
import type {
  ConversationMoment,
  ConversationStore,
  SaveOutcome,
  StoredConversation,
} from "../../src/streaming/ports.ts";

/** The rules of a conversation store (S3), in memory. Shared by several cores it is one browser's disk. */
export interface MemoryConversationStore extends ConversationStore {
  readonly saved: Map<SessionId, StoredConversation>;
  readonly deleted: Set<SessionId>;
  /** Every accepted save, oldest first. */
  readonly writes: { readonly session: SessionId; readonly stored: StoredConversation }[];
  /** Saves that were begun, whatever came of them. */
  begun: number;
  list: readonly SessionSummary[];
  /** When set, every operation waits for it first. */
  gate: (() => Promise<void>) | undefined;
  isBroken: boolean;
}

export function createMemoryConversationStore(): MemoryConversationStore {
  const store: MemoryConversationStore = {
    saved: new Map(),
    deleted: new Set(),
    writes: [],
    begun: 0,
    list: [],
    gate: undefined,
    isBroken: false,
    async load(sid) {
      await store.gate?.();
      return store.isBroken ? undefined : store.saved.get(sid);
    },
    // It keeps everything: what is not loaded is on the server.
    loadEarlier: async () => undefined,
    async save(sid, take): Promise<SaveOutcome> {
      store.begun += 1;
      await store.gate?.();
      if (store.isBroken) return "unavailable";
      if (store.deleted.has(sid)) return "deleted";
      const moment = take();
      if (moment === undefined) return "stale";
      const stored = toStored(moment);
      const known = store.saved.get(sid);
      if (known !== undefined) {
        const isSameEpoch = known.cursor.epoch === stored.cursor.epoch;
        if (isSameEpoch && stored.cursor.seq < known.cursor.seq) return "stale";
        if (!isSameEpoch && stored.cursor.epoch !== moment.confirmedEpoch) return "stale";
      }
      const copy = structuredClone(stored);
      store.saved.set(sid, copy);
      store.writes.push({ session: sid, stored: copy });
      return "written";
    },
    async remove(sid) {
      store.deleted.add(sid);
      store.saved.delete(sid);
      await store.gate?.();
    },
    async loadList() {
      await store.gate?.();
      return store.list;
    },
    async saveList(sessions) {
      await store.gate?.();
      store.list = sessions;
    },
  };
  return store;
}

function toStored(moment: ConversationMoment): StoredConversation {
  const turns = [...moment.earlier, ...moment.conversation.turns.values()].map(toTurnSnapshot);
  const unfinished = turns.filter((turn) => turn.status !== "ended");
  return {
    cursor: moment.cursor,
    transcript: {
      session: moment.session,
      turns: turns.filter((turn) => turn.status === "ended"),
      hasMore: moment.hasMore,
    },
    inflight:
      moment.inflight === undefined || unfinished.length === 0
        ? undefined
        : {
            turns: unfinished,
            reattach: moment.inflight.reattach,
            startedAtMs: moment.inflight.startedAtMs,
            order: turns.map((turn) => turn.id),
          },
  };
}
