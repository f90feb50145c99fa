import { afterAll, beforeAll, expect, test } from "vitest";
import { createOpenAiCompatibleAgent } from "../../../../server/agents/openai-compatible-agent.ts";
import type { Agent, AgentEvent } from "../../../../src/backend/ports.ts";
import { AgentIdSchema } from "../../../../src/protocol/ids.ts";
import { parse } from "../../../../src/protocol/parse.ts";
import { agentRequest, errorOf, partsOf, runToEnd } from "../../../support/agent-run.ts";
import { createManualClock, type ManualClock } from "../../../support/manual-clock.ts";
import { WORDS } from "../../../support/model-script.ts";
import { startModelServer, type ModelServer } from "../../../support/model-server.ts";

const KEY = "sk-secret-key";
const ALL = WORDS.join("");
let server: ModelServer;

beforeAll(async () => {
  server = await startModelServer();
});
afterAll(() => server.close());

interface Setup {
  readonly baseUrl?: string;
  readonly clock?: ManualClock;
  readonly fetch?: typeof globalThis.fetch;
}

function agentFor(
  model: string,
  { baseUrl = server.baseUrl, clock = createManualClock(), fetch }: Setup = {},
): Agent {
  const id = parse(AgentIdSchema, `openai/${model}`);
  if (!id.ok) throw new Error(id.error.message);
  return createOpenAiCompatibleAgent({
    summary: { id: id.value, title: model, kind: "openai-compatible", available: true },
    baseUrl,
    apiKey: KEY,
    model,
    clock,
    silenceMs: 120_000,
    ...(fetch === undefined ? {} : { fetch }),
  });
}

test("an answer streams as text with its model first and its usage", async () => {
  const events = await runToEnd(agentFor("words"));
  expect(events[0]).toEqual({ type: "started", model: "words" });
  expect(partsOf(events)).toEqual({ "text-1": ALL });
  expect(events.filter(({ type }) => type === "text").length).toBe(WORDS.length);
  expect(events.at(-1)).toEqual({
    type: "usage",
    usage: { inputTokens: 12, outputTokens: 34 },
  });
});

test("usage is asked for and the key is sent as a bearer", async () => {
  await runToEnd(agentFor("words"));
  const request = server.requests.at(-1);
  expect(request?.body).toMatchObject({
    model: "words",
    stream: true,
    stream_options: { include_usage: true },
  });
  expect(request?.headers.authorization).toBe(`Bearer ${KEY}`);
});

const DIALECTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "reasoning-content": { "reasoning-1": "Let me think.", "text-1": "Done." },
  reasoning: { "reasoning-1": "Let me think.", "text-1": "Done." },
  think: { "reasoning-1": "Let me think.\n", "text-1": "Done." },
  "think-split": { "reasoning-1": "Let me think.", "text-1": "Done." },
  "back-and-forth": { "reasoning-1": "One.", "text-1": "First.", "reasoning-2": "Two.", "text-2": "Second." },
  crlf: { "text-1": ALL },
  "empty-choices": { "text-1": ALL },
  "no-done": { "text-1": ALL },
  "no-finish": { "text-1": ALL },
  "no-usage": { "text-1": ALL },
  "not-streamed": { "text-1": ALL },
};

test.each(Object.entries(DIALECTS))("dialect %s is understood", async (model, parts) => {
  const events = await runToEnd(agentFor(model));
  expect(partsOf(events)).toEqual(parts);
  expect(Object.keys(partsOf(events))).toEqual(Object.keys(parts));
  expect(errorOf(events)).toBeUndefined();
});

test("no usage is told where the server tells none", async () => {
  const events = await runToEnd(agentFor("no-usage"));
  expect(events.some(({ type }) => type === "usage")).toBe(false);
});

test("reasoning tokens are part of the usage", async () => {
  const events = await runToEnd(agentFor("reasoning"));
  expect(events.at(-1)).toEqual({
    type: "usage",
    usage: { inputTokens: 5, outputTokens: 7, reasoningTokens: 3 },
  });
});

