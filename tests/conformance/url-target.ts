import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { CannotRun, type Options } from "./options.ts";
import type { ConformanceTarget, MakeTarget } from "./target.ts";
import { health } from "./wire-answers.ts";
import { readAs, readJson } from "./wire-values.ts";

/** How long a server may take to answer again after a command. Unit: ms. */
const READY_LIMIT_MS = 60_000;

/** How often it is asked meanwhile. Unit: ms. */
const ASK_EVERY_MS = 100;

/** A server that runs somewhere, and as many views of it as tests ask for. */
export interface UrlTarget {
  readonly shared: ConformanceTarget;
  /** The same server: its caller sees to it that no other test runs meanwhile. */
  readonly makeOwn: MakeTarget;
}

/** Signs in where there is a password. `heartbeatMs`: what `hello` said, unless the options know better. */
export async function createUrlTarget(options: Options, heartbeatMs: number): Promise<UrlTarget> {
  const { baseUrl, password, hooks } = options;
  let cookie = password === undefined ? undefined : await signIn(baseUrl, password);
  const isReady = async (): Promise<true | undefined> => {
    const response = await fetch(`${baseUrl}/api/health`, { signal: AbortSignal.timeout(2_000) });
    readAs("P2.2", health, readJson("P2.2", await response.text()));
    return true;
  };
  const run = async (command: string): Promise<void> => {
    await runCommand(command);
    await waitUntilReady("the server to answer again", READY_LIMIT_MS, isReady);
    // A server may forget who is signed in when it starts again, and must when an older state is restored.
    if (password !== undefined) cookie = await signIn(baseUrl, password);
  };
  const { kill, restart, backup, restore } = hooks;
  const signedOut: ConformanceTarget = {
    name: "url",
    baseUrl,
    heartbeatMs: options.heartbeatMs ?? heartbeatMs,
    maxBodyBytes: options.maxBodyBytes,
    agent: options.agent,
    fetch: (request) => fetch(request),
    close: () => Promise.resolve(),
    ...(kill === undefined ? {} : { crash: () => run(kill) }),
    ...(restart === undefined ? {} : { restart: () => run(restart) }),
    ...(backup === undefined || restore === undefined
      ? {}
      : {
          async restoreBackup(meanwhile) {
            await runCommand(backup);
            await meanwhile();
            await run(restore);
          },
        }),
    ...(password === undefined ? {} : { password }),
  };
  const shared: ConformanceTarget = {
    ...signedOut,
    fetch(request) {
      const headers = new Headers(request.headers);
      if (cookie !== undefined) headers.set("cookie", cookie);
      return fetch(new Request(request, { headers }));
    },
  };
  return {
    shared,
    makeOwn(wanted) {
      if (wanted?.isSignedOut !== true) return Promise.resolve(shared);
      return Promise.resolve(password === undefined ? undefined : signedOut);
    },
  };
}

/** The cookie of a new sign-in, as a request sends it. Throws {@link CannotRun} when the server does not take the password. */
export async function signIn(baseUrl: string, password: string): Promise<string> {
  const response = await fetch(`${baseUrl}/api/sign-in`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: baseUrl, "sec-fetch-site": "same-origin" },
    body: JSON.stringify({ password }),
  });
  const text = await response.text();
  const cookie = response.headers.get("set-cookie")?.split(";")[0];
  if (response.status === 204 && cookie !== undefined) return cookie;
  const why =
    response.status === 401
      ? "that is not its password"
      : response.status === 429
        ? "there were too many attempts; wait a few minutes"
        : `it answered ${response.status} ${JSON.stringify(text.slice(0, 120))}`;
  throw new CannotRun(`The server did not let the suite sign in: ${why}.`);
}

/** Resolves with the first answer of `ask` that is not undefined; a throwing `ask` is asked again. Rejects after `limitMs`. */
export async function waitUntilReady<Found>(
  what: string,
  limitMs: number,
  ask: () => Promise<Found | undefined>,
): Promise<Found> {
  const endsAtMs = performance.now() + limitMs;
  let why = "";
  while (performance.now() < endsAtMs) {
    try {
      const found = await ask();
      if (found !== undefined) return found;
    } catch (error) {
      if (error instanceof CannotRun) throw error;
      why = `; the last try: ${error instanceof Error ? error.message : String(error)}`;
    }
    await delay(ASK_EVERY_MS);
  }
  throw new Error(`waited ${limitMs} ms for ${what}${why}`);
}

/** Runs it in a shell and resolves when it ends well. What it says goes to stderr, so that results can be piped. */
function runCommand(command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, { shell: true, stdio: ["ignore", process.stderr, process.stderr] });
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`the command ended with ${signal ?? `code ${String(code)}`}: ${command}`));
    });
  });
}
