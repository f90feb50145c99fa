import { createConversation, type ConversationState } from "../../../src/protocol/conversation.ts";
import type { HeadRecord, KeptHead } from "../../../src/persistence/conversation-records.ts";
import { recordKeys } from "../../../src/persistence/keys.ts";
import {
  chunkKeys,
  createTailReader,
  readSettledTurn,
  settledKeys,
} from "../../../src/persistence/read-conversation.ts";
import type { SessionId } from "../../../src/protocol/ids.ts";
import type { TurnSnapshot } from "../../../src/protocol/snapshot.ts";
import { Violation } from "../world/violation.ts";
import type { World } from "../world/world.ts";
import { conversationComplaint, shownTurnsOf, type ShownTurn } from "./conversations.ts";

/** What was last seen on the disk: within an epoch it only moves forward (S3). */
export interface DiskMemory {
  version: number;
  readonly heads: Map<string, { readonly epoch: string; readonly seq: number; readonly text: string }>;
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
    const head = value as HeadRecord;
    if (head.kind !== "kept") {
      memory.heads.delete(session);
      if (head.kind === "deleted") memory.deleted.add(session);
      else memory.deleted.delete(session);
      continue;
    }
    if (memory.deleted.has(session)) complain(`has ${session} again, which was deleted`);
    const before = memory.heads.get(session);
    const text = JSON.stringify(head);
    if (before?.text === text) continue;
    if (before?.epoch === head.epoch && before.seq > head.seq)
      complain(`went back from ${before.seq} to ${head.seq} in ${session}`);
    memory.heads.set(session, { epoch: head.epoch, seq: head.seq, text });
    checkRecords(world, session as SessionId, head, complain);
  }
  checkOrphans(world, complain);
}

/** Every piece belongs to a head: nothing is left behind for good. */
function checkOrphans(world: World, complain: (message: string) => void): void {
  const { records } = world.browser.disk;
  const known = new Map<string, ReadonlySet<string>>();
  for (const key of records.keys()) {
    const [kind, session = ""] = key.split("/");
    if (kind !== "turn" && kind !== "chunk") continue;
    const head = records.get(`head/${session}`) as HeadRecord | undefined;
    // Overwritten with garbage by the story: the next load or save clears up.
    if (head !== undefined && "garbage" in head) continue;
    let keys = known.get(session);
    if (keys === undefined) {
      keys = new Set(head?.kind === "kept" ? keysBelow(session as SessionId, head) : []);
      known.set(session, keys);
    }
    if (!keys.has(key)) return complain(`has ${key}, which no head counts`);
  }
}

function keysBelow(sid: SessionId, { settled, tail }: KeptHead): readonly string[] {
  return [
    ...(settled === undefined ? [] : settledKeys(sid, settled, settled.first, settled.end)),
    ...(tail === undefined ? [] : chunkKeys(sid, tail)),
  ];
}

function checkRecords(
  world: World,
  session: SessionId,
  head: KeptHead,
  complain: (message: string) => void,
): void {
  const { records } = world.browser.disk;
  const keys = keysBelow(session, head);
  // Overwritten with garbage by the story: it is set aside when it is read.
  if (keys.some((key) => isGarbage(records.get(key)))) return;
  const turns: TurnSnapshot[] = [];
  const { settled, tail } = head;
  for (const key of settled === undefined ? [] : settledKeys(session, settled, settled.first, settled.end)) {
    const turn = readSettledTurn(key, records.get(key), settled?.list ?? "");
    if (!turn.ok) return complain(`has ${key}, which ${turn.error.why}`);
    turns.push(turn.value);
  }
  if (settled !== undefined && (turns[0]?.id !== settled.firstTurn || turns.at(-1)?.id !== settled.lastTurn))
    return complain(`has other turns of ${session} than its head names`);
  let rest: ConversationState = createConversation();
  if (tail !== undefined) {
    const reader = createTailReader(tail);
    for (const key of chunkKeys(session, tail)) {
      const taken = reader.take(key, records.get(key));
      if (!taken.ok) return complain(`has ${key}, which ${taken.error.why}`);
    }
    const finished = reader.finish(recordKeys.head(session), settled);
    if (!finished.ok) return complain(`has chunks of ${session} that ${finished.error.why}`);
    rest = finished.value;
  }
  const history = world.book.of(session, head.epoch);
  if (history === undefined)
    return complain(`is at ${head.epoch}.${head.seq} of ${session}, a log that never was`);
  const shown = [...turns.map(toShown), ...shownTurnsOf(rest)];
  const complaint = conversationComplaint(history, head.seq, shown, head.hasMore);
  if (complaint !== undefined) complain(`in ${session} ${complaint}`);
}

function toShown(turn: TurnSnapshot): ShownTurn {
  return {
    id: turn.id,
    text: turn.text,
    status: turn.status,
    parts: turn.parts.map((part) => ({ id: part.id, type: part.type, text: part.text ?? "" })),
  };
}

function isGarbage(value: unknown): boolean {
  return typeof value === "object" && value !== null && "garbage" in value;
}
