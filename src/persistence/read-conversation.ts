import { createConversation, foldEvent, type ConversationState } from "../protocol/conversation.ts";
import { fromTurnSnapshot, toTurnSnapshot } from "../protocol/conversation-snapshot.ts";
import type { SessionId } from "../protocol/ids.ts";
import { parse } from "../protocol/parse.ts";
import { err, ok, type Result } from "../protocol/result.ts";
import type { TurnSnapshot } from "../protocol/snapshot.ts";
import type { StoredConversation } from "../streaming/ports.ts";
import {
  ChunkSchema,
  SettledTurnSchema,
  type KeptHead,
  type SettledRun,
  type TailRun,
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

export function chunkKeys(sid: SessionId, tail: TailRun): readonly string[] {
  return Array.from({ length: tail.chunks }, (_, number) => recordKeys.chunk(sid, tail.run, number));
}

export function readSettledTurn(
  key: string,
  value: unknown,
  list: string,
): Result<TurnSnapshot, BrokenRecord> {
  const record = parse(SettledTurnSchema, value);
  if (!record.ok) return broken(key, value, `${record.error.field ?? ""} ${record.error.message}`);
  if (record.value.list !== list) return broken(key, value, "belongs to another list");
  if (record.value.turn.status !== "ended") return broken(key, value, "has not ended");
  return ok(record.value.turn);
}

/** Folds the chunks of a run, as they come from the disk, piece by piece. */
export interface TailReader {
  take(key: string, value: unknown): Result<void, BrokenRecord>;
  /** What follows the settled turns, after the last chunk. */
  finish(lastKey: string, settled: SettledRun | undefined): Result<ConversationState, BrokenRecord>;
}

export function createTailReader(tail: TailRun): TailReader {
  const conversation = createConversation();
  let number = 0;
  let seq = 0;
  return {
    take(key, value) {
      const chunk = parse(ChunkSchema, value);
      if (!chunk.ok) return broken(key, value, `${chunk.error.field ?? ""} ${chunk.error.message}`);
      if (chunk.value.run !== tail.run) return broken(key, value, "belongs to another run");
      if (chunk.value.kind === "base") {
        if (number !== 0) return broken(key, value, "is a second beginning");
        for (const turn of chunk.value.turns) conversation.turns.set(turn.id, fromTurnSnapshot(turn));
      } else {
        if (number === 0 || chunk.value.number !== number || chunk.value.after < seq)
          return broken(key, value, "is out of its place");
        for (const event of chunk.value.events) {
          const folded = foldEvent(conversation, event);
          if (folded.kind === "hole") return broken(key, value, folded.why);
        }
      }
      seq = chunk.value.seq;
      number += 1;
      return ok(undefined);
    },
    finish(lastKey, settled) {
      if (number !== tail.chunks || seq !== tail.seq)
        return broken(lastKey, null, `reaches to ${seq}, where the head has ${tail.seq}`);
      if (settled !== undefined && conversation.turns.has(settled.lastTurn)) {
        // Settled while the run went on: they have records of their own.
        for (const id of conversation.turns.keys()) {
          conversation.turns.delete(id);
          if (id === settled.lastTurn) break;
        }
      }
      return ok(conversation);
    },
  };
}

/** `turns`: the latest settled ones, `hasEarlier` of them being on disk. */
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
