import { parse } from "../protocol/parse.ts";
import type { SessionId } from "../protocol/ids.ts";
import type { SessionSummary, TurnSnapshot } from "../protocol/snapshot.ts";
import type {
  Clock,
  ConversationStore,
  Reporter,
  SaveOutcome,
  StoredConversation,
} from "../streaming/ports.ts";
import {
  HeadRecordSchema,
  InflightChunkSchema,
  ListRecordSchema,
  TranscriptChunkSchema,
  type HeadRecord,
} from "./conversation-records.ts";
import { recordKeys, SCHEMA_VERSION } from "./keys.ts";
import type { StoredRecords } from "./open-store.ts";
import { quarantineRecords } from "./quarantine.ts";

export interface ConversationStorePorts {
  readonly records: StoredRecords;
  readonly clock: Clock;
  readonly reporter: Reporter;
  /** A name no other tab makes. */
  readonly uuid: () => string;
}

type Reading =
  | { readonly kind: "absent" }
  | { readonly kind: "broken"; readonly why: string }
  | { readonly kind: "found"; readonly stored: StoredConversation };

/** What this tab wrote last as a session's transcript: settled turns don't change, so most saves leave it alone. */
interface WrittenTranscript {
  readonly stamp: string;
  readonly signature: string;
}

/** Sessions remembered as "transcript written"; beyond it one is written once more than needed. */
const MAX_REMEMBERED = 100;

/**
 * Text and cursor in one transaction (S3): the head is read, compared and written inside it, so whichever tab
 * writes, the pair only moves forward within an epoch, and parts never.
 */
