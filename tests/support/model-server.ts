import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { MODEL_SCRIPTS, type ModelScript, type ModelStep } from "./model-script.ts";

/** One chat request as it arrived. */
export interface ModelRequest {
  readonly model: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Readonly<Record<string, unknown>>;
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  /** Whether the caller closed the connection before the answer had ended. */
  isAborted(): boolean;
  /** Resolves when the connection is closed, by whomever. */
  readonly closed: Promise<void>;
}

/** A request whose answer the test gives by hand. */
export interface ManualAnswer {
  readonly request: ModelRequest;
  text(delta: string): void;
  reasoning(delta: string, field?: "reasoning_content" | "reasoning"): void;
  /** Any step, waits excepted. */
  do(step: ModelStep): void;
  /** Finish reason, usage, `[DONE]` and the end. */
  finish(): void;
  reset(): void;
  fin(): void;
}

export interface ModelServer {
  /** Ends in `/v1`: what OPENAI_BASE_URL is set to. */
  readonly baseUrl: string;
  /** Without a path: what OLLAMA_HOST is set to. */
  readonly origin: string;
  /** Chat requests, oldest first. */
  readonly requests: readonly ModelRequest[];
  /** How often the list of models was asked for. */
  listCount(): number;
  /** What the lists name from now on; null: the list answers 404. */
  setModels(models: readonly string[] | null): void;
  /** Only this key is taken from now on. */
  requireKey(key: string): void;
  script(name: string, script: ModelScript): void;
  /** The next request for model `manual` (or prompt `!manual`) that is not yet taken. */
  next(): Promise<ManualAnswer>;
  close(): Promise<void>;
}

