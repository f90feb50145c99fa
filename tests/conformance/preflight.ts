import { newUuid } from "./client.ts";
import { CannotRun, type Options } from "./options.ts";
import { signIn, waitUntilReady } from "./url-target.ts";
import { agentList, eventsPage, health, problem } from "./wire-answers.ts";
import { readFrame, type LogFrame } from "./wire-frames.ts";
import { readAs } from "./wire-values.ts";
import * as v from "valibot";

/** The major version that the suite's rules are of. */
const MAJOR = "1";

/** How long a single answer may take here. Unit: ms. */
const ANSWER_LIMIT_MS = 10_000;

/** The server as it presents itself. */
export interface Found {
  readonly version: string;
  readonly protocol: string;
  readonly heartbeatMs: number;
}

/**
 * Finds out whether the suite can run against the server: that it is there, is one of Holdfast's protocol, lets the
 * suite in, and has an agent that plays along. Throws {@link CannotRun} with what is wrong and what to do.
 */
export async function preflight(options: Options): Promise<Found> {
  const told = await readHealth(options.baseUrl);
  if (told.protocol.split(".", 1)[0] !== MAJOR) {
    throw new CannotRun(
      `The server speaks protocol ${told.protocol}; this suite has the rules of ${MAJOR}.x. Take the suite that came with ${told.protocol}.`,
    );
  }
  const fetchSigned = await letIn(options, told.auth);
  await findAgent(options, fetchSigned);
  const heartbeatMs = await tryAgent(options, fetchSigned);
  return { version: told.version, protocol: told.protocol, heartbeatMs };
}

type Fetch = (path: string, init?: RequestInit) => Promise<Response>;

async function readHealth(baseUrl: string): Promise<v.InferOutput<typeof health>> {
  const url = `${baseUrl}/api/health`;
  const response = await fetch(url, {
    signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    redirect: "manual",
  }).catch((error: unknown) => {
    throw new CannotRun(`Nothing answers at ${url} (${describe(error)}). Is the server running there?`);
  });
  const text = await response.text();
  try {
    return readAs("P2.2", health, JSON.parse(text));
  } catch {
    throw new CannotRun(
      `What answers at ${url} (status ${response.status}) is not a server of this protocol: ` +
        `by rule P2.2 it must be JSON with name "holdfast", version and protocol. It began with ${JSON.stringify(text.slice(0, 80))}.`,
    );
  }
}

async function letIn(options: Options, auth: string | undefined): Promise<Fetch> {
  const headers: Record<string, string> = { origin: options.baseUrl, "sec-fetch-site": "same-origin" };
  if (options.password !== undefined) headers["cookie"] = await signIn(options.baseUrl, options.password);
  const call: Fetch = (path, init = {}) =>
    fetch(`${options.baseUrl}/api${path}`, {
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
      ...init,
      headers: { ...headers, ...(init.body === undefined ? {} : { "content-type": "application/json" }) },
    });
  if (options.password === undefined && (auth === "signed-out" || (await call("/sessions")).status === 401)) {
    throw new CannotRun(
      "The server asks for a password. Put it into an environment variable and name that: --password-env NAME.",
    );
  }
  if (options.password !== undefined && auth === "none") {
    throw new CannotRun("The server asks for no password. Leave --password-env out.");
  }
  return call;
}

async function findAgent({ agent, baseUrl }: Options, call: Fetch): Promise<void> {
  const list = readAs("P2.3", agentList, await json(await call("/agents"), `${baseUrl}/api/agents`));
  const found = list.agents.find((other) => other.id === agent);
  const names = list.agents.filter((other) => other.available).map((other) => other.id);
  if (found?.available === true) return;
  const why =
    found === undefined ? "has no such agent" : `says it is not available: ${found.why ?? "no reason"}`;
  throw new CannotRun(
    `The suite wants the agent "${agent}", and the server ${why}. Name one that plays the prompts of docs/CONFORMANCE.md with --agent. Available: ${names.join(", ") || "none"}.`,
  );
}

/** Lets the agent say one thing, and reads the heartbeat off a stream. Leaves nothing behind. */
async function tryAgent({ agent, baseUrl }: Options, call: Fetch): Promise<number> {
  const path = `/sessions/${newUuid()}`;
  const at = `${baseUrl}/api${path}`;
  try {
    await json(await call(path, { method: "PUT", body: JSON.stringify({ agent }) }), at);
    const turn = { id: newUuid(), text: "echo conformance", mode: "queue", agent };
    await json(await call(`${path}/turns`, { method: "POST", body: JSON.stringify(turn) }), at);
    const frames = await waitUntilReady("the agent to answer", ANSWER_LIMIT_MS, async () => {
      const page = readAs("P2.19", eventsPage, await json(await call(`${path}/events`), at));
      const found = page.frames.map(readFrame);
      return found.some(hasEnd) ? found : undefined;
    }).catch((error: unknown) => {
      throw new CannotRun(cannotPlay(agent, describe(error)));
    });
    const said = frames
      .flatMap((frame) => frame.events)
      .map((event) => (event.type === "text-delta" ? event.delta : ""))
      .join("");
    if (said !== "conformance")
      throw new CannotRun(cannotPlay(agent, `it said ${JSON.stringify(said.slice(0, 80))}`));
    return await readHeartbeat(await call(`${path}/stream`), at);
  } finally {
    await call(path, { method: "DELETE" }).catch(() => undefined);
  }
}

function hasEnd(frame: LogFrame): boolean {
  return frame.events.some((event) => event.type === "turn-ended");
}

function cannotPlay(agent: string, why: string): string {
  return `The agent "${agent}" does not play the prompts of docs/CONFORMANCE.md: asked to "echo conformance", ${why}. Name another with --agent.`;
}

/** P3.8: `hello` comes at once and says it. */
async function readHeartbeat(response: Response, at: string): Promise<number> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    for (;;) {
      const data = /^event: ?hello\ndata: ?(.*)$/m.exec(text)?.[1];
      if (data !== undefined) {
        return readAs("P3.8", v.object({ heartbeatMs: v.pipe(v.number(), v.minValue(1)) }), JSON.parse(data))
          .heartbeatMs;
      }
      const next = await reader?.read();
      if (next === undefined || next.done) break;
      text += next.value;
    }
  } catch (error) {
    throw new CannotRun(`The stream of ${at} says no hello (P3.8): ${describe(error)}.`);
  } finally {
    await reader?.cancel().catch(() => undefined);
  }
  throw new CannotRun(
    `The stream of ${at} ended without a hello (P3.8). It said ${JSON.stringify(text.slice(0, 200))}.`,
  );
}

async function json(response: Response, at: string): Promise<unknown> {
  const text = await response.text();
  if (response.ok) {
    try {
      return JSON.parse(text);
    } catch {
      throw new CannotRun(
        `${at} answered ${response.status} with what is no JSON: ${JSON.stringify(text.slice(0, 80))}.`,
      );
    }
  }
  const told = v.safeParse(v.pipe(v.string(), v.parseJson(), problem), text);
  const why = told.success ? `${told.output.code}: ${told.output.detail}` : JSON.stringify(text.slice(0, 80));
  throw new CannotRun(`${at} refused with ${response.status}: ${why}.`);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message || error.cause.name : "";
  return cause === "" ? error.message : `${error.message}: ${cause}`;
}
