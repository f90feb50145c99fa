import * as v from "valibot";
import {
  approvalOption,
  attachment,
  mode,
  outcome,
  planEntry,
  resolvedBy,
  toolEnd,
  turnError,
  usage,
} from "./wire-events.ts";
import { opaque, readCursor, seq, time, uuid } from "./wire-values.ts";

// PROTOCOL §2 and §5, written down a second time: see wire-values.ts.

/** P2.2, PX.4. */
export const health = v.object({
  name: v.literal("holdfast"),
  version: v.pipe(v.string(), v.minLength(1)),
  protocol: v.pipe(v.string(), v.regex(/^\d+\.\d+$/)),
  auth: v.optional(v.picklist(["none", "signed-in", "signed-out"])),
});

/** P2.3. */
export const agentList = v.object({
  agents: v.array(
    v.object({
      id: opaque(256),
      title: v.string(),
      kind: v.string(),
      available: v.boolean(),
      why: v.optional(v.string()),
    }),
  ),
  default: v.string(),
});

/** P2.5. */
export const sessionRow = v.object({
  id: uuid,
  title: v.string(),
  createdAt: time,
  updatedAt: time,
  lastEndedAt: v.optional(time),
  agent: opaque(256),
  pinned: v.boolean(),
  archived: v.boolean(),
  status: v.picklist(["idle", "queued", "running", "needs-you", "failed"]),
  running: seq,
  queued: seq,
});
export type SessionRow = v.InferOutput<typeof sessionRow>;

export const sessionList = v.object({ sessions: v.array(sessionRow), hasMore: v.boolean() });

/** P2.19; the frames are read one by one. */
export const eventsPage = v.object({
  frames: v.array(v.unknown()),
  cursor: v.string(),
  hasMore: v.boolean(),
});

const part = v.object({
  id: opaque(128),
  type: v.picklist(["text", "reasoning", "tool"]),
  text: v.optional(v.string()),
  name: v.optional(v.string()),
  title: v.optional(v.string()),
  kind: v.optional(v.string()),
  input: v.optional(v.unknown()),
  output: v.optional(v.unknown()),
  status: v.optional(v.union([v.literal("running"), toolEnd])),
});

const approval = v.object({
  id: opaque(128),
  part: v.optional(opaque(128)),
  prompt: v.string(),
  options: v.array(approvalOption),
  expiresAt: v.optional(time),
  resolved: v.optional(v.object({ option: v.string(), by: resolvedBy, at: time })),
});

/** P2.18, PX.1. */
const turn = v.object({
  id: uuid,
  text: v.string(),
  mode,
  attachments: v.optional(v.array(attachment)),
  agent: opaque(256),
  model: v.optional(v.string()),
  replaces: v.optional(uuid),
  continues: v.optional(uuid),
  status: v.picklist(["queued", "running", "ended"]),
  outcome: v.optional(outcome),
  error: v.optional(turnError),
  usage: v.optional(usage),
  queuedAt: time,
  startedAt: v.optional(time),
  endedAt: v.optional(time),
  plan: v.optional(v.array(planEntry)),
  plans: v.optional(v.array(v.object({ at: time, entries: v.array(planEntry) }))),
  approvals: v.optional(v.array(approval)),
  parts: v.array(part),
});

/** P2.14. */
export const snapshot = v.object({
  session: sessionRow,
  cursor: v.pipe(v.string(), v.transform(readCursor)),
  turns: v.array(turn),
  hasMore: v.boolean(),
  /** PX.20. */
  hasLater: v.optional(v.boolean()),
});
export type Snapshot = v.InferOutput<typeof snapshot>;

/** PX.19. */
export const searchPage = v.object({
  matches: v.array(
    v.object({
      turn: v.string(),
      count: v.number(),
      excerpt: v.object({ before: v.string(), match: v.string(), after: v.string() }),
    }),
  ),
  hasMore: v.boolean(),
  next: v.optional(v.string()),
});

/** PX.5. */
export const PROBLEM_STATUS = {
  "bad-request": 400,
  "not-signed-in": 401,
  "wrong-password": 401,
  "forbidden-host": 403,
  "forbidden-origin": 403,
  "not-found": 404,
  "session-not-found": 404,
  "turn-not-found": 404,
  "approval-not-found": 404,
  "method-not-allowed": 405,
  "bad-cursor": 409,
  "turn-conflict": 409,
  "turn-not-queued": 409,
  "approval-resolved": 409,
  "session-deleted": 410,
  "body-too-large": 413,
  "unsupported-media-type": 415,
  "too-many-attempts": 429,
  "too-many-sessions": 429,
  "too-many-turns": 429,
  internal: 500,
  draining: 503,
  "storage-full": 507,
} as const;
export type ProblemCode = keyof typeof PROBLEM_STATUS;

/** P2.40, PX.5. */
export const problem = v.object({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  code: v.string(),
  detail: v.pipe(v.string(), v.trim(), v.minLength(1, "must say what to do")),
  field: v.optional(v.string()),
  option: v.optional(v.string()),
  by: v.optional(resolvedBy),
  retryMs: v.optional(v.pipe(v.number(), v.finite(), v.minValue(0))),
});
export type Problem = v.InferOutput<typeof problem>;
