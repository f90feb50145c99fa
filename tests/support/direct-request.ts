import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";

export interface DirectAnswer {
  readonly status: number;
  readonly text: string;
  /** Cookies that were set, as they are sent back. */
  readonly cookie: string;
}

/** Asks a test's server past all proxies; its certificate, if it has one, is the test's own and is not looked at. */
export function askDirectly(
  url: string,
  options: {
    readonly method?: string;
    readonly cookie?: string | undefined;
    readonly body?: unknown;
  } = {},
): Promise<DirectAnswer> {
  const headers: Record<string, string> = { "sec-fetch-site": "same-origin" };
  if (options.cookie !== undefined) headers["cookie"] = options.cookie;
  if (options.body !== undefined) headers["content-type"] = "application/json";
  return new Promise((resolve, reject) => {
    const take = (answer: IncomingMessage): void => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const cookies = (answer.headers["set-cookie"] ?? []).map((line) => line.split(";", 1)[0] ?? "");
        const text = Buffer.concat(chunks).toString();
        resolve({ status: answer.statusCode ?? 0, text, cookie: cookies.join("; ") });
      });
    };
    const asked = { method: options.method ?? "GET", headers };
    const request = url.startsWith("https:")
      ? httpsRequest(url, { ...asked, rejectUnauthorized: false }, take)
      : httpRequest(url, asked, take);
    request.on("error", reject);
    request.end(options.body === undefined ? undefined : JSON.stringify(options.body));
  });
}
