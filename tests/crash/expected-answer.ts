import { demoText } from "../../src/backend/demo-agent.ts";

/** What the demo agent answers in full. What is most often asked is worked out here, without the agent. */
export function expectedAnswer(prompt: string): string {
  const [, count] = /^count (\d+) \d+$/.exec(prompt) ?? [];
  if (count !== undefined) return Array.from({ length: Number(count) }, (_, index) => index + 1).join(" ");
  return prompt.startsWith("echo ") ? prompt.slice("echo ".length) : demoText(prompt);
}
