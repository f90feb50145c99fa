import type { Agent, AgentEvent, AgentRequest } from "../../src/backend/ports.ts";
import { SessionIdSchema, TurnIdSchema } from "../../src/protocol/ids.ts";
import { parse } from "../../src/protocol/parse.ts";

export type RequestDraft = Partial<AgentRequest>;

/** A request with nothing but what the test names. */
export function agentRequest(draft: RequestDraft = {}): AgentRequest {
  const session = parse(SessionIdSchema, "018f0000-0000-7000-8000-000000000001");
  const turn = parse(TurnIdSchema, "018f0000-0000-7000-8000-000000000002");
  if (!session.ok || !turn.ok) throw new Error("the ids of the test are wrong");
  return {
    session: session.value,
    turn: turn.value,
    text: "Say something.",
    attachments: [],
    history: [],
    continuesFrom: undefined,
    signal: new AbortController().signal,
    ask: () => Promise.reject(new Error("nobody to ask")),
    ...draft,
  };
}

export async function runToEnd(agent: Agent, draft: RequestDraft = {}): Promise<readonly AgentEvent[]> {
  const events: AgentEvent[] = [];
  for await (const event of agent.run(agentRequest(draft))) events.push(event);
  return events;
}

/** What each part holds in the end, in the order in which they began. */
export function partsOf(events: readonly AgentEvent[]): Readonly<Record<string, string>> {
  const parts: Record<string, string> = {};
  for (const event of events) {
    if (event.type === "text" || event.type === "reasoning") {
      parts[event.part] = (parts[event.part] ?? "") + event.delta;
    }
  }
  return parts;
}

export function errorOf(
  events: readonly AgentEvent[],
): { readonly code: string; readonly message: string } | undefined {
  const last = events.at(-1);
  return last?.type === "error" ? last.error : undefined;
}