/** A local OpenAI-compatible server, and Ollama's list, that does what its script says. Binds a free port of 127.0.0.1. */
export async function startModelServer(port = 0): Promise<ModelServer> {
  const scripts = new Map(Object.entries(MODEL_SCRIPTS));
  const requests: ModelRequest[] = [];
  const untaken: ManualAnswer[] = [];
  const takers: ((answer: ManualAnswer) => void)[] = [];
  let models: readonly string[] | null = ["words", "manual"];
  let key: string | undefined;
  let lists = 0;

  const answerList = (response: ServerResponse, list: (names: readonly string[]) => unknown): void => {
    lists += 1;
    if (models === null) response.writeHead(404, { "content-type": "text/html" }).end("<h1>Not Found</h1>");
    else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(list(models)));
  };

  const answerChat = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await readRequest(incoming, response);
    requests.push(request);
    const name = scriptName(request);
    if (name !== "manual") {
      await play(scripts.get(name) ?? MODEL_SCRIPTS["words"] ?? {}, name, response);
      return;
    }
    openStream(response, {});
    const answer = manualAnswer(request, response);
    const taker = takers.shift();
    if (taker === undefined) untaken.push(answer);
    else taker(answer);
  };

  const server = createServer((incoming, response) => {
    const path = incoming.url ?? "";
    if (key !== undefined && incoming.headers.authorization !== `Bearer ${key}`) {
      incoming.resume();
      const { status = 401, body = "" } = MODEL_SCRIPTS["unauthorized"] ?? {};
      response.writeHead(status, { "content-type": "application/json" }).end(body);
    } else if (path === "/v1/models") {
      answerList(response, (names) => ({
        object: "list",
        data: names.map((id) => ({ id, object: "model" })),
      }));
    } else if (path === "/api/tags") {
      answerList(response, (names) => ({ models: names.map((name) => ({ name, model: name })) }));
    } else if (path === "/v1/chat/completions" && incoming.method === "POST") {
      void answerChat(incoming, response);
    } else {
      incoming.resume();
      response.writeHead(404, { "content-type": "text/plain" }).end("404 page not found");
    }
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    baseUrl: `${origin}/v1`,
    origin,
    requests,
    listCount: () => lists,
    setModels(names) {
      models = names;
    },
    requireKey(wanted) {
      key = wanted;
    },
    script(name, script) {
      scripts.set(name, script);
    },
    next() {
      const answer = untaken.shift();
      return answer === undefined ? new Promise((resolve) => takers.push(resolve)) : Promise.resolve(answer);
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function readRequest(incoming: IncomingMessage, response: ServerResponse): Promise<ModelRequest> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece as Buffer);
  const body = JSON.parse(Buffer.concat(pieces).toString("utf8")) as Record<string, unknown>;
  const closed = new Promise<void>((resolve) => response.once("close", resolve));
  return {
    model: String(body["model"]),
    headers: incoming.headers,
    body,
    messages: body["messages"] as ModelRequest["messages"],
    isAborted: () => response.destroyed && !response.writableFinished,
    closed,
  };
}

function scriptName({ model, messages }: ModelRequest): string {
  const last = messages.at(-1)?.content;
  const asked = typeof last === "string" ? /^!([\w-]+)/.exec(last)?.[1] : undefined;
  return asked ?? model;
}

function openStream(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  response.writeHead(200, { "content-type": "text/event-stream", ...headers });
  response.flushHeaders();
}

async function play(script: ModelScript, model: string, response: ServerResponse): Promise<void> {
  if (script.isMute === true) return;
  if (script.body !== undefined) {
    const headers = { "content-type": "application/json", ...script.headers };
    response.writeHead(script.status ?? 200, headers).end(script.body);
    return;
  }
  openStream(response, script.headers ?? {});
  for (const step of script.steps ?? []) {
    if (response.destroyed) return;
    if ("waitMs" in step) await new Promise((resolve) => setTimeout(resolve, step.waitMs));
    else doStep(step, model, response, script.lineEnd ?? "\n");
  }
}

function manualAnswer(request: ModelRequest, response: ServerResponse): ManualAnswer {
  const run = (step: ModelStep): void => doStep(step, request.model, response, "\n");
  return {
    request,
    do: run,
    text: (text) => run({ text }),
    reasoning: (reasoning, field = "reasoning_content") => run({ reasoning, field }),
    finish() {
      run({ finish: "stop" });
      run({ usage: { prompt: 1, completion: 2 } });
      run({ end: "done" });
    },
    reset: () => run({ end: "reset" }),
    fin: () => run({ end: "fin" }),
  };
}

function doStep(step: ModelStep, model: string, response: ServerResponse, lineEnd: string): void {
  const send = (value: unknown): void => {
    response.write(`data: ${JSON.stringify(value)}${lineEnd}${lineEnd}`);
  };
  const chunk = (choice: object, more: object = {}): void =>
    send({
      id: "chatcmpl-1",
      object: "chat.completion.chunk",
      created: 1,
      model,
      choices: [choice],
      ...more,
    });
  if ("text" in step) chunk({ index: 0, delta: { content: step.text }, finish_reason: null });
  else if ("reasoning" in step) {
    const field = step.field ?? "reasoning_content";
    chunk({
      index: 0,
      delta: { role: "assistant", content: "", [field]: step.reasoning },
      finish_reason: null,
    });
  } else if ("raw" in step) response.write(step.raw);
  else if ("chunk" in step) send(step.chunk);
  else if ("finish" in step) chunk({ index: 0, delta: {}, finish_reason: step.finish });
  else if ("usage" in step) send(usageChunk(step.usage, model));
  else if ("end" in step) end(step.end, response, lineEnd);
}

function usageChunk(usage: Extract<ModelStep, { usage: unknown }>["usage"], model: string): object {
  const { prompt, completion, reasoning } = usage;
  return {
    id: "chatcmpl-1",
    model,
    choices: [],
    usage: {
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion,
      ...(reasoning === undefined ? {} : { completion_tokens_details: { reasoning_tokens: reasoning } }),
    },
  };
}

function end(
  how: Extract<ModelStep, { end: unknown }>["end"],
  response: ServerResponse,
  lineEnd: string,
): void {
  switch (how) {
    case "done":
      response.end(`data: [DONE]${lineEnd}${lineEnd}`);
      return;
    case "fin":
      response.end();
      return;
    case "drop":
      response.socket?.end();
      return;
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "hang":
      return;
  }
}
