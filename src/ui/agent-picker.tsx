import type { JSX } from "preact";
import type { AgentId } from "../protocol/ids.ts";
import { useApp } from "./app-context.ts";

/** What answers in this session, or in the one that is about to begin. */
export function AgentPicker(): JSX.Element {
  const { state, actions } = useApp();
  const { agents, forNewSession } = state.agents;
  const route = state.shell.route.value;
  const row =
    route.kind === "session"
      ? state.list.rows.value.find((candidate) => candidate.id === route.session)
      : undefined;
  const chosen: AgentId | undefined = row?.agent ?? forNewSession.value;
  const isListed = agents.value.some((agent) => agent.id === chosen);
  return (
    <label class="agent-picker">
      <select
        aria-label="Agent"
        value={chosen ?? ""}
        onChange={(event) => {
          const { value } = event.currentTarget;
          const agent = agents.value.find((candidate) => candidate.id === value);
          if (agent !== undefined) actions.chooseAgent(agent.id);
        }}
      >
        {!isListed && <option value={chosen ?? ""}>{chosen ?? "Default agent"}</option>}
        {agents.value.map((agent) => (
          <option key={agent.id} value={agent.id} disabled={!agent.available} title={agent.why}>
            {agent.available ? agent.title : `${agent.title}: not available`}
          </option>
        ))}
      </select>
    </label>
  );
}
