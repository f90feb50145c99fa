import * as v from "valibot";

// Any UUID in lower case is taken, not version 7 alone: the version orders ids, nothing on the wire depends on it.
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
// oxlint-disable-next-line no-control-regex -- control characters are exactly what a name may not hold
const OPAQUE = /^[^\u0000-\u0020\u007F]+$/;

/** Names a session; made by the client (UUIDv7), so that creating one is idempotent. */
export const SessionIdSchema = v.pipe(
  v.string(),
  v.regex(UUID, "must be a UUID in lower case"),
  v.brand("SessionId"),
);
export type SessionId = v.InferOutput<typeof SessionIdSchema>;

/** Names a turn; made by the client (UUIDv7), so that sending is idempotent. */
export const TurnIdSchema = v.pipe(
  v.string(),
  v.regex(UUID, "must be a UUID in lower case"),
  v.brand("TurnId"),
);
export type TurnId = v.InferOutput<typeof TurnIdSchema>;

/** Names a part of an answer, unique within its turn. */
export const PartIdSchema = v.pipe(
  v.string(),
  v.maxLength(128),
  v.regex(OPAQUE, "must not be empty or hold spaces"),
  v.brand("PartId"),
);
export type PartId = v.InferOutput<typeof PartIdSchema>;

/** Names a request for a person's decision, unique within its session. */
export const ApprovalIdSchema = v.pipe(
  v.string(),
  v.maxLength(128),
  v.regex(OPAQUE, "must not be empty or hold spaces"),
  v.brand("ApprovalId"),
);
export type ApprovalId = v.InferOutput<typeof ApprovalIdSchema>;

/** Names what answers: `demo`, or a family and a model's name, e.g. `openai/llama3`. */
export const AgentIdSchema = v.pipe(
  v.string(),
  v.maxLength(256),
  v.regex(OPAQUE, "must not be empty or hold spaces"),
  v.brand("AgentId"),
);
export type AgentId = v.InferOutput<typeof AgentIdSchema>;

/** Names one incarnation of a session's log: 64 random bits as lower-case letters and digits. Has no order. */
export const EpochSchema = v.pipe(
  v.string(),
  v.regex(/^[0-9a-z]{1,32}$/, "must be letters and digits"),
  v.brand("Epoch"),
);
export type Epoch = v.InferOutput<typeof EpochSchema>;

/** The number of an event within its log: 1, 2, 3 … without holes; 0 is "before the first". */
export const SeqSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** Ms since 1970-01-01T00:00Z by the writer's clock. */
export const TimestampSchema = v.pipe(v.number(), v.finite());
