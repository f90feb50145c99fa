import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import { MAX_BODY_BYTES } from "../../src/protocol/limits.ts";
import { conformanceSuite } from "./suite.ts";
import type { ConformanceTarget, TargetOptions } from "./target.ts";

const HEARTBEAT_MS = 200;
const PASSWORD = "correct horse";
const root = join(import.meta.dirname, "../..");

/** A port that was free a moment ago: a restarted server keeps its address. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** A listener per viewer on one emitter: Node says so once, on stderr. */
let hasLeakWarning = false;

afterAll(() => {
  expect(hasLeakWarning, "a server warned of too many listeners").toBe(false);
});

/** Starts the server as a process and resolves when it says its address. */
async function startChild(environment: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["tests/support/server-child.ts"], {
    cwd: root,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
    hasLeakWarning ||= errors.includes("MaxListenersExceededWarning");
  });
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout.once("data", () => resolve());
    child.once("exit", (code) => reject(new Error(`the server ended with ${String(code)}: ${errors}`)));
  });
  await ready;
  return child;
}

/** The real server over SQLite, as a process of its own: a crash is a SIGKILL. */
async function makeServerTarget(options: TargetOptions = {}): Promise<ConformanceTarget> {
  const dataDir = mkdtempSync(join(tmpdir(), "holdfast-conformance-"));
  const environment: NodeJS.ProcessEnv = {
    PATH: process.env["PATH"] ?? "",
    PORT: String(await freePort()),
    HOLDFAST_DATA_DIR: join(dataDir, "data"),
    // Nothing answers there, so demo is all there is.
    OLLAMA_HOST: "http://127.0.0.1:1",
    TEST_HEARTBEAT_MS: String(HEARTBEAT_MS),
    ...(options.isSignedOut === true ? { HOLDFAST_PASSWORD: PASSWORD } : {}),
  };
  const origin = `http://127.0.0.1:${environment["PORT"] ?? ""}`;
  let child = await startChild(environment);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill(signal);
    await exit;
  };
  const runTool = (file: string, backup: string): void => {
    execFileSync(process.execPath, [file, backup], { cwd: root, env: environment, stdio: "pipe" });
  };
  return {
    name: "server",
    baseUrl: origin,
    heartbeatMs: HEARTBEAT_MS,
    agent: "demo",
    maxBodyBytes: MAX_BODY_BYTES,
    ...(options.isSignedOut === true ? { password: PASSWORD } : {}),
    fetch: (request) => fetch(request),
    async crash() {
      await end("SIGKILL");
      child = await startChild(environment);
    },
    async restart() {
      await end("SIGTERM");
      child = await startChild(environment);
    },
    async restoreBackup(meanwhile) {
      const backup = join(dataDir, "backup.sqlite");
      runTool("server/backup.ts", backup);
      await meanwhile();
      await end("SIGTERM");
      runTool("server/restore.ts", backup);
      child = await startChild(environment);
    },
    async close() {
      await end("SIGTERM");
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

conformanceSuite("server", makeServerTarget);
