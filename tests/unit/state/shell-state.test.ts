import * as v from "valibot";
import { expect, test } from "vitest";
import { AgentIdSchema } from "../../../src/protocol/ids.ts";
import { createAgentsState } from "../../../src/state/agents-state.ts";
import { createShellState } from "../../../src/state/shell-state.ts";
import { DEMO } from "./samples.ts";

test("a notice is said once, even after it was dismissed", () => {
  const shell = createShellState();
  const notice = { id: "memory", text: "Nothing is kept.", action: undefined };
  shell.addNotice(notice);
  shell.addNotice(notice);
  expect(shell.notices.value).toHaveLength(1);
  shell.dismissNotice("memory");
  shell.addNotice(notice);
  expect(shell.notices.value).toHaveLength(0);
});

test("opening a page closes the drawer", () => {
  const shell = createShellState();
  shell.setDrawerOpen(true);
  shell.setRoute({ kind: "new" });
  expect(shell.isDrawerOpen.value).toBe(false);
});

test("the same words twice are two announcements", () => {
  const shell = createShellState();
  shell.announce("Answer complete.");
  const first = shell.announcement.value;
  shell.announce("Answer complete.");
  expect(shell.announcement.value).not.toBe(first);
});

test("a new session takes the agent last used, unless it can't answer, else the server's default", () => {
  const agents = createAgentsState();
  const llama = v.parse(AgentIdSchema, "openai/llama3");
  const list = (available: boolean) => [
    { id: DEMO, title: "Demo", kind: "demo", available: true },
    { id: llama, title: "Llama", kind: "openai-compatible", available },
  ];
  agents.setAgents({ agents: list(true), default: DEMO });
  expect(agents.forNewSession.value).toBe(DEMO);
  agents.setLastUsed(llama);
  expect(agents.forNewSession.value).toBe(llama);
  agents.setAgents({ agents: list(false), default: DEMO });
  expect(agents.forNewSession.value).toBe(DEMO);
});
