import * as v from "valibot";
import { formatCursor, parseCursor } from "./cursor.ts";
import {
  ApprovalOptionSchema,
  AttachmentSchema,
  OutcomeSchema,
  PlanEntrySchema,
  SendModeSchema,
  ToolStatusSchema,
  TurnErrorSchema,
  UsageSchema,
} from "./events.ts";
import {
  AgentIdSchema,
  ApprovalIdSchema,
  PartIdSchema,
  SeqSchema,
  SessionIdSchema,
  TimestampSchema,
  TurnIdSchema,
  type TurnId,
} from "./ids.ts";

export const SessionStatusSchema = v.picklist(["idle", "queued", "running", "needs-you", "failed"]);
export type SessionStatus = v.InferOutput<typeof SessionStatusSchema>;

/** One row of `GET /sessions`. `updatedAt` moves at turn boundaries only, never with a delta or an automatic title. */
export const SessionSummarySchema = v.object({
  id: SessionIdSchema,
  title: v.string(),
  createdAt: TimestampSchema,
  updatedAt: TimestampSchema,
  lastEndedAt: v.optional(TimestampSchema),
  agent: AgentIdSchema,
  pinned: v.boolean(),
  archived: v.boolean(),
  status: SessionStatusSchema,
  /** Turns running, and turns waiting. */
  running: SeqSchema,
  queued: SeqSchema,
});
export type SessionSummary = v.InferOutput<typeof SessionSummarySchema>;

export const SessionListSchema = v.object({
  sessions: v.array(SessionSummarySchema),
  hasMore: v.boolean(),
});
export type SessionList = v.InferOutput<typeof SessionListSchema>;

export const PartSnapshotSchema = v.object({
  id: PartIdSchema,
  type: v.picklist(["text", "reasoning", "tool"]),
  /** Answer, reasoning, or a tool's live output. */
  text: v.optional(v.string()),
  name: v.optional(v.string()),
  title: v.optional(v.string()),
  kind: v.optional(v.string()),
  input: v.optional(v.unknown()),
  output: v.optional(v.unknown()),
  /** Of a tool: `running` until its `tool-ended`. */
  status: v.optional(v.union([v.literal("running"), ToolStatusSchema])),
});
export type PartSnapshot = v.InferOutput<typeof PartSnapshotSchema>;

export const ApprovalSnapshotSchema = v.object({
  id: ApprovalIdSchema,
  part: v.optional(PartIdSchema),
  prompt: v.string(),
  options: v.array(ApprovalOptionSchema),
  expiresAt: v.optional(TimestampSchema),
  resolved: v.optional(
    v.object({ option: v.string(), by: v.picklist(["user", "timeout", "stopped"]), at: TimestampSchema }),
  ),
});
export type ApprovalSnapshot = v.InferOutput<typeof ApprovalSnapshotSchema>;

export const PlanVersionSchema = v.object({ at: TimestampSchema, entries: v.array(PlanEntrySchema) });
export type PlanVersion = v.InferOutput<typeof PlanVersionSchema>;

export const TurnSnapshotSchema = v.object({
  id: TurnIdSchema,
  text: v.string(),
  mode: SendModeSchema,
  attachments: v.optional(v.array(AttachmentSchema)),
  agent: AgentIdSchema,
  model: v.optional(v.string()),
  replaces: v.optional(TurnIdSchema),
  continues: v.optional(TurnIdSchema),
  status: v.picklist(["queued", "running", "ended"]),
  outcome: v.optional(OutcomeSchema),
  error: v.optional(TurnErrorSchema),
  usage: v.optional(UsageSchema),
  queuedAt: TimestampSchema,
  startedAt: v.optional(TimestampSchema),
  endedAt: v.optional(TimestampSchema),
  plan: v.optional(v.array(PlanEntrySchema)),
  /** Extension: every version of the plan, oldest first; the last is `plan`. */
  plans: v.optional(v.array(PlanVersionSchema)),
  approvals: v.optional(v.array(ApprovalSnapshotSchema)),
  /** In the order in which they began. */
  parts: v.array(PartSnapshotSchema),
});
export type TurnSnapshot = v.InferOutput<typeof TurnSnapshotSchema>;

/** A cursor as every answer carries it: the text `<epoch>.<seq>`, parsed. */
const CursorTextSchema = v.pipe(
  v.string("must be a cursor, <epoch>.<seq>"),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const cursor = parseCursor(dataset.value);
    if (cursor.ok) return cursor.value;
    addIssue({ message: cursor.error.message });
    return NEVER;
  }),
);

/** Where a page of a snapshot begins: with a turn, or with the first of all (PX.20). */
export const PageStartSchema = v.union([v.literal("first"), TurnIdSchema], "must name a turn, or be first");
export type PageStart = v.InferOutput<typeof PageStartSchema>;

/** Which turns of a session are asked for: the newest, those before one, or those from one on; never the latter two at once. */
export interface PageRequest {
  readonly turns?: number | undefined;
  readonly before?: TurnId | undefined;
  readonly from?: PageStart | undefined;
}

/**
 * `GET /sessions/:sid`: parts folded up to exactly `cursor`; unfinished turns are always included.
 * On the wire the cursor is text; who writes one uses {@link toWireSnapshot}.
 */
export const SnapshotSchema = v.object({
  session: SessionSummarySchema,
  cursor: CursorTextSchema,
  turns: v.array(TurnSnapshotSchema),
  /** Whether there are turns before the first of these. */
  hasMore: v.boolean(),
  /** Whether there are turns after the last of these; told of a page that was asked for by `from` alone. */
  hasLater: v.optional(v.boolean()),
});
export type Snapshot = v.InferOutput<typeof SnapshotSchema>;

/** A snapshot as `GET /sessions/:sid` answers it: its cursor is the text that `?after=` takes. */
export type WireSnapshot = v.InferInput<typeof SnapshotSchema>;

export function toWireSnapshot(snapshot: Snapshot): WireSnapshot {
  return { ...snapshot, cursor: formatCursor(snapshot.cursor) };
}
