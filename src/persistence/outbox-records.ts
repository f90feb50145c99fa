import * as v from "valibot";
import { SessionIdSchema, TimestampSchema } from "../protocol/ids.ts";
import { CreateSessionSchema, SendTurnSchema, UpdateSessionSchema } from "../protocol/requests.ts";

const common = {
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
  session: SessionIdSchema,
  createdAtMs: TimestampSchema,
};

/** An entry of the outbox as it is kept; the same in IndexedDB and, as JSON, in localStorage. */
export const OutboxEntrySchema = v.variant("kind", [
  v.object({ ...common, kind: v.literal("create"), body: CreateSessionSchema }),
  v.object({ ...common, kind: v.literal("send"), body: SendTurnSchema }),
  v.object({ ...common, kind: v.literal("update"), body: UpdateSessionSchema }),
  v.object({ ...common, kind: v.literal("delete"), notBeforeMs: TimestampSchema }),
  v.object({
    ...common,
    kind: v.literal("refused"),
    body: SendTurnSchema,
    why: v.string(),
    isGone: v.exactOptional(v.literal(true)),
  }),
]);
