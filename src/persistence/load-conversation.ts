import { createConversation } from "../protocol/conversation.ts";
import { parse } from "../protocol/parse.ts";
import type { SessionId } from "../protocol/ids.ts";
import { err, ok, type Result } from "../protocol/result.ts";
import type { TurnSnapshot } from "../protocol/snapshot.ts";
import type { StoredConversation } from "../streaming/ports.ts";
import { HeadRecordSchema, type KeptHead, type Run, type SettledRun } from "./conversation-records.ts";
import { recordKeys, recordRanges } from "./keys.ts";
import type { StoredRecords } from "./open-store.ts";
import type { KeyRange } from "./records.ts";
import {
  assembleConversation,
  createRunReader,
  readSettledTurn,
  settledKeys,
  takeFromRun,
  withoutSettled,
  type BrokenRecord,
  type FoldedRun,
} from "./read-conversation.ts";

/** The latest turns that a start shows; the others are asked for when somebody looks back. */
export const LOADED_TURNS = 50;
/** And no more of their text than this, but for what the last piece brings. Unit: UTF-16 code units. */
const LOADED_CHARS = 262_144;

/** Records of one read: what is cloned and parsed in one task. */
const TURNS_PER_READ = 10;
/** Chunks come in pieces of about so much text, each cloned in a task of its own. Unit: UTF-16 code units. */
const CHARS_PER_PIECE = 262_144;
/** Asked for at once: several ways to the disk and back cost more than what they bring. */
const MAX_PIECES_PER_READ = 4;
/** What is folded in one task. */
const MAX_CHUNKS_PER_READ = 256;

/** How often a load begins anew because another tab has moved on under it. */
const MAX_ATTEMPTS = 5;

export type Loading =
  | { readonly kind: "absent" }
  /** The disk didn't answer. */
  | { readonly kind: "unknown" }
  | { readonly kind: "broken"; readonly head: unknown; readonly record: BrokenRecord }
  | {
      readonly kind: "found";
      readonly stored: StoredConversation;
      readonly head: KeptHead;
      /** The position of the first settled turn that was loaded. */
      readonly from: number;
    };

type Refusal = BrokenRecord | "no-answer";

/**
 * Reads a session piece by piece, so that no task takes long however much there is. Records below a head never change, so
 * the pieces are of one moment: that of the last chunk that is found. Only another tab's new run takes them away; where one
 * is missing that the head counts, the head is another one by then.
 */
export async function loadConversation(records: StoredRecords, sid: SessionId): Promise<Loading> {
  for (let attempt = 1; ; attempt += 1) {
    const raw = await readHead(records, sid);
    if (!raw.ok) return { kind: "unknown" };
    if (raw.value === undefined) return { kind: "absent" };
    const head = parse(HeadRecordSchema, raw.value);
    if (!head.ok) {
      const why = `${head.error.field ?? ""} ${head.error.message}`;
      return {
        kind: "broken",
        head: raw.value,
        record: { key: recordKeys.head(sid), why, isMissing: false },
      };
    }
    if (head.value.kind === "deleted") return { kind: "absent" };
    const loaded = await loadBelow(records, sid, head.value);
    if (loaded.ok) return loaded.value;
    if (loaded.error === "no-answer") return { kind: "unknown" };
    const again = await readHead(records, sid);
    if (!again.ok) return { kind: "unknown" };
    const hasMoved = !isSameHead(raw.value, again.value);
    if (!hasMoved || attempt === MAX_ATTEMPTS)
      return { kind: "broken", head: raw.value, record: loaded.error };
  }
}

