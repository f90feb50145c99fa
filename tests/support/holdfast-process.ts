import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ChaosProxy } from "./chaos-proxy.ts";
import { askDirectly } from "./direct-request.ts";
import { HttpGateway } from "./http-gateway.ts";
import { freePort } from "./free-port.ts";

const ROOT = new URL("../..", import.meta.url).pathname;

/** A turn as the log tells it. */
export interface LoggedTurn {
  readonly turn: string;
  /** What the person wrote. */
  message: string;
  text: string;
  reasoning: string;
  outcome: string | undefined;
}

/** The real server as a process of its own, so that it can be killed, behind a proxy that breaks connections. */
export class Holdfast {
  readonly proxy: ChaosProxy;
  /** Between proxy and server when it was asked for; it speaks HTTP only, so a server with TLS can't be behind it. */
  readonly gateway: HttpGateway | undefined;
  #port: number;
  #dataDir: string;
  #env: Record<string, string>;
  #process: ChildProcess | undefined;
  #cookie: string | undefined;
  output = "";

  private constructor(
    port: number,
    dataDir: string,
    way: { readonly proxy: ChaosProxy; readonly gateway: HttpGateway | undefined },
    env: Readonly<Record<string, string>>,
  ) {
    this.#port = port;
    this.#dataDir = dataDir;
    this.proxy = way.proxy;
    this.gateway = way.gateway;
    this.#env = { ...env };
  }

  static async start(
    env: Readonly<Record<string, string>> = {},
    options: { readonly hasGateway?: boolean } = {},
  ): Promise<Holdfast> {
    const port = await freePort();
    const dataDir = await mkdtemp(join(tmpdir(), "holdfast-e2e-"));
    const gateway = options.hasGateway === true ? await HttpGateway.listen(port) : undefined;
    const proxy = await ChaosProxy.listen(gateway?.port ?? port);
    const holdfast = new Holdfast(port, dataDir, { proxy, gateway }, env);
    await holdfast.startServer();
    return holdfast;
  }

  /** What a browser opens: through the proxy. */
  get url(): string {
    return `http://127.0.0.1:${this.proxy.port}`;
  }

  /** The server itself, whatever the proxy does. */
  get directUrl(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async startServer(): Promise<void> {
    const child = spawn(join(ROOT, "node_modules/.bin/node"), ["server/main.ts"], {
      cwd: ROOT,
      env: {
        PATH: process.env["PATH"] ?? "",
        PORT: String(this.#port),
        HOLDFAST_DATA_DIR: this.#dataDir,
        NODE_COMPILE_CACHE: join(ROOT, ".cache/compile"),
        // No Ollama of this machine's may answer instead of what a test names.
        OLLAMA_HOST: "127.0.0.1:9",
        ...this.#env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    child.stderr.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
    const lines = createInterface({ input: child.stdout });
    await new Promise<void>((resolve, reject) => {
      lines.on("line", (line) => {
        this.output += `${line}\n`;
        if (line.includes("http://") || line.includes("https://")) resolve();
      });
      child.once("exit", (code) => reject(new Error(`server ended with ${code}: ${this.output}`)));
    });
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, "exit");
  }

  async stop(): Promise<void> {
    await this.kill("SIGKILL");
    await this.proxy.close();
    await this.gateway?.close();
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  /** What the server itself answers, in JSON. */
  async json(path: string): Promise<unknown> {
    return JSON.parse((await this.#ask(path)).text);
  }

  /** Whether the server knows the session. */
  async has(session: string): Promise<boolean> {
    return (await this.#ask(`/api/sessions/${session}?turns=1`)).status === 200;
  }

  /** Lets this object read a server that asks for a password. */
  async signIn(password: string): Promise<void> {
    const answer = await this.#ask("/api/sign-in", { method: "POST", body: { password } });
    if (answer.status !== 204) throw new Error(`The server answered the sign-in with ${answer.status}.`);
    this.#cookie = answer.cookie;
  }

  #ask(path: string, options: { method?: string; body?: unknown } = {}): ReturnType<typeof askDirectly> {
    const scheme = this.#env["HOLDFAST_TLS_CERT"] === undefined ? "http" : "https";
    return askDirectly(`${scheme}://127.0.0.1:${this.#port}${path}`, { ...options, cookie: this.#cookie });
  }

  /** Where the server keeps its data. */
  get dataDir(): string {
    return this.#dataDir;
  }

  /** The texts of a session's answers as its log tells them, folded here independently of the product. */
  async logTexts(session: string): Promise<LoggedTurn[]> {
    const turns = new Map<string, LoggedTurn>();
    let after = "";
    for (;;) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the log's own shape, read by a test
      const page = (await this.json(`/api/sessions/${session}/events?limit=10000${after}`)) as {
        frames: { events: Record<string, string>[] }[];
        cursor: string;
        hasMore: boolean;
      };
      for (const event of page.frames.flatMap((frame) => frame.events)) {
        const id = event["turn"] ?? "";
        if (event["type"] === "turn-queued")
          turns.set(id, {
            turn: id,
            message: event["text"] ?? "",
            text: "",
            reasoning: "",
            outcome: undefined,
          });
        const turn = turns.get(id);
        if (turn === undefined) continue;
        if (event["type"] === "turn-edited") turn.message = event["text"] ?? turn.message;
        if (event["type"] === "turn-withdrawn") turns.delete(id);
        if (event["type"] === "text-delta") turn.text += event["delta"] ?? "";
        if (event["type"] === "reasoning-delta") turn.reasoning += event["delta"] ?? "";
        if (event["type"] === "turn-ended") turn.outcome = event["outcome"];
      }
      if (!page.hasMore) return [...turns.values()];
      after = `&after=${page.cursor}`;
    }
  }
}
