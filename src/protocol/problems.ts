import * as v from "valibot";

/**
 * Every way a request can be refused, with its HTTP status (RFC 9457 problem details).
 * One map: server and mock answer by it, the browser decides by it.
 */
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

const CODES = Object.keys(PROBLEM_STATUS).filter((key): key is ProblemCode => key in PROBLEM_STATUS);

/** `application/problem+json`. `detail` says what to do; never a stack, a path or a secret. */
export const ProblemSchema = v.object({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  code: v.picklist(CODES),
  detail: v.string(),
  /** The offending field of the request, on `bad-request`. */
  field: v.optional(v.string()),
  /** What was chosen and by whom, on `approval-resolved`. */
  option: v.optional(v.string()),
  by: v.optional(v.string()),
  /** How long to wait, on `too-many-attempts` and `draining`. Unit: ms. */
  retryMs: v.optional(v.number()),
});
export type Problem = v.InferOutput<typeof ProblemSchema>;

/** What can be read of a refusal whose code this build does not know yet. */
export const UnknownProblemSchema = v.object({ detail: v.string(), retryMs: v.optional(v.number()) });

/** What is said beside the code and the detail. */
export type ProblemExtras = Pick<Partial<Problem>, "field" | "option" | "by" | "retryMs">;

export function problem(code: ProblemCode, detail: string, extras: ProblemExtras = {}): Problem {
  const title = code.replaceAll("-", " ");
  return { type: "about:blank", title, status: PROBLEM_STATUS[code], code, detail, ...extras };
}
