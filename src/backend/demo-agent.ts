import { AgentIdSchema } from "../protocol/ids.ts";
import { parse } from "../protocol/parse.ts";
import { demoScript, isTextOnly } from "./demo-scripts.ts";
import type { Agent, AgentEvent, AgentRequest, Clock, StopSignal } from "./ports.ts";

const id = parse(AgentIdSchema, "demo");
if (!id.ok) throw new Error(id.error.message);

/** The agent that is always there. */
export const DEMO_AGENT_ID = id.value;

/**
 * Built in and deterministic: what it plays is chosen by the prompt's first word (`help` lists the scripts), how fast by
 * `clock` alone. Stops at once when told to.
 */
export function createDemoAgent(clock: Clock): Agent {
  return {
    summary: { id: DEMO_AGENT_ID, title: "Demo", kind: "demo", available: true },
    isRepeatable: true,
    run: (request) => play(clock, request),
  };
}

async function* play(clock: Clock, request: AgentRequest): AsyncGenerator<AgentEvent> {
  const prompt = promptOf(request);
  const script = demoScript(prompt);
  // Deterministic, so a partial answer is a prefix: going on means leaving out what was said.
  let known = knownChars(prompt, request.continuesFrom);
  let answer = "";
  // What is said after a tool or a question is a part of its own, so that it is shown after it.
  let speech = 1;
  let hasSpoken = false;
  const interrupt = (): void => {
    if (hasSpoken) speech += 1;
    hasSpoken = false;
  };
  for (;;) {
    const next = script.next(answer);
    answer = "";
    if (next.done === true || request.signal.aborted) return;
    const step = next.value;
    switch (step.kind) {
      case "wait":
        if (known === 0 && step.ms > 0 && request.isReplaying?.() !== true) {
          await pause(clock, request.signal, step.ms);
        }
        break;
      case "ask":
        interrupt();
        answer = await request.ask(step.question);
        break;
      case "say":
        if (step.event.type === "text") {
          const delta = step.event.delta.slice(known);
          known = Math.max(0, known - step.event.delta.length);
          hasSpoken = true;
          const part = speech === 1 ? step.event.part : `${step.event.part}-${speech}`;
          if (delta !== "") yield { ...step.event, part, delta };
        } else {
          if (step.event.type === "tool-started") interrupt();
          yield step.event;
        }
        break;
    }
  }
}

/** A turn that goes on from another plays that one's prompt: its question is the last message. */
function promptOf(request: AgentRequest): string {
  if (request.continuesFrom === undefined) return request.text;
  return request.history.findLast((message) => message.role === "user")?.text ?? request.text;
}

function knownChars(prompt: string, continuesFrom: string | undefined): number {
  if (continuesFrom === undefined || !isTextOnly(prompt)) return 0;
  return demoText(prompt).startsWith(continuesFrom) ? continuesFrom.length : 0;
}

/** The exact answer to `prompt`, every question in it answered by its first option; a failing script's partial text. */
export function demoText(prompt: string): string {
  const script = demoScript(prompt);
  let text = "";
  let answer = "";
  for (;;) {
    const next = script.next(answer);
    if (next.done === true) return text;
    const step = next.value;
    answer = step.kind === "ask" ? (step.question.options[0]?.id ?? "") : "";
    if (step.kind === "say" && step.event.type === "text") text += step.event.delta;
  }
}

/** Resolves after `ms`, or at once when the turn is stopped. */
function pause(clock: Clock, signal: StopSignal, ms: number): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      dispose();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const dispose = clock.setTimer(ms, done);
    signal.addEventListener("abort", done);
  });
}
