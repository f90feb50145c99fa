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

/** A run of chunks: the turns as they were when it began, and the events that were saved since. */
export const RunSchema = v.object({
  run: v.string(),
  chunks: v.pipe(count, v.minValue(1)),
  /** Up to which event of the log the last of them reaches. */
  seq: SeqSchema,
  /** UTF-16 code units of text in all of them. */
  chars: count,
});
export type Run = v.InferOutput<typeof RunSchema>;

/**
 * What follows the settled turns. Its run may have grown since the head was written: the chunks that follow those counted
 * here bring text and cursor along.
 */
export const TailRunSchema = v.object({
  ...RunSchema.entries,
  /** Whether a stream was closed on what is unfinished and is to be opened again. */
  reattach: v.boolean(),
  startedAtMs: TimestampSchema,
});

/**
 * A session on disk. Each save is one transaction (S3):
 *
 *   head/<sid>                    cursor, row, which records below it count        when more than text has changed
 *   turn/<sid>/<list>/<position>  one settled turn, or the run that has its text   once, when it has settled
 *   chunk/<sid>/<run>/<number>    number 0: the unfinished turns as they were,     once, when the run begins
 *                                 then: the events of the log since, and how far   one per save
 *
 * The cursor is that of the head, or of the last chunk of its run when that reaches further. What no head counts is removed
 * in the transaction that leaves it behind. A head that says `deleted` is a tombstone.
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

export const SettledTurnSchema = v.variant("kind", [
  v.object({ kind: v.literal("whole"), version, list: v.string(), turn: TurnSnapshotSchema }),
  /** Its text is long, and stays where it was written while it came. */
  v.object({ kind: v.literal("run"), version, list: v.string(), turn: TurnIdSchema, run: RunSchema }),
]);
export type SettledTurn = v.InferOutput<typeof SettledTurnSchema>;

const chunk = {
  version,
  run: v.string(),
  number: count,
  seq: SeqSchema,
  /** Of the run, up to and with this chunk. Unit: UTF-16 code units. */
  chars: count,
};

export const ChunkSchema = v.variant("kind", [
  v.object({ kind: v.literal("base"), ...chunk, turns: v.array(TurnSnapshotSchema) }),
  v.object({
    kind: v.literal("events"),
    ...chunk,
    /** The chunk before it reaches up to here at the most. */
    after: SeqSchema,
    events: v.array(LogEventSchema),
  }),
]);

/** How far a chunk takes its run. */
export const ChunkPlaceSchema = v.object(chunk);

export const ListRecordSchema = v.object({ version, sessions: v.array(SessionSummarySchema) });
