import * as v from "valibot";
import type { Agent, AgentDirectory, AgentEvent, AgentRequest, Clock } from "../../../src/backend/ports.ts";
import { AgentIdSchema } from "../../../src/protocol/ids.ts";
import { scriptOf, type ScriptStep } from "./script.ts";

const OPTIONS = [
  { id: "yes", label: "Yes", kind: "allow" },
  { id: "no", label: "No", kind: "deny" },
];

/** The only agent there is: says its script, at its pace, by the clock of the server's life it runs in. */
export function createScriptAgents(clock: Clock): AgentDirectory {
  const summary = { id: v.parse(AgentIdSchema, "demo"), title: "Script", kind: "demo", available: true };
  const agent: Agent = {
    summary,
    async *run(request) {
      const script = scriptOf(request.session, request.turn);
      yield { type: "started", model: "script" };
      for (const step of script.steps) {
        await pause(clock, script.paceMs, request);
        if (request.signal.aborted && !script.isDeaf) return;
        if (step.kind === "ask") {
          await request.ask({ id: step.id, prompt: "Go on?", options: OPTIONS, expiresInMs: 9_000 });
        } else yield said(step);
      }
    },
  };
  return {
    list: () => Promise.resolve({ agents: [summary], default: summary.id }),
    find: (id) => Promise.resolve(id === summary.id ? agent : undefined),
    defaultId: () => summary.id,
  };
}

function said(step: Exclude<ScriptStep, { kind: "ask" }>): AgentEvent {
  switch (step.kind) {
    case "text":
    case "reasoning":
      return { type: step.kind, part: step.part, delta: step.delta };
    case "tool-start":
      return { type: "tool-started", part: step.part, name: "look" };
    case "tool-output":
      return { type: "tool-output", part: step.part, delta: step.delta };
    case "tool-end":
      return { type: "tool-ended", part: step.part, status: "complete", output: "done" };
    case "fail":
      return { type: "error", error: { code: "script", message: "It was written so." } };
  }
}

/** Ends at once when the turn is stopped. */
function pause(clock: Clock, ms: number, request: AgentRequest): Promise<void> {
  return new Promise((resolve) => {
    const stop = clock.setTimer(ms, resolve);
    request.signal.addEventListener("abort", () => {
      stop();
      resolve();
    });
  });
}