test.each(["reset", "fin", "drop"])(
  "an answer cut by %s fails as agent-cut and keeps its text",
  async (model) => {
    const events = await runToEnd(agentFor(model));
    expect(partsOf(events)).toEqual({ "text-1": "The quick " });
    expect(errorOf(events)?.code).toBe("agent-cut");
    expect(errorOf(events)?.message).toContain(model);
  },
);

test("an error in mid-stream fails the turn in the server's words and keeps the text", async () => {
  const events = await runToEnd(agentFor("mid-error"));
  expect(partsOf(events)).toEqual({ "text-1": "The quick " });
  expect(errorOf(events)?.code).toBe("agent-error");
  expect(errorOf(events)?.message).toContain("the model ran out of memory");
});

test("a reset while a flood of text is unread loses nothing that had arrived", async () => {
  const flood = Array.from({ length: 200 }, (_, index) => ({ text: `${index} ` }));
  server.script("flood", { steps: [...flood, { waitMs: 200 }, { end: "reset" }] });
  const events = await runToEnd(agentFor("flood"));
  expect(partsOf(events)["text-1"]).toBe(flood.map(({ text }) => text).join(""));
  expect(errorOf(events)?.code).toBe("agent-cut");
});

const REFUSALS: Readonly<Record<string, string>> = {
  unauthorized: "agent-auth",
  unknown: "agent-unknown-model",
  "unknown-400": "agent-unknown-model",
  "too-long": "agent-refused",
  "rate-limited": "agent-rate-limited",
  "html-500": "agent-server-error",
  "html-404": "agent-bad-address",
  "html-200": "agent-malformed",
};

test.each(Object.entries(REFUSALS))(
  "a server that answers %s fails the turn as %s, once, without the key",
  async (model, code) => {
    const before = server.requests.length;
    const events = await runToEnd(agentFor(model));
    const error = errorOf(events);
    expect(error?.code).toBe(code);
    expect(error?.message).toContain(model);
    expect(error?.message).toContain(new URL(server.baseUrl).host);
    expect(error?.message).not.toMatch(/<h1>|\n/);
    expect(JSON.stringify(events)).not.toContain(KEY);
    expect(server.requests.length).toBe(before + 1);
  },
);

test("a server's words lose the key before they are told", async () => {
  server.script("echo", {
    status: 400,
    body: JSON.stringify({ error: { message: `bad header Bearer ${KEY}` } }),
  });
  const events = await runToEnd(agentFor("echo"));
  expect(errorOf(events)?.message).toContain("bad header Bearer [key]");
});

test("nobody listening is agent-unreachable with the host and the reason", async () => {
  const gone = await startModelServer();
  await gone.close();
  const error = errorOf(await runToEnd(agentFor("words", { baseUrl: gone.baseUrl })));
  expect(error?.code).toBe("agent-unreachable");
  expect(error?.message).toContain(new URL(gone.baseUrl).host);
  expect(error?.message).toContain("connection refused");
});

test("the silence before the first byte ends as agent-timeout and closes the connection", async () => {
  const clock = createManualClock();
  const running = runToEnd(agentFor("mute", { clock }));
  await expect.poll(() => server.requests.at(-1)?.model).toBe("mute");
  clock.advance(119_999);
  clock.advance(1);
  const events = await running;
  expect(errorOf(events)?.code).toBe("agent-timeout");
  expect(errorOf(events)?.message).toContain("120 s");
  await server.requests.at(-1)?.closed;
});

test("silence amid the answer ends as agent-timeout with the text kept", async () => {
  const clock = createManualClock();
  const events: AgentEvent[] = [];
  for await (const event of agentFor("hang", { clock }).run(agentRequest())) {
    events.push(event);
    if (event.type === "text") setTimeout(() => clock.advance(120_000), 20);
  }
  expect(partsOf(events)).toEqual({ "text-1": "The quick " });
  expect(errorOf(events)?.code).toBe("agent-timeout");
  await server.requests.at(-1)?.closed;
});