/** Heads are small: as text they are compared in no time. */
export function isSameHead(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

async function readHead(records: StoredRecords, sid: SessionId): Promise<Result<unknown, "no-answer">> {
  const values = await records.read([recordKeys.head(sid)]);
  return values.ok ? ok(values.value[0]) : err("no-answer");
}

async function loadBelow(
  records: StoredRecords,
  sid: SessionId,
  head: KeptHead,
): Promise<Result<Extract<Loading, { kind: "found" }>, Refusal>> {
  const { settled, tail } = head;
  let from = settled?.end ?? 0;
  let turns: readonly TurnSnapshot[] = [];
  if (settled !== undefined) {
    const latest = await loadTurnsBefore(records, sid, settled, settled.end, LOADED_TURNS);
    if (!latest.ok) return latest;
    turns = latest.value;
    from -= turns.length;
  }
  const hasEarlier = settled !== undefined && from > settled.first;
  if (tail === undefined) {
    const stored = assembleConversation(head, turns, hasEarlier, createConversation());
    return ok({ kind: "found", stored, head, from });
  }
  const run = await loadRun(records, sid, tail, Number.POSITIVE_INFINITY);
  if (!run.ok) return run;
  const current = { ...head, seq: Math.max(head.seq, run.value.seq) };
  const rest = withoutSettled(run.value.conversation, settled);
  return ok({ kind: "found", stored: assembleConversation(current, turns, hasEarlier, rest), head, from });
}

/** The chunks of a run, from its beginning up to, and without, the one numbered `end`. */
async function loadRun(
  records: StoredRecords,
  sid: SessionId,
  run: Run,
  end: number,
): Promise<Result<FoldedRun, Refusal>> {
  const reader = createRunReader(sid, run);
  const inPiece = Math.floor((CHARS_PER_PIECE * run.chunks) / Math.max(1, run.chars));
  const limit = Math.min(MAX_CHUNKS_PER_READ, Math.max(1, inPiece));
  const read = (from: number): ReturnType<StoredRecords["readRanges"]> =>
    records.readRanges(piecesOf(sid, run, from, end, limit), limit);
  for (let from = 0, reading = read(0); ;) {
    const pieces = await reading;
    if (!pieces.ok) return err("no-answer");
    from += pieces.value.length * limit;
    const isLast = (pieces.value.at(-1)?.length ?? 0) < limit || from >= end;
    // The disk has the next ones at hand while these are folded.
    if (!isLast) reading = read(from);
    for (const value of pieces.value.flat()) {
      const taken = reader.take(value);
      if (!taken.ok) return taken;
    }
    if (isLast) break;
  }
  return reader.finish();
}

/** What is read at once: as far as the run is known to go, and one piece at least. */
function piecesOf(sid: SessionId, run: Run, from: number, end: number, limit: number): readonly KeyRange[] {
  const count = Math.min(MAX_PIECES_PER_READ, Math.floor(MAX_CHUNKS_PER_READ / limit));
  const known = Math.min(end, Math.max(run.chunks, from + 1));
  const ranges: KeyRange[] = [];
  for (let at = from; at < known && ranges.length < count; at += limit)
    ranges.push(recordRanges.run(sid, run.run, at, Math.min(at + limit, end)));
  return ranges;
}

/** The settled turns before the position `end`: as many as asked for, fewer when they are long, one at least. */
export async function loadTurnsBefore(
  records: StoredRecords,
  sid: SessionId,
  settled: SettledRun,
  end: number,
  count: number,
): Promise<Result<readonly TurnSnapshot[], Refusal>> {
  const pieces: TurnSnapshot[][] = [];
  const floor = Math.max(settled.first, end - count);
  let chars = 0;
  for (let to = end; to > floor && chars < LOADED_CHARS;) {
    const keys = settledKeys(sid, settled, Math.max(floor, to - TURNS_PER_READ), to);
    const values = await records.read(keys);
    if (!values.ok) return err("no-answer");
    const piece: TurnSnapshot[] = [];
    for (const [index, key] of keys.entries()) {
      const turn = await settledTurn(records, sid, key, values.value[index], settled.list);
      if (!turn.ok) return turn;
      piece.push(turn.value);
      chars += textOf(turn.value);
    }
    pieces.unshift(piece);
    to -= keys.length;
  }
  return ok(pieces.flat());
}

async function settledTurn(
  records: StoredRecords,
  sid: SessionId,
  key: string,
  value: unknown,
  list: string,
): Promise<Result<TurnSnapshot, Refusal>> {
  const record = readSettledTurn(key, value, list);
  if (!record.ok) return record;
  if (record.value.kind === "whole") return ok(record.value.turn);
  const { run, turn } = record.value;
  const folded = await loadRun(records, sid, run, run.chunks);
  return folded.ok ? takeFromRun(key, turn, folded.value.conversation) : folded;
}

function textOf(turn: TurnSnapshot): number {
  return turn.parts.reduce((sum, part) => sum + (part.text?.length ?? 0), turn.text.length);
}
