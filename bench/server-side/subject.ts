import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Usage } from "./server-process.ts";

/** The measured server, in a process of its own. */
export interface Subject {
  readonly port: number;
  usage(): Promise<Usage>;
  send(method: "POST" | "PUT", path: string, body: unknown): Promise<Response>;
  stop(): Promise<void>;
}

export async function startSubject(
  kind: "holdfast" | "floor",
  dataDir: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Subject> {
  const child = fork(join(import.meta.dirname, "server-process.ts"), [kind], {
    // No model server of this machine's may be asked.
    env: {
      ...process.env,
      HOLDFAST_DATA_DIR: dataDir,
      HOST: "127.0.0.1",
      OLLAMA_HOST: "127.0.0.1:9",
      ...env,
    },
    execArgv: ["--expose-gc"],
  });
  const [url]: unknown[] = await once(child, "message");
  const port = Number(new URL(String(url)).port);
  return {
    port,
    async usage() {
      child.send("usage");
      const [usage]: unknown[] = await once(child, "message");
      return usage as Usage;
    },
    async send(method, path, body) {
      const init = { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, init);
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return answer;
    },
    async stop() {
      const gone = once(child, "exit");
      child.disconnect();
      await gone;
    },
  };
}

/** A data folder for one measurement. */
export async function withFolder<Value>(use: (folder: string) => Promise<Value>): Promise<Value> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A server of that kind on an empty folder, ended afterwards. */
export async function withSubject<Value>(
  kind: "holdfast" | "floor",
  use: (subject: Subject) => Promise<Value>,
  env: Readonly<Record<string, string>> = {},
): Promise<Value> {
  return withFolder(async (folder) => {
    const subject = await startSubject(kind, folder, env);
    try {
      return await use(subject);
    } finally {
      await subject.stop();
    }
  });
}
