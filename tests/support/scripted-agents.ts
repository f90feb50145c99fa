import type { Agent, AgentDirectory, AgentEvent, AgentRequest } from "../../src/backend/ports.ts";
import { agentId } from "./wire-samples.ts";

/** Says the question back, and is done. */
export const echoAgent: Agent = {
  summary: { id: agentId("echo"), title: "Echo", kind: "test", available: true },
  async *run({ text }: AgentRequest): AsyncIterable<AgentEvent> {
    yield { type: "text", part: "t", delta: text };
  },
};

/** Says one word and then nothing, until it is stopped. */
export const endlessAgent: Agent = {
  summary: { id: agentId("endless"), title: "Endless", kind: "test", available: true },
  async *run({ signal }: AgentRequest): AsyncIterable<AgentEvent> {
    yield { type: "text", part: "t", delta: "begun" };
    if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener("abort", resolve));
  },
};

export function scriptedAgents(agents: readonly Agent[] = [echoAgent, endlessAgent]): AgentDirectory {
  const first = agents[0]?.summary.id ?? agentId("none");
  return {
    list: async () => ({ agents: agents.map((agent) => agent.summary), default: first }),
    find: async (id) => agents.find((agent) => agent.summary.id === id),
    defaultId: () => first,
  };
}
