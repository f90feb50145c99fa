import * as v from "valibot";
import type { SessionRecord } from "../backend/ports.ts";
import { EpochSchema, SeqSchema, TurnIdSchema } from "../protocol/ids.ts";
import { parse, type ParseFailure } from "../protocol/parse.ts";
import type { Result } from "../protocol/result.ts";
import { SessionSummarySchema } from "../protocol/snapshot.ts";

const SessionRecordSchema = v.object({
  summary: SessionSummarySchema,
  epoch: EpochSchema,
  tail: SeqSchema,
  titledByHand: v.boolean(),
  openTurns: v.array(TurnIdSchema),
});

/** What lies on disk is from outside: an older build, a developer's hand, half a reset. */
export function parseSessionRecord(input: unknown): Result<SessionRecord, ParseFailure> {
  return parse(SessionRecordSchema, input);
}
