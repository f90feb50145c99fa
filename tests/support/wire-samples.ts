import type { LogEvent, UnknownEvent } from "../../src/protocol/events.ts";
import {
  AgentIdSchema,
  ApprovalIdSchema,
  EpochSchema,
  PartIdSchema,
  SessionIdSchema,
  TurnIdSchema,
} from "../../src/protocol/ids.ts";
import * as v from "valibot";

/** Ids for tests, by number: throws on anything that is none. */
export const sessionId = (number = 1) =>
  v.parse(SessionIdSchema, `01890000-0000-7000-8000-${number.toString(16).padStart(12, "0")}`);
export const turnId = (number = 1) =>
  v.parse(TurnIdSchema, `01890000-0000-7000-9000-${number.toString(16).padStart(12, "0")}`);
export const partId = (name = "p1") => v.parse(PartIdSchema, name);
export const approvalId = (name = "a1") => v.parse(ApprovalIdSchema, name);
export const agentId = (name = "demo") => v.parse(AgentIdSchema, name);
export const epoch = (name = "k3f9") => v.parse(EpochSchema, name);

export const queued = (number: number, text = "hello", at = 1_000): LogEvent => ({
  type: "turn-queued",
  at,
  turn: turnId(number),
  text,
  mode: "queue",
  agent: agentId(),
});
export const started = (number: number, at = 1_001): LogEvent => ({
  type: "turn-started",
  at,
  turn: turnId(number),
  agent: agentId(),
});
export const textDelta = (number: number, offset: number, delta: string, part = "p1"): LogEvent => ({
  type: "text-delta",
  at: 1_002,
  turn: turnId(number),
  part: partId(part),
  offset,
  delta,
});
export const ended = (
  number: number,
  outcome: "complete" | "stopped" | "failed" | "interrupted" = "complete",
): LogEvent => ({
  type: "turn-ended",
  at: 1_900,
  turn: turnId(number),
  outcome,
});

/** Every event of PROTOCOL §4 with every field it can have, then one of a later protocol. */
export const SAMPLE_EVENTS: readonly (LogEvent | UnknownEvent)[] = [
  {
    type: "turn-queued",
    at: 1,
    turn: turnId(1),
    text: "What is 2 + 2?",
    mode: "steer",
    attachments: [{ name: "a.txt", mediaType: "text/plain", data: "aGk=" }],
    agent: agentId("openai/llama3"),
    replaces: turnId(2),
    continues: turnId(3),
    steers: turnId(4),
  },
  { type: "turn-edited", at: 2, turn: turnId(1), text: "What is 3 + 3?" },
  { type: "turn-withdrawn", at: 3, turn: turnId(5) },
  { type: "turn-started", at: 4, turn: turnId(1), agent: agentId("openai/llama3"), model: "llama3" },
  { type: "text-delta", at: 5, turn: turnId(1), part: partId("t"), offset: 0, delta: "\u2028 \ud83d" },
  { type: "reasoning-delta", at: 6, turn: turnId(1), part: partId("r"), offset: 0, delta: "hm\r\n" },
  {
    type: "tool-started",
    at: 7,
    turn: turnId(1),
    part: partId("x"),
    name: "calc",
    title: "Calculator",
    kind: "execute",
    input: { expression: "3+3" },
  },
  { type: "tool-delta", at: 8, turn: turnId(1), part: partId("x"), offset: 0, delta: "6" },
  { type: "tool-ended", at: 9, turn: turnId(1), part: partId("x"), status: "complete", output: 6 },
  {
    type: "plan-updated",
    at: 10,
    turn: turnId(1),
    entries: [{ text: "add", status: "active", priority: "high" }],
  },
  {
    type: "approval-requested",
    at: 11,
    turn: turnId(1),
    approval: approvalId(),
    part: partId("x"),
    prompt: "May I?",
    options: [{ id: "yes", label: "Yes", kind: "allow" }],
    expiresAt: 99,
  },
  { type: "approval-resolved", at: 12, turn: turnId(1), approval: approvalId(), option: "yes", by: "user" },
  {
    type: "turn-ended",
    at: 13,
    turn: turnId(1),
    outcome: "failed",
    error: { code: "model-unreachable", message: "The model did not answer." },
    usage: { inputTokens: 1, outputTokens: 2, reasoningTokens: 3 },
  },
  { type: "session-updated", at: 14, title: "Sums", agent: agentId(), pinned: true, archived: false },
  { type: "unknown", raw: { type: "turn-dreamt", at: 15, turn: turnId(1), colour: "blue" } },
];
