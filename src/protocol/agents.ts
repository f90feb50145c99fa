import * as v from "valibot";
import { AgentIdSchema } from "./ids.ts";

/** One thing that can answer. */
export const AgentSummarySchema = v.object({
  id: AgentIdSchema,
  title: v.string(),
  /** `demo`, `openai-compatible`, `ollama`. */
  kind: v.string(),
  available: v.boolean(),
  /** In words, when it is not available. */
  why: v.optional(v.string()),
});
export type AgentSummary = v.InferOutput<typeof AgentSummarySchema>;

export const AgentListSchema = v.object({
  agents: v.array(AgentSummarySchema),
  default: AgentIdSchema,
});
export type AgentList = v.InferOutput<typeof AgentListSchema>;

export const HealthSchema = v.object({
  name: v.string(),
  version: v.string(),
  protocol: v.string(),
  /** Extension: whether a password is asked for, and whether this request is signed in. */
  auth: v.optional(v.picklist(["none", "signed-in", "signed-out"])),
});
export type Health = v.InferOutput<typeof HealthSchema>;
