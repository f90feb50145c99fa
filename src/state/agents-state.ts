import { batch, signal, type ReadonlySignal } from "@preact/signals";
import type { AgentList, AgentSummary } from "../protocol/agents.ts";
import type { AgentId } from "../protocol/ids.ts";

export interface AgentsSignals {
  readonly agents: ReadonlySignal<readonly AgentSummary[]>;
  /** What answers in a session that is begun now: the last one used, else the server's default. */
  readonly forNewSession: ReadonlySignal<AgentId | undefined>;
}

export interface AgentsState extends AgentsSignals {
  setAgents(list: AgentList): void;
  /** Chosen by the person; an agent that is gone is not chosen again. */
  setLastUsed(agent: AgentId | undefined): void;
}

export function createAgentsState(): AgentsState {
  const agents = signal<readonly AgentSummary[]>([]);
  const forNewSession = signal<AgentId | undefined>(undefined);
  let lastUsed: AgentId | undefined;
  let fallback: AgentId | undefined;
  const choose = (): void => {
    const known = agents.peek();
    const isUsable = known.length === 0 || known.some((agent) => agent.id === lastUsed && agent.available);
    forNewSession.value = lastUsed !== undefined && isUsable ? lastUsed : fallback;
  };
  return {
    agents,
    forNewSession,
    setAgents(list) {
      batch(() => {
        fallback = list.default;
        agents.value = list.agents;
        choose();
      });
    },
    setLastUsed(agent) {
      lastUsed = agent;
      choose();
    },
  };
}
