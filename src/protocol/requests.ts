import * as v from "valibot";
import { AttachmentSchema, SendModeSchema } from "./events.ts";
import { AgentIdSchema, TurnIdSchema } from "./ids.ts";
import { MAX_ATTACHMENTS, MAX_TEXT_CHARS, MAX_TITLE_CHARS } from "./limits.ts";

const title = v.pipe(v.string(), v.trim(), v.minLength(1, "must not be empty"), v.maxLength(MAX_TITLE_CHARS));
const text = v.pipe(v.string(), v.maxLength(MAX_TEXT_CHARS, "must be at most 1 MiB"));

/** Body of `PUT /sessions/:sid`. */
export const CreateSessionSchema = v.object({
  title: v.optional(title),
  agent: v.optional(AgentIdSchema),
});
export type CreateSession = v.InferOutput<typeof CreateSessionSchema>;

/** Body of `PATCH /sessions/:sid`. */
export const UpdateSessionSchema = v.pipe(
  v.object({
    title: v.optional(title),
    agent: v.optional(AgentIdSchema),
    pinned: v.optional(v.boolean()),
    archived: v.optional(v.boolean()),
  }),
  v.check((body) => Object.keys(body).length > 0, "needs one of title, agent, pinned, archived"),
);
export type UpdateSession = v.InferOutput<typeof UpdateSessionSchema>;

// Not valibot's own base64 check: its nested repetition can exhaust the stack on megabytes.
const isBase64 = (data: string): boolean => data.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(data);
const attachment = v.object({
  ...AttachmentSchema.entries,
  data: v.pipe(v.string(), v.check(isBase64, "must be base64")),
});

/** Body of `POST /sessions/:sid/turns`. The text may be empty only for a turn that `continues` another. */
export const SendTurnSchema = v.pipe(
  v.object({
    id: TurnIdSchema,
    text,
    attachments: v.optional(v.pipe(v.array(attachment), v.maxLength(MAX_ATTACHMENTS))),
    agent: v.optional(AgentIdSchema),
    mode: v.optional(SendModeSchema, "queue"),
    steers: v.optional(TurnIdSchema),
    replaces: v.optional(TurnIdSchema),
    continues: v.optional(TurnIdSchema),
  }),
  v.forward(
    v.check((body) => body.text.trim() !== "" || body.continues !== undefined, "must not be empty"),
    ["text"],
  ),
);
export type SendTurn = v.InferOutput<typeof SendTurnSchema>;

/** Body of `PATCH /sessions/:sid/turns/:tid`. */
export const EditTurnSchema = v.object({
  text: v.pipe(
    text,
    v.check((value) => value.trim() !== "", "must not be empty"),
  ),
});
export type EditTurn = v.InferOutput<typeof EditTurnSchema>;

/** Body of `POST /sessions/:sid/approvals/:aid`. */
export const ResolveApprovalSchema = v.object({
  option: v.pipe(v.string(), v.minLength(1, "must not be empty"), v.maxLength(128)),
});
export type ResolveApproval = v.InferOutput<typeof ResolveApprovalSchema>;

/** Body of `POST /sign-in`. */
export const SignInSchema = v.object({ password: v.pipe(v.string(), v.minLength(1), v.maxLength(1024)) });
export type SignIn = v.InferOutput<typeof SignInSchema>;
