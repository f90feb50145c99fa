import { Agent, request } from "node:http";

/** What came back, or `lost`: whether the server did it nobody can know. */
export type Answer = { readonly status: number; readonly body: unknown } | "lost";

/** A request that is never answered ends here, so that a hung server is a violation and not a hung run. Unit: ms. */
const LIMIT_MS = 30_000;

/** JSON over HTTP to one life of the server. Never rejects. */
export class ApiClient {
  readonly url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  constructor(url: string) {
    this.url = url;
  }

  get(path: string): Promise<Answer> {
    return this.call("GET", path);
  }

  call(method: string, path: string, body?: unknown): Promise<Answer> {
    return new Promise((resolve) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers =
        text === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
      const call = request(
        new URL(`api${path}`, this.url),
        { method, headers, agent: this.#agent },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", () => resolve("lost"));
          response.on("aborted", () => resolve("lost"));
          response.on("end", () => {
            resolve(answerOf(response.statusCode ?? 0, Buffer.concat(chunks).toString("utf8")));
          });
        },
      );
      call.setTimeout(LIMIT_MS, () => call.destroy(new Error(`no answer in ${LIMIT_MS} ms`)));
      call.on("error", () => resolve("lost"));
      call.end(text);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function answerOf(status: number, text: string): Answer {
  try {
    return { status, body: text === "" ? undefined : (JSON.parse(text) as unknown) };
  } catch {
    // Cut in the middle.
    return "lost";
  }
}

/** A field of a JSON object; undefined where there is none. */
export function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
