import { mkdirSync, writeFileSync } from "node:fs";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { startServer, type RunningServer, type ServerOverrides } from "../../server/compose.ts";
import { loadConfig, type Config } from "../../server/config.ts";
import { readSse, type SseReader } from "./sse-reader.ts";
import { scriptedAgents } from "./scripted-agents.ts";
import { tempFolder } from "./temp-folder.ts";

export interface TestServer extends RunningServer {
  readonly config: Config;
  /** What the operator was told. */
  readonly reports: readonly string[];
  /** JSON to a path of the API, without a cookie unless given. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<RawAnswer>;
  stream(path: string, headers?: Record<string, string>): Promise<SseReader>;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The parsed body; undefined when it is no JSON. */
  readonly json: Record<string, unknown> | undefined;
}

/** The whole server over a real socket and a real file, with scripted agents and a built app of three files. */
export async function startTestServer(
  environment: Record<string, string> = {},
  overrides: ServerOverrides = {},
): Promise<TestServer> {
  const loaded = loadConfig({ PORT: "0", HOLDFAST_DATA_DIR: join(tempFolder(), "data"), ...environment });
  if (!loaded.ok) throw new Error(loaded.error);
  const config = loaded.value;
  const reports: string[] = [];
  const server = await startServer(config, {
    agents: scriptedAgents(),
    distDir: builtApp(),
    reporter: { warn: (message, detail) => void reports.push(`${message} ${String(detail)}`) },
    ...overrides,
  });
  onTestFinished(() => server.close());
  return {
    ...server,
    config,
    reports,
    call: (method, path, body, headers = {}) => {
      const json = body === undefined ? {} : { "content-type": "application/json" };
      return rawRequest(server.port, {
        method,
        path,
        headers: { ...json, ...headers },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
    },
    stream: async (path, headers = {}) => {
      const reader = readSse(await fetch(`http://127.0.0.1:${server.port}${path}`, { headers }));
      onTestFinished(() => reader.close());
      return reader;
    },
  };
}

export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Record<string, string> | undefined;
  readonly body?: string | Buffer | undefined;
}

/** A request as it is, `Host` and all: fetch would not let it be wrong. */
export function rawRequest(
  port: number,
  { method, path, headers = {}, body }: RawRequest,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: "127.0.0.1", port, method, path, headers, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: asJson(text) });
        });
        response.on("error", reject);
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

function asJson(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    // A page or nothing: the caller looks at the text.
    return undefined;
  }
}

export const INDEX_HTML = "<!doctype html><title>Holdfast</title><p>the built app</p>";
export const ASSET_JS = `export const padding = "${"x".repeat(5_000)}";`;

/** A folder as Vite leaves it. */
export function builtApp(): string {
  const dist = join(tempFolder(), "dist");
  mkdirSync(join(dist, "assets"), { recursive: true });
  writeFileSync(join(dist, "index.html"), INDEX_HTML);
  writeFileSync(join(dist, "assets", "main-a1b2c3.js"), ASSET_JS);
  writeFileSync(join(dist, "icon.png"), Buffer.from([0x89, 0x50]));
  writeFileSync(join(dist, "version.json"), JSON.stringify({ version: "9.9.9+test" }));
  writeFileSync(join(dist, ".holdfast-built"), "note");
  return dist;
}
