import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

const ROOT = new URL("../..", import.meta.url).pathname;

/** Node keeps what it has compiled here: a life begins in half the time. */
const COMPILE_CACHE = new URL("../../.cache/node/", import.meta.url).pathname;

/** None of them outlives the run, however it ends. */
const LIVING = new Set<ChildProcess>();
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));
process.on("exit", () => {
  for (const child of LIVING) child.kill("SIGKILL");
});

export interface ServerProcessOptions {
  readonly dataDir: string;
  /** Below the root of the repository. Default: the product's own `server/main.ts`. */
  readonly entry?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** One life of the server as a process of its own. */
export class ServerProcess {
  readonly child: ChildProcess;
  /** Resolves when the process is gone and its pipes are read. `code` is null after a signal. */
  readonly ended: Promise<{ readonly code: number | null }>;
  readonly spawnedAtMs = performance.now();
  output = "";
  errors = "";
  #url: string | undefined;

  constructor(options: ServerProcessOptions) {
    this.child = spawn(process.execPath, [options.entry ?? "server/main.ts"], {
      cwd: ROOT,
      env: {
        PATH: process.env["PATH"] ?? "",
        PORT: "0",
        // No model of this machine's may answer.
        OLLAMA_HOST: "127.0.0.1:9",
        NODE_COMPILE_CACHE: COMPILE_CACHE,
        HOLDFAST_DATA_DIR: options.dataDir,
        ...options.env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    LIVING.add(this.child);
    this.child.stdout?.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
    this.child.stderr?.on("data", (chunk: Buffer) => (this.errors += chunk.toString()));
    this.ended = once(this.child, "close").then(([code]: unknown[]) => {
      LIVING.delete(this.child);
      return { code: typeof code === "number" ? code : null };
    });
  }

  /** Where it answers, with a slash at its end. Only after {@link ready}. */
  get url(): string {
    if (this.#url === undefined) throw new Error("The server is not ready yet.");
    return this.#url;
  }

  get pid(): number {
    const { pid } = this.child;
    if (pid === undefined) throw new Error("The server could not be spawned.");
    return pid;
  }

  /** Resolves when it says where it is: true; false when it ended before. Rejects after `limitMs`. */
  async ready(limitMs = 30_000): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const look = (): void => {
      const url = /ready: (\S+)\n/.exec(this.output)?.[1];
      if (url === undefined) return;
      this.#url = url;
      resolve(true);
    };
    const timer = setTimeout(
      () => reject(new Error(`Not ready after ${limitMs} ms: ${this.output}${this.errors}`)),
      limitMs,
    );
    this.child.stdout?.on("data", look);
    look();
    void this.ended.then(() => resolve(false));
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.child.stdout?.off("data", look);
    }
  }

  /** Kills it as a power cut would, and waits until it is gone. */
  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  /** A planned stop. Resolves with how it ended and how long that took. */
  async stop(
    signal: NodeJS.Signals = "SIGTERM",
  ): Promise<{ readonly code: number | null; readonly ms: number }> {
    const began = performance.now();
    this.child.kill(signal);
    const { code } = await this.ended;
    return { code, ms: performance.now() - began };
  }
}
