import type { JSX } from "preact";
import { useApp } from "./app-context.ts";

/** Where nothing but the demo can answer: what it can do, and how a model is connected. */
export function DemoHint(): JSX.Element | null {
  const { state } = useApp();
  const usable = state.agents.agents.value.filter((agent) => agent.available);
  if (usable.length === 0 || usable.some((agent) => agent.kind !== "demo")) return null;
  return (
    <p class="start-hint">
      Only the demo answers so far: send <code>help</code> to see what it can play. For a model, run Ollama or
      start the server with <code>OPENAI_BASE_URL</code>; the README tells how.
    </p>
  );
}