export function createConversationStore(ports: ConversationStorePorts): ConversationStore {
  const { records, reporter } = ports;
  const written = new Map<SessionId, WrittenTranscript>();

  function remember(sid: SessionId, transcript: WrittenTranscript): void {
    written.delete(sid);
    written.set(sid, transcript);
    const oldest = written.keys().next();
    if (written.size > MAX_REMEMBERED && !oldest.done) written.delete(oldest.value);
  }

  return {
    async load(sid) {
      const keys = keysOf(sid);
      const values = await records.read(keys);
      if (!values.ok) return undefined;
      const reading = readConversation(values.value);
      switch (reading.kind) {
        case "found":
          return reading.stored;
        case "absent":
          return undefined;
        case "broken":
          await quarantineRecords(
            records,
            reporter,
            keys,
            (again) => readConversation(again).kind === "broken",
            reading.why,
          );
          return undefined;
      }
    },

    async save(sid, stored, latestEpoch) {
      // Without a disk the core's own cache is the copy in memory; a second one would only grow.
      if (await records.isInMemory()) return "unavailable";
      const signature = signatureOf(stored);
      const known = written.get(sid);
      const stamp = known?.signature === signature ? known.stamp : ports.uuid();
      // S3: against another tab's newer head, not against a memory that has none.
      const saved = await records.updateOnDisk<SaveOutcome>([recordKeys.head(sid)], ([raw]) => {
        const head = parse(HeadRecordSchema, raw);
        if (head.ok && head.value.kind === "deleted") return { answer: "deleted" };
        if (head.ok && head.value.kind === "kept" && !mayFollow(head.value, stored, latestEpoch)) {
          return { answer: "stale" };
        }
        // Another tab may have written its own transcript since: then this one's goes along again.
        const isOnDisk = head.ok && head.value.kind === "kept" && head.value.stamp === stamp;
        const { put, remove } = recordsOf(sid, stored, stamp, isOnDisk);
        if (!head.ok && raw !== undefined) put.set(recordKeys.quarantine(recordKeys.head(sid)), raw);
        return { answer: "written", put, remove };
      });
      if (!saved.ok) return "unavailable";
      if (saved.value === "written") remember(sid, { stamp, signature });
      return saved.value;
    },

    async remove(sid) {
      written.delete(sid);
      const tombstone: HeadRecord = { kind: "deleted", version: SCHEMA_VERSION, atMs: ports.clock.now() };
      await records.update([], () => ({
        answer: undefined,
        put: new Map([[recordKeys.head(sid), tombstone]]),
        remove: [
          recordKeys.transcript(sid),
          recordKeys.inflight(sid),
          ...keysOf(sid).map(recordKeys.quarantine),
        ],
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

function keysOf(sid: SessionId): readonly [string, string, string] {
  return [recordKeys.head(sid), recordKeys.transcript(sid), recordKeys.inflight(sid)];
}

/** Forward only within an epoch; epochs have no order, so another one needs the word of the server (PROTOCOL §1). */
function mayFollow(
  head: Extract<HeadRecord, { kind: "kept" }>,
  stored: StoredConversation,
  latestEpoch: string | undefined,
): boolean {
  const { epoch, seq } = stored.cursor;
  return epoch === head.epoch ? seq >= head.seq : epoch === latestEpoch;
}

function recordsOf(
  sid: SessionId,
  stored: StoredConversation,
  stamp: string,
  isTranscriptOnDisk: boolean,
): { readonly put: Map<string, unknown>; readonly remove: readonly string[] } {
  const { cursor, transcript, inflight } = stored;
  const version = SCHEMA_VERSION;
  const put = new Map<string, unknown>();
  put.set(recordKeys.head(sid), {
    kind: "kept",
    version,
    ...cursor,
    session: transcript.session,
    hasMore: transcript.hasMore,
    hasInflight: inflight !== undefined,
    stamp,
  });
  if (!isTranscriptOnDisk)
    put.set(recordKeys.transcript(sid), { version, stamp, turns: [...transcript.turns] });
  if (inflight === undefined) return { put, remove: [recordKeys.inflight(sid)] };
  put.set(recordKeys.inflight(sid), {
    version,
    ...cursor,
    ...inflight,
    turns: [...inflight.turns],
    order: [...inflight.order],
  });
  return { put, remove: [] };
}

function readConversation(values: readonly unknown[]): Reading {
  const [rawHead, rawTranscript, rawInflight] = values;
  if (values.every((value) => value === undefined)) return { kind: "absent" };
  const head = parse(HeadRecordSchema, rawHead);
  if (!head.ok) return { kind: "broken", why: `head: ${head.error.field ?? ""} ${head.error.message}` };
  if (head.value.kind === "deleted") return { kind: "absent" };
  const { epoch, seq, session, hasMore, hasInflight, stamp } = head.value;
  const transcript = parse(TranscriptChunkSchema, rawTranscript);
  if (!transcript.ok)
    return { kind: "broken", why: `transcript: ${transcript.error.field ?? ""} ${transcript.error.message}` };
  if (transcript.value.stamp !== stamp) return { kind: "broken", why: "transcript: belongs to another head" };
  const cursor = { epoch, seq };
  const kept = { session, turns: transcript.value.turns, hasMore };
  if (!hasInflight) return { kind: "found", stored: { cursor, transcript: kept, inflight: undefined } };
  const inflight = parse(InflightChunkSchema, rawInflight);
  if (!inflight.ok)
    return { kind: "broken", why: `inflight: ${inflight.error.field ?? ""} ${inflight.error.message}` };
  if (inflight.value.epoch !== epoch || inflight.value.seq !== seq) {
    return { kind: "broken", why: "inflight: describes another moment than its head" };
  }
  const { turns, reattach, startedAtMs, order } = inflight.value;
  return {
    kind: "found",
    stored: { cursor, transcript: kept, inflight: { turns, reattach, startedAtMs, order } },
  };
}

/** Tells whether settled turns are the same as before without holding a second copy of them. */
function signatureOf(stored: StoredConversation): string {
  return `${stored.cursor.epoch} ${stored.transcript.turns.map(turnSignature).join(" ")}`;
}

function turnSignature(turn: TurnSnapshot): string {
  const chars = turn.parts.reduce((sum, part) => sum + (part.text?.length ?? 0), 0);
  return `${turn.id}:${turn.status}:${turn.endedAt ?? ""}:${turn.parts.length}:${chars}`;
}
