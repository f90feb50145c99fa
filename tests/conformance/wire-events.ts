import * as v from "valibot";
import { opaque, readAs, seq, time, uuid } from "./wire-values.ts";

// PROTOCOL §4, written down a second time: see wire-values.ts.

const turn = uuid;
const part = opaque(128);
const agent = opaque(256);
const at = time;
const delta = { at, turn, part, offset: seq, delta: v.string() };

export const mode = v.picklist(["queue", "steer", "parallel"]);
export const outcome = v.picklist(["complete", "stopped", "failed", "interrupted"]);
export const turnError = v.object({ code: v.string(), message: v.string() });
export const usage = v.object({
  inputTokens: v.optional(v.number()),
  outputTokens: v.optional(v.number()),
  reasoningTokens: v.optional(v.number()),
});
export const attachment = v.object({
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
  mediaType: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
  data: v.string(),
});
export const planEntry = v.object({
  text: v.string(),
  status: v.picklist(["pending", "active", "done"]),
  priority: v.optional(v.string()),
});
export const approvalOption = v.object({ id: opaque(128), label: v.string(), kind: v.string() });
export const resolvedBy = v.picklist(["user", "timeout", "stopped"]);
export const toolEnd = v.picklist(["complete", "failed", "denied"]);

const event = v.variant("type", [
  v.object({
    type: v.literal("turn-queued"),
    at,
    turn,
    text: v.string(),
    mode,
    attachments: v.optional(v.array(attachment)),
    agent,
    replaces: v.optional(uuid),
    continues: v.optional(uuid),
    steers: v.optional(uuid),
  }),
  v.object({ type: v.literal("turn-edited"), at, turn, text: v.string() }),
  v.object({ type: v.literal("turn-withdrawn"), at, turn }),
  v.object({ type: v.literal("turn-started"), at, turn, agent, model: v.optional(v.string()) }),
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
    status: toolEnd,
    output: v.optional(v.unknown()),
  }),
  v.object({ type: v.literal("plan-updated"), at, turn, entries: v.array(planEntry) }),
  v.object({
    type: v.literal("approval-requested"),
    at,
    turn,
    approval: opaque(128),
    part: v.optional(part),
    prompt: v.string(),
    options: v.array(approvalOption),
    expiresAt: v.optional(time),
  }),
  v.object({
    type: v.literal("approval-resolved"),
    at,
    turn,
    approval: opaque(128),
    option: v.string(),
    by: resolvedBy,
  }),
  v.object({
    type: v.literal("turn-ended"),
    at,
    turn,
    outcome,
    error: v.optional(turnError),
    usage: v.optional(usage),
  }),
  v.object({
    type: v.literal("session-updated"),
    at,
    title: v.optional(v.string()),
    agent: v.optional(agent),
    pinned: v.optional(v.boolean()),
    archived: v.optional(v.boolean()),
  }),
]);

export type LogEvent = v.InferOutput<typeof event>;
export type LogEventOf<Type extends LogEvent["type"]> = Extract<LogEvent, { type: Type }>;

const TYPES: ReadonlySet<string> = new Set(event.options.map((option) => option.entries.type.literal));

/** P4.18: an event of an unknown type belongs to a later minor version, and is skipped: undefined. Throws on what does not fit. */
export function readEvent(input: unknown): LogEvent | undefined {
  const { type } = readAs("P4.1", v.object({ type: v.string() }), input);
  return TYPES.has(type) ? readAs("P2.46", event, input) : undefined;
}
