import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { makeMockTarget } from "./mock-target.ts";
import { CannotRun, readOptions } from "./options.ts";
import { preflight } from "./preflight.ts";
import type { ConformanceTarget } from "./target.ts";

const root = join(import.meta.dirname, "../..");

/** The command as a user runs it. */
async function conformance(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, ["tests/conformance/main.ts", ...args], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, out, err };
}

async function addressOf(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `http://127.0.0.1:${address.port}`;
}

/** A server that answers everything alike. */
async function serve(status: number, body: string): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status).end(body));
  onTestFinished(() => void server.close());
  return addressOf(server);
}

/** The reference backend behind a socket, with `change` in between. */
async function serveTarget(fetch: ConformanceTarget["fetch"]): Promise<{ url: string; close: () => void }> {
  const server = createAdaptorServer({ fetch }) as Server;
  const url = await addressOf(server);
  return {
    url,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe("against the reference backend behind a socket", { timeout: 60_000 }, () => {
  let target: ConformanceTarget | undefined;
  let good: { url: string; close: () => void } | undefined;

  // The adaptor says on stderr that a reader left; nothing else may be said.
  beforeEach(() => {
    vi.spyOn(console, "error").mockImplementation((said: unknown) => {
      if (String(said) !== "Error: aborted") throw new Error(`the server said: ${String(said)}`);
    });
  });
  beforeAll(async () => {
    target = await makeMockTarget();
    good = await serveTarget((request) => target?.fetch(request) ?? Promise.reject(new Error("no target")));
  });
  afterAll(async () => {
    good?.close();
    await target?.close();
  });

  test("what holds is reported rule by rule, and leaves nothing behind", async () => {
    const folder = mkdtempSync(join(tmpdir(), "holdfast-conformance-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "result.json");
    const { code, out } = await conformance([
      good?.url ?? "",
      "--only",
      "P2.2,P1.8,P2.41",
      "--only=PX.8",
      "--json",
      file,
    ]);
    expect(out).toContain("PROTOCOL §1. Model");
    expect(out).toMatch(/^ {2}P1\.8 +ok {6}a cursor is <epoch>\.<seq> everywhere/m);
    expect(out).toMatch(/^4 of 4 rules hold \(4 tests, [\d.]+ s\)\.$/m);
    expect(code).toBe(0);
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
      protocol: "1.2",
      agent: "demo",
      heartbeatMs: 200,
      holding: expect.arrayContaining(["P1.8", "P2.2", "P2.41", "PX.8"]),
      failing: [],
      notApplicable: [],
      tests: expect.arrayContaining([expect.objectContaining({ rules: ["P2.2"], outcome: "ok" })]),
    });
    const list = await fetch(`${good?.url ?? ""}/api/sessions`);
    expect(await list.json()).toMatchObject({ sessions: [] });
  });

  test("what does not hold is said with its reason and its rule, and ends with 1", async () => {
    const wrong = await serveTarget(async (request) => {
      const response = (await target?.fetch(request)) ?? new Response();
      return response.status === 409 ? new Response(response.body, { status: 200 }) : response;
    });
    onTestFinished(() => wrong.close());
    const { code, out } = await conformance([wrong.url, "--only=P2.2,P2.23"]);
    expect(out).toMatch(/P2\.23 +FAILED {2}the same id with other content is a conflict/);
    expect(out).toMatch(/expected: .*409/);
    expect(out).toContain("the rule: The same id with other content than was first accepted → 409");
    expect(out).toMatch(/^1 of 2 rules hold; broken: P2\.23 /m);
    expect(code).toBe(1);
  });

  test("what a URL alone can't show is said with what it needs", async () => {
    const { code, out } = await conformance([good?.url ?? "", "--only=P3.25"]);
    expect(out).toContain("not applicable: needs a way to kill the server: --kill-command");
    expect(out).toContain("0 of 0 rules hold");
    expect(code).toBe(0);
  });

  test("an agent that is not there is named, with those that are", async () => {
    const said = await refusal(good?.url ?? "", ["--agent=nobody"]);
    expect(said).toContain('The suite wants the agent "nobody", and the server has no such agent.');
    expect(said).toContain("Available: demo.");
  });

  test("an agent that does not play along is named", async () => {
    const other = await serveTarget(async (request) => {
      if (request.method !== "POST") return (await target?.fetch(request)) ?? new Response();
      const body = (await request.clone().json()) as { text: string };
      const changed = JSON.stringify({ ...body, text: "echo Certainly!" });
      const { url, headers } = request;
      return (
        (await target?.fetch(new Request(url, { method: "POST", headers, body: changed }))) ?? new Response()
      );
    });
    onTestFinished(() => other.close());
    expect(await refusal(other.url)).toContain('asked to "echo conformance", it said "Certainly!"');
  });

  test("a password is asked for by name, and never shown", async () => {
    const other = await serveTarget((request) =>
      Promise.resolve(
        request.url.endsWith("/health")
          ? Response.json({ name: "holdfast", version: "1", protocol: "1.0", auth: "signed-out" })
          : new Response("{}", { status: 401 }),
      ),
    );
    onTestFinished(() => other.close());
    expect(await refusal(other.url)).toContain("--password-env NAME");
    const refused = await refusal(other.url, ["--password-env=SECRET"], { SECRET: "hunter2" });
    expect(refused).toContain("did not let the suite sign in: that is not its password");
    expect(refused).not.toContain("hunter2");
  });

  test("what can't be run ends with 2 and one message", async () => {
    const { code, out, err } = await conformance(["localhost"]);
    expect(err).toBe('"localhost" is not the address of a server. Give one like http://127.0.0.1:4173.\n');
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });
});

const KNOWN = new Set(["P2.2", "PX.4"]);

describe("what can't be run is said, with what to do:", () => {
  const cases: [string, string[], string][] = [
    ["no address", [], "Which server? Name its address."],
    [
      "no URL",
      ["localhost"],
      '"localhost" is not the address of a server. Give one like http://127.0.0.1:4173.',
    ],
    ["another scheme", ["ftp://127.0.0.1"], "is not the address of a server"],
    ["a path", ["http://127.0.0.1:1/api"], "give http://127.0.0.1:1 alone"],
    ["two addresses", ["http://a", "http://b"], 'One server at a time: "http://b" is too much.'],
    ["an unknown option", ["http://a", "--fast"], "--fast"],
    [
      "a heartbeat that is no number",
      ["http://a", "--heartbeat-ms=soon"],
      '--heartbeat-ms "soon" is not a whole number',
    ],
    ["a rule that there is not", ["http://a", "--only=P9"], "--only P9: no test has that rule."],
    ["a variable that there is not", ["http://a", "--password-env=NO_SUCH"], "there is no such variable"],
    ["half a backup", ["http://a", "--backup-command=true"], "go together"],
  ];
  test.for(cases)("%s", ([, args, says]) => {
    expect(() => readOptions(args, {}, KNOWN)).toThrow(CannotRun);
    expect(() => readOptions(args, {}, KNOWN)).toThrow(says);
  });
});

/** What the suite says of a server before it begins. */
async function refusal(url: string, args: readonly string[] = [], environment = {}): Promise<string> {
  return preflight(readOptions([url, ...args], environment, KNOWN)).then(
    () => "it can run",
    (error: unknown) => (error instanceof CannotRun ? error.message : `a bug: ${String(error)}`),
  );
}

test("a server that is not there, is another, or speaks another major version is said", async () => {
  expect(await refusal("http://127.0.0.1:1")).toContain("Nothing answers at http://127.0.0.1:1/api/health");
  const portal = await serve(200, "<!doctype html><title>Sign in to the Wi-Fi");
  expect(await refusal(portal)).toContain('by rule P2.2 it must be JSON with name "holdfast"');
  const later = await serve(200, JSON.stringify({ name: "holdfast", version: "9", protocol: "2.0" }));
  expect(await refusal(later)).toContain("The server speaks protocol 2.0; this suite has the rules of 1.x.");
});

test.skipIf(process.platform === "win32")(
  "commands that kill, restart, back up and restore let a server's other rules be shown, its password included",
  { timeout: 120_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "holdfast-conformance-"));
    const free = createServer();
    const url = await addressOf(free);
    free.close();
    const environment: NodeJS.ProcessEnv = {
      PORT: new URL(url).port,
      HOLDFAST_DATA_DIR: join(folder, "data"),
      HOLDFAST_PASSWORD: "correct horse",
      OLLAMA_HOST: "http://127.0.0.1:1",
      FOLDER: folder,
      NODE: process.execPath,
    };
    const start = `"$NODE" tests/support/server-child.ts >"$FOLDER/log" 2>&1 & echo $! >"$FOLDER/pid"`;
    const stop = (signal: string): string =>
      `pid=$(cat "$FOLDER/pid"); kill -${signal} $pid; while kill -0 $pid 2>/dev/null; do sleep 0.05; done`;
    const shell = async (command: string): Promise<void> => {
      const child = spawn(command, { shell: true, cwd: root, env: { ...process.env, ...environment } });
      await once(child, "exit");
    };
    await shell(start);
    onTestFinished(async () => {
      await shell(stop("KILL"));
      rmSync(folder, { recursive: true, force: true });
    });
    const isThere = (): Promise<boolean> =>
      fetch(`${url}/api/health`).then(
        (it) => it.ok,
        () => false,
      );
    await expect.poll(isThere, { timeout: 20_000 }).toBe(true);

    const { code, out, err } = await conformance(
      [
        url,
        "--only=P1.6,P2.9,P2.39,P3.23,P3.25,PX.4",
        "--password-env=HOLDFAST_PASSWORD",
        `--kill-command=${stop("KILL")}; ${start}`,
        `--restart-command=${stop("TERM")}; ${start}`,
        `--backup-command="$NODE" server/backup.ts "$FOLDER/backup" >/dev/null`,
        `--restore-command=${stop("TERM")}; "$NODE" server/restore.ts "$FOLDER/backup" >/dev/null && ${start}`,
      ],
      environment,
    );
    expect({ out, err }).toMatchObject({ out: expect.stringMatching(/^7 of 7 rules hold \(/m) });
    expect(out).not.toContain("n/a");
    expect(code).toBe(0);
  },
);
