import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readdirSync, statSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test, vi } from "vitest";
import { readSse } from "../../support/sse-reader.ts";
import { startTestServer } from "../../support/test-server.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { sessionId, turnId } from "../../support/wire-samples.ts";

// Real files, sockets and scrypt: a machine that is busy takes its time.
vi.setConfig({ testTimeout: 30_000 });

const ROOT = join(import.meta.dirname, "../../..");
const [SID, TID] = [sessionId(1), turnId(1)];

interface Run {
  readonly child: ChildProcess;
  output(): string;
  errors(): string;
  readonly exited: Promise<number | null>;
  /** Resolves with the URL of the readiness line. */
  ready(): Promise<string>;
}

/** `node server/main.ts`, as `npm start` runs it. */
function run(environment: Record<string, string>): Run {
  const child = spawn(process.execPath, ["server/main.ts"], {
    cwd: ROOT,
    env: { PATH: process.env["PATH"] ?? "", PORT: "0", OLLAMA_HOST: "127.0.0.1:9", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let [output, errors] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const exited = once(child, "close").then(([code]: unknown[]) => (typeof code === "number" ? code : null));
  return {
    child,
    output: () => output,
    errors: () => errors,
    exited,
    async ready() {
      await expect.poll(() => output + errors, { timeout: 10_000 }).toMatch(/Holdfast is ready: \S+\n/);
      return /ready: (\S+)/.exec(output)?.[1] ?? "";
    },
  };
}

function post(url: string, path: string, body?: unknown): Promise<Response> {
  const init =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  return fetch(new URL(path, url), { method: body === undefined ? "PUT" : "POST", ...init });
}

/** A request whose body is still on its way: a planned stop waits for it. */
async function holdOpen(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => undefined);
  await once(socket, "connect");
  const head = `PUT /api/sessions/${SID} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json`;
  socket.write(`${head}\r\ncontent-length: 100\r\n\r\n{`);
  // Answered after what came before it.
  await fetch(new URL("/api/health", url));
  return socket;
}

test("the server says when it is ready and where, and what can answer", async () => {
  const server = run({ HOLDFAST_DATA_DIR: tempFolder() });
  const url = await server.ready();
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  expect(await (await fetch(`${url}api/health`)).json()).toMatchObject({ name: "holdfast" });
  await expect.poll(() => server.output(), { timeout: 5_000 }).toContain("Agents: demo");
  expect(server.output().split("\n")[0]).toBe(`Holdfast is ready: ${url}`);
}, 20_000);

test("it is ready while the models are still being asked for, and the first session waits for them", async () => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const models = createHttpServer((_request, response) => {
    asked.resolve();
    void answer.promise.then(() => response.end('{"data":[{"id":"llama"}]}'));
  }).listen(0, "127.0.0.1");
  await once(models, "listening");
  onTestFinished(() => void models.close());
  const address = models.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const server = run({
    HOLDFAST_DATA_DIR: tempFolder(),
    OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
  });
  const url = await server.ready();
  await asked.promise;
  const created = post(url, `/api/sessions/${SID}`);
  await fetch(new URL("/api/health", url));
  answer.resolve();
  expect(await (await created).json()).toMatchObject({ agent: "openai/llama" });
}, 20_000);

test("what keeps it from starting is one line without a stack, and exit code 1", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  onTestFinished(() => void taken.close());
  const address = taken.address();
  const port = typeof address === "object" && address !== null ? String(address.port) : "";
  const data = tempFolder();
  const held = await startTestServer();
  const cases: [Record<string, string>, RegExp][] = [
    [{ PORT: port }, new RegExp(`^Port ${port} of 127\\.0\\.0\\.1 is taken`)],
    [{ PORT: "nope" }, /^PORT="nope" is not a port/],
    [{ HOST: "0.0.0.0" }, /^HOST="0\.0\.0\.0" would let other machines in/],
    [{ HOST: "192.0.2.1", HOLDFAST_PASSWORD: "x" }, /^HOST="192\.0\.2\.1" is no address of this machine/],
    [{ HOLDFAST_DATA_DIR: "/dev/null/x" }, /^The data folder \/dev\/null\/x can't be written/],
    [{ HOLDFAST_DATA_DIR: held.config.dataDir }, /^Another Holdfast uses the data folder/],
    [{ HOLDFAST_TLS_CERT: "x" }, /^HOLDFAST_TLS_CERT is set but HOLDFAST_TLS_KEY is not/],
  ];
  const runs = cases.map(([environment]) => run({ HOLDFAST_DATA_DIR: data, ...environment }));
  for (const [index, [environment, line]] of cases.entries()) {
    const failed = runs[index];
    expect([environment, await failed?.exited]).toEqual([environment, 1]);
    // The folder is shared by the cases that get as far as it: whoever is first may hold it for a moment.
    if (failed?.errors().startsWith("Another Holdfast") && environment["HOLDFAST_DATA_DIR"] === undefined)
      continue;
    expect(failed?.errors()).toMatch(line);
    expect(failed?.errors().trimEnd().split("\n").length).toBe(1);
    expect(failed?.output()).toBe("");
  }
}, 30_000);

test("a stop says goodbye to every stream, interrupts what runs and exits in time; the next life tells the same story", async () => {
  const data = tempFolder();
  const first = run({ HOLDFAST_DATA_DIR: data });
  const url = await first.ready();
  await post(url, `/api/sessions/${SID}`);
  await post(url, `/api/sessions/${SID}/turns`, { id: TID, text: "slow" });
  const stream = readSse(await fetch(new URL(`/api/sessions/${SID}/stream`, url)));
  await stream.waitFor("some text", () => stream.blocks.find((block) => block.data?.includes("-delta")));
  const began = performance.now();
  first.child.kill("SIGTERM");
  await stream.untilEnd();
  expect(stream.blocks.at(-1)).toMatchObject({
    event: "bye",
    data: expect.stringContaining("draining") as string,
  });
  expect(await first.exited).toBe(0);
  expect(performance.now() - began).toBeLessThan(9_000);
  expect(first.errors()).toBe("");

  const again = await run({ HOLDFAST_DATA_DIR: data }).ready();
  const snapshot = (await (await fetch(new URL(`/api/sessions/${SID}`, again))).json()) as {
    turns: { status: string; outcome: string; parts: { text: string }[] }[];
  };
  expect(snapshot.turns).toMatchObject([{ status: "ended", outcome: "interrupted" }]);
  expect(snapshot.turns[0]?.parts.map((part) => part.text).join("")).not.toBe("");
}, 30_000);

test("after kill -9 nothing that was shown is missing, and the turn is interrupted", async () => {
  const data = tempFolder();
  const first = run({ HOLDFAST_DATA_DIR: data });
  const url = await first.ready();
  await post(url, `/api/sessions/${SID}`);
  await post(url, `/api/sessions/${SID}/turns`, { id: TID, text: "long" });
  const stream = readSse(await fetch(new URL(`/api/sessions/${SID}/stream`, url)));
  await stream.waitFor("ten frames", () =>
    stream.blocks.filter((block) => block.id !== undefined).length >= 10 ? true : undefined,
  );
  first.child.kill("SIGKILL");
  await stream
    .waitFor("the cut", () => (stream.hasEnded() ? true : undefined))
    .catch((error: unknown) => error);
  const shown = stream.blocks.flatMap((block) => (block.id === undefined ? [] : [block]));
  const last = shown.at(-1)?.id ?? "";

  const again = await run({ HOLDFAST_DATA_DIR: data }).ready();
  const replay = readSse(await fetch(new URL(`/api/sessions/${SID}/stream?after=${last}`, again)));
  onTestFinished(() => replay.close());
  await replay.waitFor("its end", () =>
    replay.blocks.find((block) => block.data?.includes('"outcome":"interrupted"')),
  );
  expect(replay.blocks.some((block) => block.event === "resync")).toBe(false);
}, 30_000);

test("a second signal does not wait", async () => {
  const server = run({ HOLDFAST_DATA_DIR: tempFolder() });
  await holdOpen(await server.ready());
  server.child.kill("SIGTERM");
  await expect.poll(() => server.output()).toContain("Stopping (SIGTERM)");
  const began = performance.now();
  // The first half second counts as the same Ctrl-C, passed on by npm.
  await expect
    .poll(() => (server.child.kill("SIGINT") ? null : server.child.exitCode), {
      interval: 100,
      timeout: 3_000,
    })
    .toBe(1);
  expect(performance.now() - began).toBeLessThan(3_000);
}, 20_000);

test("one Ctrl-C that comes twice, as through npm, is a planned stop", async () => {
  const server = run({ HOLDFAST_DATA_DIR: tempFolder() });
  const socket = await holdOpen(await server.ready());
  server.child.stdout?.once("data", () => server.child.kill("SIGINT"));
  server.child.kill("SIGINT");
  // It waits for the request that is still on its way.
  await expect.poll(() => server.output()).toContain("Stopping (SIGINT)");
  socket.end("}".padStart(99));
  expect(await server.exited).toBe(0);
});

test("queued turns go on in the next life, what ran is interrupted", async () => {
  const first = await startTestServer();
  await first.call("PUT", `/api/sessions/${SID}`);
  await first.call("POST", `/api/sessions/${SID}/turns`, { id: TID, text: "x", agent: "endless" });
  await first.call("POST", `/api/sessions/${SID}/turns`, { id: turnId(2), text: "later", agent: "echo" });
  const stream = await first.stream(`/api/sessions/${SID}/stream`);
  await stream.waitFor("the first word", () => stream.blocks.find((block) => block.data?.includes("begun")));
  await first.close();
  const again = await startTestServer({ HOLDFAST_DATA_DIR: first.config.dataDir });
  await expect
    .poll(async () => (await again.call("GET", `/api/sessions/${SID}`)).json?.["turns"])
    .toMatchObject([
      { id: TID, status: "ended", outcome: "interrupted", parts: [{ text: "begun" }] },
      { id: turnId(2), status: "ended", outcome: "complete", parts: [{ text: "later" }] },
    ]);
});

test("a tag of an earlier life is not taken for one of this", async () => {
  const first = await startTestServer();
  await first.call("PUT", `/api/sessions/${SID}`);
  const tags = await Promise.all(
    ["/api/sessions", `/api/sessions/${SID}`].map(async (path) => [
      path,
      (await first.call("GET", path)).headers.etag,
    ]),
  );
  await first.close();
  const again = await startTestServer({ HOLDFAST_DATA_DIR: first.config.dataDir });
  for (const [path = "", tag = ""] of tags) {
    expect((await again.call("GET", path, undefined, { "if-none-match": tag })).status).toBe(200);
  }
});

test("closing twice is closing once, and lets the folder go", async () => {
  const server = await startTestServer();
  await Promise.all([server.close(), server.close()]);
  const again = await startTestServer({ HOLDFAST_DATA_DIR: server.config.dataDir });
  expect((await again.call("GET", "/api/health")).status).toBe(200);
});

test("a planned stop is finished though nobody reads what it prints any more", async () => {
  const data = tempFolder();
  const server = run({ HOLDFAST_DATA_DIR: data });
  const url = await server.ready();
  await post(url, `/api/sessions/${SID}`);
  await post(url, `/api/sessions/${SID}/turns`, { id: TID, text: "slow", agent: "demo" });
  // `npm start | tee log`: Ctrl-C ends tee as well.
  server.child.stdout?.destroy();
  server.child.stderr?.destroy();
  server.child.kill("SIGINT");
  expect(await server.exited).toBe(0);
  const database = new DatabaseSync(join(data, "holdfast.sqlite"));
  onTestFinished(() => database.close());
  expect(database.prepare("SELECT open_turns FROM session").all()).toEqual([{ open_turns: "[]" }]);
});

test("a damaged list of sessions is one line, and the files are for their own user alone", async () => {
  const data = tempFolder();
  chmodSync(data, 0o755);
  const first = run({ HOLDFAST_DATA_DIR: data });
  await post(await first.ready(), `/api/sessions/${SID}`);
  for (const name of readdirSync(data))
    expect([name, statSync(join(data, name)).mode & 0o077]).toEqual([name, 0]);
  first.child.kill("SIGTERM");
  await first.exited;
  const database = new DatabaseSync(join(data, "holdfast.sqlite"));
  database.exec("UPDATE session SET summary = '{'");
  database.close();
  const second = run({ HOLDFAST_DATA_DIR: data });
  expect(await second.exited).toBe(1);
  expect(second.errors()).toMatch(/^The list of sessions is damaged[^\n]*\n$/);
});

test("a stop waits for an answer on its way, and not for its connection", async () => {
  const server = await startTestServer();
  const socket = await holdOpen(server.url);
  let answer = "";
  socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
  const began = performance.now();
  const closed = server.close();
  await server.backend.drain(0);
  socket.write("}".padStart(99));
  await closed;
  // The server is done with it; this side may still have it in the queue of its event loop.
  await expect.poll(() => answer).toContain("503");
  // The client keeps its end open; only the grace of 4 s would cut it.
  expect(performance.now() - began).toBeLessThan(2_000);
});

test("a start that fails for its port leaves the turns that wait as they are", async () => {
  const dataDir = tempFolder();
  const first = await startTestServer({ HOLDFAST_DATA_DIR: dataDir });
  await first.call("PUT", `/api/sessions/${SID}`);
  for (const [id, text, agent] of [
    [TID, "x", "endless"],
    [turnId(2), "later", "endless"],
  ]) {
    await first.call("POST", `/api/sessions/${SID}/turns`, { id, text, agent });
  }
  await first.close();
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  onTestFinished(() => void taken.close());
  const address = taken.address();
  const PORT = typeof address === "object" && address !== null ? String(address.port) : "";
  await expect(startTestServer({ HOLDFAST_DATA_DIR: dataDir, PORT })).rejects.toThrow("is taken");
  const again = await startTestServer({ HOLDFAST_DATA_DIR: dataDir });
  await expect
    .poll(async () => (await again.call("GET", `/api/sessions/${SID}`)).json?.["turns"])
    .toMatchObject([{ outcome: "interrupted" }, { status: "running", text: "later" }]);
});
