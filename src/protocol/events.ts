import * as v from "valibot";
import {
  AgentIdSchema,
  ApprovalIdSchema,
  PartIdSchema,
  SeqSchema,
  TimestampSchema,
  TurnIdSchema,
} from "./ids.ts";

export const SendModeSchema = v.picklist(["queue", "steer", "parallel"]);
/** How a turn relates to those before it: after them, in place of the running one, or beside it. */
export type SendMode = v.InferOutput<typeof SendModeSchema>;

export const OutcomeSchema = v.picklist(["complete", "stopped", "failed", "interrupted"]);
export type Outcome = v.InferOutput<typeof OutcomeSchema>;

export const AttachmentSchema = v.object({
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
  mediaType: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
  /** The content, base64. */
  data: v.string(),
});
export type Attachment = v.InferOutput<typeof AttachmentSchema>;

export const PlanEntrySchema = v.object({
  text: v.string(),
  status: v.picklist(["pending", "active", "done"]),
  priority: v.optional(v.string()),
});
export type PlanEntry = v.InferOutput<typeof PlanEntrySchema>;

export const ApprovalOptionSchema = v.object({
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
  label: v.string(),
  /** `allow` and `deny` colour the button; a question's answers are `answer`. */
  kind: v.string(),
});
export type ApprovalOption = v.InferOutput<typeof ApprovalOptionSchema>;

export const TurnErrorSchema = v.object({ code: v.string(), message: v.string() });
/** Why a turn failed: `message` says what happened and what to do, never a stack or a secret. */
export type TurnError = v.InferOutput<typeof TurnErrorSchema>;

export const UsageSchema = v.object({
  inputTokens: v.optional(v.number()),
  outputTokens: v.optional(v.number()),
  reasoningTokens: v.optional(v.number()),
});
export type Usage = v.InferOutput<typeof UsageSchema>;

export const ToolStatusSchema = v.picklist(["complete", "failed", "denied"]);

const at = TimestampSchema;
const turn = TurnIdSchema;
const part = PartIdSchema;
const delta = { at, turn, part, offset: SeqSchema, delta: v.string() };

/** Every event of PROTOCOL §4, one schema each. */
export const LogEventSchema = v.variant("type", [
  v.object({
    type: v.literal("turn-queued"),
    at,
    turn,
    text: v.string(),
    mode: SendModeSchema,
    attachments: v.optional(v.array(AttachmentSchema)),
    agent: AgentIdSchema,
    replaces: v.optional(TurnIdSchema),
    continues: v.optional(TurnIdSchema),
    /** Extension: the turn that a `steer` stops; kept so that a resend can be compared with what was accepted. */
    steers: v.optional(TurnIdSchema),
  }),
  v.object({ type: v.literal("turn-edited"), at, turn, text: v.string() }),
  v.object({ type: v.literal("turn-withdrawn"), at, turn }),
  v.object({
    type: v.literal("turn-started"),
    at,
    turn,
    agent: AgentIdSchema,
    model: v.optional(v.string()),
  }),
  v.object({ type: v.literal("text-delta"), ...delta }),
  v.object({ type: v.literal("reasoning-delta"), ...delta }),
  v.object({
    type: v.literal("tool-started"),
    at,
    turn,
    part,
    name: v.string(),
    title: v.optional(v.string()),
    kind: v.optional(v.string()),
    input: v.optional(v.unknown()),
  }),
  v.object({ type: v.literal("tool-delta"), ...delta }),
  v.object({
    type: v.literal("tool-ended"),
    at,
    turn,
    part,
    status: ToolStatusSchema,
    output: v.optional(v.unknown()),
  }),
  v.object({ type: v.literal("plan-updated"), at, turn, entries: v.array(PlanEntrySchema) }),
  v.object({
    type: v.literal("approval-requested"),
    at,
    turn,
    approval: ApprovalIdSchema,
    part: v.optional(PartIdSchema),
    prompt: v.string(),
    options: v.array(ApprovalOptionSchema),
    expiresAt: v.optional(TimestampSchema),
  }),
  v.object({
    type: v.literal("approval-resolved"),
    at,
    turn,
    approval: ApprovalIdSchema,
    option: v.string(),
    by: v.picklist(["user", "timeout", "stopped"]),
  }),
  v.object({
    type: v.literal("turn-ended"),
    at,
    turn,
    outcome: OutcomeSchema,
    error: v.optional(TurnErrorSchema),
    usage: v.optional(UsageSchema),
  }),
  v.object({
    type: v.literal("session-updated"),
    at,
    title: v.optional(v.string()),
    agent: v.optional(AgentIdSchema),
    pinned: v.optional(v.boolean()),
    archived: v.optional(v.boolean()),
  }),
]);

export type LogEvent = v.InferOutput<typeof LogEventSchema>;
export type LogEventType = LogEvent["type"];
export type LogEventOf<Type extends LogEventType> = Extract<LogEvent, { type: Type }>;
export type DeltaEvent = LogEventOf<"text-delta" | "reasoning-delta" | "tool-delta">;

/** All types this build knows. An event of any other type is skipped, its seq counted, its text kept. */
export const LOG_EVENT_TYPES: ReadonlySet<string> = new Set(
  LogEventSchema.options.map((option) => option.entries.type.literal),
);

export function isDelta(event: LogEvent | UnknownEvent): event is DeltaEvent {
  return event.type === "text-delta" || event.type === "reasoning-delta" || event.type === "tool-delta";
}

/** An event of a later protocol: carried along unread, so that exports keep it. */
export interface UnknownEvent {
  readonly type: "unknown";
  readonly raw: Readonly<Record<string, unknown>>;
}