test("a server that has finished and never closes is complete", async () => {
  const clock = createManualClock();
  server.script("lingers", { steps: [{ text: "All." }, { finish: "stop" }, { end: "hang" }] });
  const events: AgentEvent[] = [];
  for await (const event of agentFor("lingers", { clock }).run(agentRequest())) {
    events.push(event);
    if (event.type === "text") setTimeout(() => clock.advance(3_000), 20);
  }
  expect(partsOf(events)).toEqual({ "text-1": "All." });
  expect(errorOf(events)).toBeUndefined();
  await server.requests.at(-1)?.closed;
});

test("stop ends the run at once, closes the connection upstream and tells no error", async () => {
  const stop = new AbortController();
  const events: AgentEvent[] = [];
  for await (const event of agentFor("hang").run(agentRequest({ signal: stop.signal }))) {
    events.push(event);
    if (event.type === "text") stop.abort();
  }
  expect(events.map(({ type }) => type)).toEqual(["started", "text"]);
  await server.requests.at(-1)?.closed;
  expect(server.requests.at(-1)?.isAborted()).toBe(true);
});

test("stop before the first byte ends the run and closes the connection", async () => {
  const stop = new AbortController();
  const running = runToEnd(agentFor("mute"), { signal: stop.signal });
  const before = server.requests.length;
  await expect.poll(() => server.requests.length).toBe(before + 1);
  stop.abort();
  expect((await running).map(({ type }) => type)).toEqual(["started"]);
  await server.requests.at(-1)?.closed;
});

test("a run whose listener leaves closes the connection upstream", async () => {
  for await (const event of agentFor("hang").run(agentRequest())) if (event.type === "text") break;
  await server.requests.at(-1)?.closed;
  expect(server.requests.at(-1)?.isAborted()).toBe(true);
});

test("no timer is left when a run is over", async () => {
  const clock = createManualClock();
  await runToEnd(agentFor("words", { clock }));
  await runToEnd(agentFor("reset", { clock }));
  await runToEnd(agentFor("unauthorized", { clock }));
  expect(clock.pending()).toBe(0);
});

test("deltas pushed one by one arrive one by one", async () => {
  const run = agentFor("manual").run(agentRequest())[Symbol.asyncIterator]();
  await run.next();
  const first = run.next();
  const answer = await server.next();
  answer.text("one");
  expect((await first).value).toEqual({ type: "text", part: "text-1", delta: "one" });
  answer.text("two");
  expect((await run.next()).value).toEqual({ type: "text", part: "text-1", delta: "two" });
  answer.finish();
  expect((await run.next()).value).toMatchObject({ type: "usage" });
  expect((await run.next()).done).toBe(true);
});

test("two runs of one agent at once keep their answers apart", async () => {
  const agent = agentFor("words");
  const [one, two] = await Promise.all([runToEnd(agent), runToEnd(agent, { text: "!think" })]);
  expect(partsOf(one)).toEqual({ "text-1": ALL });
  expect(partsOf(two)).toEqual({ "reasoning-1": "Let me think.\n", "text-1": "Done." });
});

test("the server is sent images, inlined texts and the partial answer in its own form", async () => {
  const base64 = Buffer.from("png").toString("base64");
  await runToEnd(agentFor("words"), {
    history: [
      { role: "user", text: "Look.", attachments: [{ name: "a.png", mediaType: "image/png", data: base64 }] },
    ],
    continuesFrom: "It is",
    text: "",
  });
  const [question, partial, wish] = server.requests.at(-1)?.messages ?? [];
  expect(question).toEqual({
    role: "user",
    content: [
      { type: "image_url", image_url: { url: `data:image/png;base64,${base64}` } },
      { type: "text", text: "Look." },
    ],
  });
  expect(partial).toEqual({ role: "assistant", content: "It is" });
  expect(wish?.role).toBe("user");
  expect(typeof wish?.content).toBe("string");
});
