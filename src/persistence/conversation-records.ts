import * as v from "valibot";
import { LogEventSchema } from "../protocol/events.ts";
import { EpochSchema, SeqSchema, TimestampSchema, TurnIdSchema } from "../protocol/ids.ts";
import { SessionSummarySchema, TurnSnapshotSchema } from "../protocol/snapshot.ts";
import { SCHEMA_VERSION } from "./keys.ts";

const version = v.literal(SCHEMA_VERSION);
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** The settled turns on disk: those at the positions from `first` up to, and without, `end` of `list`. */
export const SettledRunSchema = v.object({
  list: v.string(),
  first: count,
  end: count,
  firstTurn: TurnIdSchema,
  lastTurn: TurnIdSchema,
});
export type SettledRun = v.InferOutput<typeof SettledRunSchema>;

/** What follows the settled turns: the base at the run's beginning, and the events that were saved since. */
export const TailRunSchema = v.object({
  run: v.string(),
  chunks: v.pipe(count, v.minValue(1)),
  /** Up to which event of the log the last chunk reaches. */
  seq: SeqSchema,
  /** UTF-16 code units of text in all chunks. */
  chars: count,
  /** Whether a stream was closed on what is unfinished and is to be opened again. */
  reattach: v.boolean(),
  startedAtMs: TimestampSchema,
});
export type TailRun = v.InferOutput<typeof TailRunSchema>;

/**
 * A session on disk. Each save is one transaction that writes what is new and the head that counts it (S3):
 *
 *   head/<sid>                    cursor, row, which records below it counts       every save, always small
 *   turn/<sid>/<list>/<position>  one settled turn                                 once, when it has settled
 *   chunk/<sid>/<run>/<number>    number 0: the unfinished turns as they were,     once, when the run begins
 *                                 then: the events of the log since                one per save
 *
 * What no head counts is removed in the transaction that leaves it behind. A head that says `deleted` is a tombstone.
 */
export const HeadRecordSchema = v.variant("kind", [
  v.object({
    kind: v.literal("kept"),
    version,
    epoch: EpochSchema,
    seq: SeqSchema,
    session: SessionSummarySchema,
    /** Whether the server has turns before the first of these. */
    hasMore: v.boolean(),
    settled: v.optional(SettledRunSchema),
    tail: v.optional(TailRunSchema),
  }),
  v.object({ kind: v.literal("deleted"), version, atMs: TimestampSchema }),
]);
export type HeadRecord = v.InferOutput<typeof HeadRecordSchema>;
export type KeptHead = Extract<HeadRecord, { kind: "kept" }>;

export const SettledTurnSchema = v.object({ version, list: v.string(), turn: TurnSnapshotSchema });

export const ChunkSchema = v.variant("kind", [
  v.object({
    kind: v.literal("base"),
    version,
    run: v.string(),
    seq: SeqSchema,
    turns: v.array(TurnSnapshotSchema),
  }),
  v.object({
    kind: v.literal("events"),
    version,
    run: v.string(),
    number: count,
    /** The chunk before it reaches up to here at least. */
    after: SeqSchema,
    seq: SeqSchema,
    events: v.array(LogEventSchema),
  }),
]);

export const ListRecordSchema = v.object({ version, sessions: v.array(SessionSummarySchema) });
