import { afterEach, beforeEach, expect, test } from "vitest";
import { createAgentDirectory } from "../../../../server/agents/agent-directory.ts";
import type { ModelConfig } from "../../../../server/config.ts";
import { AgentIdSchema, type AgentId } from "../../../../src/protocol/ids.ts";
import { parse } from "../../../../src/protocol/parse.ts";
import { errorOf, partsOf, runToEnd } from "../../../support/agent-run.ts";
import { createManualClock } from "../../../support/manual-clock.ts";
import { startModelServer, type ModelServer } from "../../../support/model-server.ts";

let server: ModelServer;
const clock = createManualClock(1_000_000);

beforeEach(async () => {
  server = await startModelServer();
});
afterEach(() => server.close());

function agentId(text: string): AgentId {
  const id = parse(AgentIdSchema, text);
  if (!id.ok) throw new Error(id.error.message);
  return id.value;
}

function openai(models: readonly string[] = [], apiKey?: string): ModelConfig {
  return { openai: { baseUrl: server.baseUrl, apiKey, models }, ollamaUrl: "http://127.0.0.1:1" };
}

function ollama(): ModelConfig {
  return { openai: undefined, ollamaUrl: server.origin };
}

const idsOf = (list: { readonly agents: readonly { readonly id: string }[] }): readonly string[] =>
  list.agents.map(({ id }) => id);

test("with nothing to be found demo is alone and the default", async () => {
  const config = ollama();
  await server.close();
  const directory = createAgentDirectory({ config, clock });
  const list = await directory.list();
  expect(idsOf(list)).toEqual(["demo"]);
  expect(list.default).toBe("demo");
  server = await startModelServer();
});

test("the default is known without waiting, and named models come first", () => {
  const directory = createAgentDirectory({ config: openai(["llama3", "other"]), clock });
  expect(directory.defaultId()).toBe("openai/llama3");
});

test("models are asked for where none is named, and one that can't chat is left out", async () => {
  server.setModels(["llama3", "text-embedding-3", "qwen/qwen3:8b"]);
  const directory = createAgentDirectory({ config: openai(), clock });
  expect(directory.defaultId()).toBe("demo");
  const list = await directory.list();
  expect(idsOf(list)).toEqual(["openai/llama3", "openai/qwen/qwen3:8b", "demo"]);
  expect(list.default).toBe("openai/llama3");
  expect(list.agents[0]).toEqual({
    id: "openai/llama3",
    title: "llama3",
    kind: "openai-compatible",
    available: true,
  });
});

test("an Ollama is found by itself and answers", async () => {
  server.setModels(["words"]);
  const directory = createAgentDirectory({ config: ollama(), clock });
  expect(idsOf(await directory.list())).toEqual(["ollama/words", "demo"]);
  expect(directory.defaultId()).toBe("ollama/words");
  const agent = await directory.find(agentId("ollama/words"));
  expect(agent?.summary.kind).toBe("ollama");
  if (agent === undefined) return;
  expect(partsOf(await runToEnd(agent))["text-1"]).toContain("quick");
});

test("a list is asked for once while it is fresh, and again later", async () => {
  const directory = createAgentDirectory({ config: openai(), clock });
  await Promise.all([directory.list(), directory.list(), directory.ready()]);
  await directory.list();
  expect(server.listCount()).toBe(1);
  server.setModels(["new"]);
  clock.advance(30_000);
  expect(idsOf(await directory.list())).toEqual(["openai/new", "demo"]);
});

test("an address that is gone is listed with the reason, its models stay findable, demo takes over", async () => {
  const config = openai(["llama3"]);
  await server.close();
  const directory = createAgentDirectory({ config, clock });
  const list = await directory.list();
  expect(list.default).toBe("demo");
  expect(list.agents[0]).toMatchObject({ id: "openai/llama3", available: false });
  expect(list.agents[0]?.why).toContain("connection refused");
  const agent = await directory.find(agentId("openai/llama3"));
  expect(agent).toBeDefined();
  if (agent !== undefined) expect(errorOf(await runToEnd(agent))?.code).toBe("agent-unreachable");
  server = await startModelServer();
});

test("an address that is gone and never told its models is one entry with the reason", async () => {
  const config = openai();
  await server.close();
  const directory = createAgentDirectory({ config, clock });
  const list = await directory.list();
  expect(list.agents[0]).toMatchObject({ id: "openai", kind: "openai-compatible", available: false });
  expect(await directory.find(agentId("openai/remembered"))).toBeDefined();
  server = await startModelServer();
});

test("a refused key is said in words without the key", async () => {
  server.requireKey("right");
  const list = await createAgentDirectory({ config: openai(["llama3"], "wrong-key"), clock }).list();
  expect(list.agents[0]?.why).toContain("refused the API key");
  expect(JSON.stringify(list)).not.toContain("wrong-key");
});

test("named models are available where the address has no list", async () => {
  server.setModels(null);
  const list = await createAgentDirectory({ config: openai(["llama3"]), clock }).list();
  expect(list.agents[0]).toMatchObject({ id: "openai/llama3", available: true });
});

test("an unnamed model of an address with a list isn't found, nor is one that isn't among the named", async () => {
  expect(
    await createAgentDirectory({ config: openai(), clock }).find(agentId("openai/nope")),
  ).toBeUndefined();
  expect(
    await createAgentDirectory({ config: openai(["a"]), clock }).find(agentId("openai/b")),
  ).toBeUndefined();
  expect(
    await createAgentDirectory({ config: openai(["a"]), clock }).find(agentId("ollama/a")),
  ).toBeUndefined();
  expect((await createAgentDirectory({ config: openai(), clock }).find(agentId("demo")))?.summary.id).toBe(
    "demo",
  );
});

test("the list never hangs on an address that never answers", async () => {
  const never = (): Promise<Response> => new Promise(() => undefined);
  const own = createManualClock(5);
  const directory = createAgentDirectory({ config: openai(), clock: own, fetch: never });
  const list = directory.list();
  own.advance(2_000);
  expect((await list).agents[0]?.why).toContain("didn't answer within 2 s");
  expect(own.pending()).toBe(0);
});

test("a server that is merely slow keeps the models it had", async () => {
  let isSlow = false;
  const own = createManualClock(5);
  const fetch: typeof globalThis.fetch = (input, init) =>
    isSlow ? new Promise(() => undefined) : globalThis.fetch(input, init);
  const directory = createAgentDirectory({ config: openai(), clock: own, fetch });
  const before = await directory.list();
  isSlow = true;
  own.advance(60_000);
  const after = directory.list();
  own.advance(2_000);
  expect(await after).toEqual(before);
});

test("a name and a password in the address are sent as such, and told to nobody", async () => {
  server.setModels(["words"]);
  const baseUrl = server.baseUrl.replace("//", "//me:s3cret%40x@");
  const config = { openai: { baseUrl, apiKey: undefined, models: [] }, ollamaUrl: "http://127.0.0.1:1" };
  const directory = createAgentDirectory({ config, clock });
  const list = await directory.list();
  expect(list.agents[0]).toMatchObject({ id: "openai/words", available: true });
  const agent = await directory.find(agentId("openai/words"));
  if (agent === undefined) throw new Error("not found");
  const events = await runToEnd(agent);
  expect(errorOf(events)).toBeUndefined();
  expect(server.requests[0]?.headers.authorization).toBe(`Basic ${btoa("me:s3cret@x")}`);
  await server.close();
  clock.advance(60_000);
  expect(JSON.stringify([await directory.list(), await runToEnd(agent)])).not.toContain("s3cret");
  server = await startModelServer();
});
