import { LLMock } from "@copilotkit/aimock";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createOpenAiCompatibleAgent } from "../../../../server/agents/openai-compatible-agent.ts";
import type { Agent } from "../../../../src/backend/ports.ts";
import { AgentIdSchema } from "../../../../src/protocol/ids.ts";
import { parse } from "../../../../src/protocol/parse.ts";
import { errorOf, partsOf, runToEnd } from "../../../support/agent-run.ts";
import { createManualClock } from "../../../support/manual-clock.ts";

// A server written by others: what our own model server and our own agent agree on could be wrong in both.
const mock = new LLMock({ port: 0, chunkSize: 7 });
const ANSWER = "A considerably longer answer, so that it comes in several chunks.";

beforeAll(async () => {
  mock.onMessage("plain", { content: ANSWER });
  mock.onMessage("think", { content: "Done.", reasoning: "Let me think about it." });
  mock.onMessage("refuse", { error: { message: "Slow down.", type: "rate_limit_error" }, status: 429 });
  mock.onMessage("truncate", { content: ANSWER }, { latency: 10, truncateAfterChunks: 4 });
  mock.onMessage("late", { content: ANSWER }, { latency: 30, disconnectAfterMs: 100 });
  await mock.start();
});
afterAll(() => mock.stop());

function agent(): Agent {
  const id = parse(AgentIdSchema, "openai/gpt-4o");
  if (!id.ok) throw new Error(id.error.message);
  return createOpenAiCompatibleAgent({
    summary: { id: id.value, title: "gpt-4o", kind: "openai-compatible", available: true },
    baseUrl: `${mock.url}/v1`,
    apiKey: "mock",
    model: "gpt-4o",
    clock: createManualClock(),
  });
}

test("a peer's answer arrives whole, in several deltas, with usage", async () => {
  const events = await runToEnd(agent(), { text: "plain" });
  expect(partsOf(events)).toEqual({ "text-1": ANSWER });
  expect(events.filter(({ type }) => type === "text").length).toBeGreaterThan(3);
  expect(events.at(-1)?.type).toBe("usage");
});

test("a peer's reasoning is apart from its text", async () => {
  const events = await runToEnd(agent(), { text: "think" });
  expect(partsOf(events)).toEqual({ "reasoning-1": "Let me think about it.", "text-1": "Done." });
});

test("a peer's refusal is said in words", async () => {
  expect(errorOf(await runToEnd(agent(), { text: "refuse" }))?.code).toBe("agent-rate-limited");
});

test.each(["truncate", "late"])("a peer's answer cut by %s keeps its text and fails as cut", async (text) => {
  const events = await runToEnd(agent(), { text });
  const kept = partsOf(events)["text-1"] ?? "";
  expect(kept.length).toBeGreaterThan(0);
  expect(ANSWER.startsWith(kept)).toBe(true);
  expect(kept.length).toBeLessThan(ANSWER.length);
  expect(errorOf(events)?.code).toBe("agent-cut");
});
