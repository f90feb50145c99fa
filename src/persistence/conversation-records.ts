import * as v from "valibot";
import { EpochSchema, SeqSchema, TimestampSchema, TurnIdSchema } from "../protocol/ids.ts";
import { SessionSummarySchema, TurnSnapshotSchema } from "../protocol/snapshot.ts";
import { SCHEMA_VERSION } from "./keys.ts";

const version = v.literal(SCHEMA_VERSION);

/**
 * A session on disk is three records, always written in one transaction (S3):
 *
 *   head/<sid>         cursor, row, which transcript belongs to it         every write
 *   transcript/<sid>   settled turns, under `stamp`                        only when they changed
 *   inflight/<sid>     unfinished turns, under the cursor of the head      every write, absent when nothing is unfinished
 *
 * A head that says `deleted` is a tombstone.
 */
export const HeadRecordSchema = v.variant("kind", [
  v.object({
    kind: v.literal("kept"),
    version,
    epoch: EpochSchema,
    seq: SeqSchema,
    session: SessionSummarySchema,
    hasMore: v.boolean(),
    hasInflight: v.boolean(),
    /** Names the transcript record this head belongs to. */
    stamp: v.string(),
  }),
  v.object({ kind: v.literal("deleted"), version, atMs: TimestampSchema }),
]);
export type HeadRecord = v.InferOutput<typeof HeadRecordSchema>;

export const TranscriptChunkSchema = v.object({
  version,
  stamp: v.string(),
  turns: v.array(TurnSnapshotSchema),
});

export const InflightChunkSchema = v.object({
  version,
  epoch: EpochSchema,
  seq: SeqSchema,
  turns: v.array(TurnSnapshotSchema),
  reattach: v.boolean(),
  startedAtMs: TimestampSchema,
  order: v.array(TurnIdSchema),
});

export const ListRecordSchema = v.object({ version, sessions: v.array(SessionSummarySchema) });
