import type { SessionId } from "../protocol/ids.ts";
import { parse } from "../protocol/parse.ts";
import type { ConversationStore, SaveOutcome } from "../streaming/ports.ts";
import { HeadRecordSchema, type KeptHead } from "./conversation-records.ts";
import { recordKeys, recordRanges } from "./keys.ts";
import { isSameHead } from "./load-conversation.ts";
import type { StoredRecords } from "./open-store.ts";
import { mayFollow, planSave, planText } from "./plan-save.ts";
import type { Referring } from "./plan-settled.ts";
import { atLastChunk } from "./read-conversation.ts";
import type { KeyRange } from "./records.ts";

/** Where this tab left a session on the disk. */
interface Place {
  /** The head as it lies there, and as it is with the last chunk counted. */
  readonly onDisk: unknown;
  readonly head: KeptHead;
}

/** Sessions whose place is remembered; another one is looked at first, as at the first save. */
const MAX_PLACES = 100;

/** Saves of one moment in a row: each takes a bounded number of settled turns along. */
const MAX_ROUNDS = 500;

type Take = Parameters<ConversationStore["save"]>[1];

/**
 * Saves of conversations (S3). Where only text has come since this tab's last save, a chunk is added behind its own last
 * one: refused by the disk when another tab has put one there, or has changed the head. Else, and at first, the head and the
 * last chunk of its run are read, compared and written in one transaction. So whichever tab writes, text and cursor only
 * move forward within an epoch, and part never.
 */
export function createConversationSaver(
  records: StoredRecords,
  /** A name no other tab makes. */
  uuid: () => string,
  referring?: Referring,
): {
  save(sid: SessionId, take: Take): Promise<SaveOutcome>;
  forget(sid: SessionId): void;
} {
  const places = new Map<SessionId, Place>();

  function remember(sid: SessionId, place: Place): void {
    places.delete(sid);
    places.set(sid, place);
    const oldest = places.keys().next();
    if (places.size > MAX_PLACES && !oldest.done) places.delete(oldest.value);
  }

  /** Undefined: it has to be looked at what the disk has. */
  async function addText(sid: SessionId, take: Take): Promise<SaveOutcome | undefined> {
    const place = places.get(sid);
    const moment = place === undefined ? undefined : take();
    const plan = place === undefined || moment === undefined ? undefined : planText(sid, place.head, moment);
    const [chunk] = plan?.put ?? [];
    if (place === undefined || plan === undefined || plan.isHeadNew || chunk === undefined) return undefined;
    const [key, value] = chunk;
    const below = recordKeys.head(sid);
    const holds = (head: unknown): boolean => isSameHead(head, place.onDisk);
    const added = await records.addOnDisk({ key, value, below, holds });
    if (!added.ok) return "unavailable";
    if (!added.value) return undefined;
    remember(sid, { ...place, head: plan.head });
    return "written";
  }

  /** One transaction. `rest`: written, and there is more of the same moment to write. */
  async function saveOnce(sid: SessionId, take: Take): Promise<SaveOutcome | "rest"> {
    const fresh = uuid();
    let place: Place | undefined;
    places.delete(sid);
    // S3: against another tab's newer head, not against a memory that has none.
    const saved = await records.updateOnDisk<SaveOutcome | "rest">(
      recordKeys.head(sid),
      (raw) => runOf(sid, raw),
      (raw, last) => {
        place = undefined;
        const parsed = parse(HeadRecordSchema, raw);
        const head = parsed.ok ? parsed.value : undefined;
        if (head?.kind === "deleted") return { answer: "deleted" };
        const moment = take();
        const known = head === undefined ? undefined : atLastChunk(head, last);
        const furthest = known ?? head;
        if (moment === undefined || (furthest !== undefined && !mayFollow(furthest, moment)))
          return { answer: "stale" };
        const plan = planSave(sid, known, moment, fresh, referring);
        const put = new Map(plan.put);
        if (plan.isHeadNew) put.set(recordKeys.head(sid), plan.head);
        if (!parsed.ok && raw !== undefined) put.set(recordKeys.quarantine(recordKeys.head(sid)), raw);
        place = { onDisk: plan.isHeadNew ? plan.head : raw, head: plan.head };
        return { answer: plan.isComplete ? "written" : "rest", put, removeRanges: plan.removeRanges };
      },
    );
    if (!saved.ok) return "unavailable";
    if (place !== undefined) remember(sid, place);
    return saved.value;
  }

  return {
    async save(sid, take) {
      // Without a disk the core's own cache is the copy in memory; a second one would only grow.
      if (await records.isInMemory()) return "unavailable";
      const added = await addText(sid, take);
      if (added !== undefined) return added;
      for (let round = 1; ; round += 1) {
        const outcome = await saveOnce(sid, take);
        if (outcome !== "rest") return outcome;
        if (round === MAX_ROUNDS) return "written";
      }
    },
    forget(sid) {
      places.delete(sid);
    },
  };
}

function runOf(sid: SessionId, raw: unknown): KeyRange | undefined {
  const head = parse(HeadRecordSchema, raw);
  return head.ok && head.value.kind === "kept" && head.value.tail !== undefined
    ? recordRanges.run(sid, head.value.tail.run)
    : undefined;
}
