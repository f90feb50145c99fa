import { createConversation, foldEvent, type ConversationState } from "../protocol/conversation.ts";
import { fromTurnSnapshot, toTurnSnapshot } from "../protocol/conversation-snapshot.ts";
import type { SessionId, TurnId } from "../protocol/ids.ts";
import { parse } from "../protocol/parse.ts";
import { err, ok, type Result } from "../protocol/result.ts";
import type { TurnSnapshot } from "../protocol/snapshot.ts";
import type { StoredConversation } from "../streaming/ports.ts";
import {
  ChunkPlaceSchema,
  ChunkSchema,
  SettledTurnSchema,
  type KeptHead,
  type Run,
  type SettledRun,
  type SettledTurn,
} from "./conversation-records.ts";
import { recordKeys } from "./keys.ts";

/** A record that is missing, or can't be believed. */
export interface BrokenRecord {
  readonly key: string;
  readonly why: string;
  /** It may have gone because another tab has begun a new run: then the head is another one by now. */
  readonly isMissing: boolean;
}

/** Keys of the settled turns at the positions from `from` up to, and without, `to`. */
export function settledKeys(
  sid: SessionId,
  settled: SettledRun,
  from: number,
  to: number,
): readonly string[] {
  const keys: string[] = [];
  for (let position = from; position < to; position += 1) {
    keys.push(recordKeys.turn(sid, settled.list, position));
  }
  return keys;
}

/** Of a settled turn that is a record of its own, or the run that has its text. */
export function readSettledTurn(
  key: string,
  value: unknown,
  list: string,
): Result<SettledTurn, BrokenRecord> {
  const record = parse(SettledTurnSchema, value);
  if (!record.ok) return broken(key, value, `${record.error.field ?? ""} ${record.error.message}`);
  if (record.value.list !== list) return broken(key, value, "belongs to another list");
  if (record.value.kind === "whole" && record.value.turn.status !== "ended")
    return broken(key, value, "has not ended");
  return ok(record.value);
}

/** A settled turn whose text lies in a run that was read to its end. */
export function takeFromRun(
  key: string,
  id: TurnId,
  conversation: ConversationState,
): Result<TurnSnapshot, BrokenRecord> {
  const turn = conversation.turns.get(id);
  if (turn?.status !== "ended") return broken(key, null, "names a run without its end");
  return ok(toTurnSnapshot(turn));
}

/**
 * The head as it is with the chunks that came since it was written. `last`: of its run, as the disk has it. Undefined:
 * one can't go on behind it.
 */
export function atLastChunk(head: KeptHead, last: unknown): KeptHead | undefined {
  const { tail } = head;
  if (tail === undefined) return head;
  const place = parse(ChunkPlaceSchema, last);
  if (!place.ok || place.value.run !== tail.run || place.value.number + 1 < tail.chunks) return undefined;
  const { number, seq, chars } = place.value;
  return { ...head, seq: Math.max(head.seq, seq), tail: { ...tail, chunks: number + 1, seq, chars } };
}

/** Folds the chunks of a run, as they come from the disk, piece by piece. */
export interface RunReader {
  take(value: unknown): Result<void, BrokenRecord>;
  /** How many have come. */
  count(): number;
  /** After the last chunk. */
  finish(): Result<FoldedRun, BrokenRecord>;
}

export interface FoldedRun {
  readonly conversation: ConversationState;
  readonly seq: number;
}

/** `run`: at least as far as this it must reach. */
export function createRunReader(sid: SessionId, run: Run): RunReader {
  const conversation = createConversation();
  let number = 0;
  let seq = 0;
  return {
    take(value) {
      const key = recordKeys.chunk(sid, run.run, number);
      const chunk = parse(ChunkSchema, value);
      if (!chunk.ok) return broken(key, value, `${chunk.error.field ?? ""} ${chunk.error.message}`);
      if (chunk.value.run !== run.run) return broken(key, value, "belongs to another run");
      if (chunk.value.number !== number || (chunk.value.kind === "base") !== (number === 0))
        return broken(key, value, "is out of its place");
      if (chunk.value.kind === "base") {
        for (const turn of chunk.value.turns) conversation.turns.set(turn.id, fromTurnSnapshot(turn));
      } else {
        if (chunk.value.after < seq) return broken(key, value, "reaches back behind the one before it");
        for (const event of chunk.value.events) {
          const folded = foldEvent(conversation, event);
          if (folded.kind === "hole") return broken(key, value, folded.why);
        }
      }
      seq = chunk.value.seq;
      number += 1;
      return ok(undefined);
    },
    count: () => number,
    finish() {
      // A later one may have been lost with all that is behind it: then this is an earlier moment, text and cursor alike.
      if (number < run.chunks || seq < run.seq)
        return broken(
          recordKeys.chunk(sid, run.run, number),
          undefined,
          `is missing: the run has ${number} chunks up to ${seq}, of ${run.chunks} up to ${run.seq}`,
        );
      return ok({ conversation, seq });
    },
  };
}

/** Leaves out what settled while the run went on: it has records of its own. */
export function withoutSettled(
  conversation: ConversationState,
  settled: SettledRun | undefined,
): ConversationState {
  if (settled === undefined || !conversation.turns.has(settled.lastTurn)) return conversation;
  for (const id of conversation.turns.keys()) {
    conversation.turns.delete(id);
    if (id === settled.lastTurn) break;
  }
  return conversation;
}

/** `head`: as it is with the last chunk; `turns`: the latest settled ones, `hasEarlier` of them being on disk. */
export function assembleConversation(
  head: KeptHead,
  turns: readonly TurnSnapshot[],
  hasEarlier: boolean,
  rest: ConversationState,
): StoredConversation {
  const tail = [...rest.turns.values()].map(toTurnSnapshot);
  const unfinished = tail.filter((turn) => turn.status !== "ended");
  return {
    cursor: { epoch: head.epoch, seq: head.seq },
    transcript: {
      session: head.session,
      turns: [...turns, ...tail.filter((turn) => turn.status === "ended")],
      hasMore: head.hasMore || hasEarlier,
    },
    inflight:
      unfinished.length === 0
        ? undefined
        : {
            turns: unfinished,
            reattach: head.tail?.reattach ?? true,
            startedAtMs: head.tail?.startedAtMs ?? 0,
            order: [...turns, ...tail].map((turn) => turn.id),
          },
  };
}

function broken(key: string, value: unknown, why: string): Result<never, BrokenRecord> {
  return err({ key, why, isMissing: value === undefined });
}
