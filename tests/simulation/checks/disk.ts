import { recordKeys } from "../../../src/persistence/keys.ts";
import type { SessionId } from "../../../src/protocol/ids.ts";
import type { TurnSnapshot } from "../../../src/protocol/snapshot.ts";
import { Violation } from "../world/violation.ts";
import type { World } from "../world/world.ts";
import { conversationComplaint } from "./conversations.ts";

interface Head {
  readonly kind: string;
  readonly epoch: string;
  readonly seq: number;
  readonly hasMore: boolean;
  readonly hasInflight: boolean;
  readonly stamp: string;
}

interface Inflight {
  readonly epoch: string;
  readonly seq: number;
  readonly turns: readonly TurnSnapshot[];
  readonly order: readonly string[];
}

/** What was last seen on the disk: within an epoch it only moves forward (S3). */
export interface DiskMemory {
  version: number;
  readonly heads: Map<string, { readonly epoch: string; readonly seq: number }>;
  /** Sessions that a tombstone keeps away. */
  readonly deleted: Set<string>;
}

export function createDiskMemory(): DiskMemory {
  return { version: -1, heads: new Map(), deleted: new Set() };
}

/** S3: text and cursor on disk are of one moment, and that moment only moves forward within an epoch. */
export function checkDisk(world: World, memory: DiskMemory): void {
  const { disk } = world.browser;
  if (disk.version() === memory.version) return;
  memory.version = disk.version();
  const complain = (message: string): void => world.complain(new Violation("S3", `the disk ${message}`));
  for (const session of memory.deleted)
    if (!disk.records.has(`head/${session}`)) memory.deleted.delete(session);
  for (const session of memory.heads.keys())
    if (!disk.records.has(`head/${session}`)) memory.heads.delete(session);
  for (const [key, value] of disk.records) {
    if (!key.startsWith("head/")) continue;
    const session = key.slice("head/".length);
    const head = value as Head;
    if (head.kind !== "kept") {
      memory.heads.delete(session);
      if (head.kind === "deleted") memory.deleted.add(session);
      else memory.deleted.delete(session);
      continue;
    }
    if (memory.deleted.has(session)) complain(`has ${session} again, which was deleted`);
    const before = memory.heads.get(session);
    if (before?.epoch === head.epoch && before.seq === head.seq) continue;
    if (before?.epoch === head.epoch && before.seq > head.seq)
      complain(`went back from ${before.seq} to ${head.seq} in ${session}`);
    memory.heads.set(session, head);
    checkRecord(world, session as SessionId, head, complain);
  }
}

function checkRecord(
  world: World,
  session: SessionId,
  head: Head,
  complain: (message: string) => void,
): void {
  const { records } = world.browser.disk;
  const transcript = records.get(recordKeys.transcript(session)) as
    | { stamp?: string; turns?: TurnSnapshot[] }
    | undefined;
  const inflight = records.get(recordKeys.inflight(session)) as Inflight | undefined;
  // Overwritten with garbage by the story: it is set aside when it is read.
  if (transcript === undefined || "garbage" in transcript) return;
  if (inflight !== undefined && "garbage" in inflight) return;
  if (transcript.stamp !== head.stamp)
    return complain(`has a transcript of ${session} that its head doesn't know`);
  if (head.hasInflight && inflight === undefined) return complain(`lacks the unfinished turns of ${session}`);
  if (head.hasInflight && (inflight?.seq !== head.seq || inflight.epoch !== head.epoch)) {
    return complain(`has unfinished turns of ${session} at ${inflight?.seq}, its cursor at ${head.seq}`);
  }
  const history = world.book.of(session, head.epoch);
  if (history === undefined)
    return complain(`is at ${head.epoch}.${head.seq} of ${session}, a log that never was`);
  const turns = [...(transcript.turns ?? []), ...(head.hasInflight ? (inflight?.turns ?? []) : [])];
  const shown = turns.map((turn) => ({
    id: turn.id,
    text: turn.text,
    status: turn.status,
    parts: turn.parts.map((part) => ({ id: part.id, type: part.type, text: part.text ?? "" })),
  }));
  const order = inflight !== undefined && head.hasInflight ? inflight.order : shown.map((turn) => turn.id);
  const sorted = order.flatMap((id) => shown.filter((turn) => turn.id === id));
  if (sorted.length !== shown.length) return complain(`has turns of ${session} without a place`);
  const complaint = conversationComplaint(history, head.seq, sorted, head.hasMore);
  if (complaint !== undefined) complain(`in ${session} ${complaint}`);
}
