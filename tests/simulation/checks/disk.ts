import { createConversation, type ConversationState } from "../../../src/protocol/conversation.ts";
import type {
  HeadRecord,
  KeptHead,
  Run,
  SettledTurn,
} from "../../../src/persistence/conversation-records.ts";
import { recordRanges } from "../../../src/persistence/keys.ts";
import {
  atLastChunk,
  createRunReader,
  readSettledTurn,
  settledKeys,
  takeFromRun,
  withoutSettled,
  type FoldedRun,
} from "../../../src/persistence/read-conversation.ts";
import { isInRange } from "../../../src/persistence/records.ts";
import { err, type Result } from "../../../src/protocol/result.ts";
import type { SessionId } from "../../../src/protocol/ids.ts";
import type { TurnSnapshot } from "../../../src/protocol/snapshot.ts";
import { Violation } from "../world/violation.ts";
import type { World } from "../world/world.ts";
import { conversationComplaint, shownTurnsOf, type ShownTurn } from "./conversations.ts";

/** What was last seen on the disk: within an epoch it only moves forward (S3). */
export interface DiskMemory {
  version: number;
  evictions: number;
  readonly heads: Map<string, { readonly epoch: string; readonly seq: number; readonly text: string }>;
  /** Sessions that a tombstone keeps away. */
  readonly deleted: Set<string>;
}

export function createDiskMemory(): DiskMemory {
  return { version: -1, evictions: 0, heads: new Map(), deleted: new Set() };
}

/** S3: text and cursor on disk are of one moment, and that moment only moves forward within an epoch. */
export function checkDisk(world: World, memory: DiskMemory): void {
  const { disk } = world.browser;
  if (disk.version() === memory.version) return;
  memory.version = disk.version();
  // A tab that is behind may write before the next look, and nothing is there to tell it.
  if (memory.evictions !== disk.evictions()) {
    memory.evictions = disk.evictions();
    memory.heads.clear();
    memory.deleted.clear();
  }
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
    const last =
      head.tail === undefined ? undefined : runKeys(world, session as SessionId, head.tail.run).at(-1);
    const text = `${JSON.stringify(head)} ${last ?? ""}`;
    if (before?.text === text) continue;
    // With the last chunk counted; a spoilt one is set aside when it is read.
    const current = atLastChunk(head, last === undefined ? undefined : disk.records.get(last)) ?? head;
    if (before?.epoch === current.epoch && before.seq > current.seq)
      complain(`went back from ${before.seq} to ${current.seq} in ${session}`);
    memory.heads.set(session, { epoch: current.epoch, seq: current.seq, text });
    checkRecords(world, session as SessionId, current, complain);
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
      keys = new Set(head?.kind === "kept" ? keysBelow(world, session as SessionId, head) : []);
      known.set(session, keys);
    }
    // A spoilt turn can't say which run has its text.
    if (!keys.has(key) && [...keys].some((other) => isGarbage(records.get(other)))) continue;
    if (!keys.has(key)) return complain(`has ${key}, which no head counts`);
  }
}

/** All chunks that lie in a run, counted by the head or behind those. */
function runKeys(world: World, sid: SessionId, run: string): readonly string[] {
  const range = recordRanges.run(sid, run);
  return [...world.browser.disk.records.keys()].filter((key) => isInRange(key, range)).sort();
}

function keysBelow(world: World, sid: SessionId, { settled, tail }: KeptHead): readonly string[] {
  const turns = settled === undefined ? [] : settledKeys(sid, settled, settled.first, settled.end);
  const runs = turns.flatMap((key) => {
    const turn = world.browser.disk.records.get(key) as Partial<SettledTurn> | undefined;
    return turn?.kind === "run" && turn.run !== undefined ? [turn.run] : [];
  });
  const names = new Set([...(tail === undefined ? [] : [tail]), ...runs].map(({ run }) => run));
  return [...turns, ...[...names].flatMap((run) => runKeys(world, sid, run))];
}

function foldRun(world: World, sid: SessionId, run: Run): Result<FoldedRun, string> {
  const reader = createRunReader(sid, run);
  for (const key of runKeys(world, sid, run.run)) {
    const taken = reader.take(world.browser.disk.records.get(key));
    if (!taken.ok) return err(`${key}, which ${taken.error.why}`);
  }
  const finished = reader.finish();
  return finished.ok ? finished : err(`${finished.error.key}, which ${finished.error.why}`);
}

function checkRecords(
  world: World,
  session: SessionId,
  head: KeptHead,
  complain: (message: string) => void,
): void {
  const { records } = world.browser.disk;
  const keys = keysBelow(world, session, head);
  // Overwritten with garbage by the story: it is set aside when it is read.
  if (keys.some((key) => isGarbage(records.get(key)))) return;
  const turns: TurnSnapshot[] = [];
  const { settled, tail } = head;
  for (const key of settled === undefined ? [] : settledKeys(session, settled, settled.first, settled.end)) {
    const turn = readSettledTurn(key, records.get(key), settled?.list ?? "");
    if (!turn.ok) return complain(`has ${key}, which ${turn.error.why}`);
    if (turn.value.kind === "whole") turns.push(turn.value.turn);
    else {
      const run = foldRun(world, session, turn.value.run);
      if (!run.ok) return complain(`has ${run.error}`);
      const taken = takeFromRun(key, turn.value.turn, run.value.conversation);
      if (!taken.ok) return complain(`has ${key}, which ${taken.error.why}`);
      turns.push(taken.value);
    }
  }
  if (settled !== undefined && (turns[0]?.id !== settled.firstTurn || turns.at(-1)?.id !== settled.lastTurn))
    return complain(`has other turns of ${session} than its head names`);
  let rest: ConversationState = createConversation();
  if (tail !== undefined) {
    const run = foldRun(world, session, tail);
    if (!run.ok) return complain(`has ${run.error}`);
    rest = withoutSettled(run.value.conversation, settled);
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
