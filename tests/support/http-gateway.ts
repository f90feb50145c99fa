import { once } from "node:events";
import {
  Agent,
  createServer,
  request as requestUpstream,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { shapeBody, type BodyShape } from "./gateway-body.ts";

/** A request as it reached the gateway. */
export interface GatewayRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  /** Monotonic, `performance.now()`. Unit: ms. */
  readonly atMs: number;
}

/** What happens to a request instead of being passed through. */
export type GatewayAction =
  /** The server never sees it; `body` is written whole, and the answer ends there. */
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly type?: string;
      readonly body?: string | ((request: GatewayRequest) => string);
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The connection is reset: nobody is there. */
  | { readonly kind: "reset" }
  /** Accepted, never answered. */
  | { readonly kind: "no-headers" }
  /** The headers of a stream, and not one byte after them. */
  | { readonly kind: "headers-only" }
  /** The server does it; its answer is lost and the connection reset. */
  | { readonly kind: "lose-answer" }
  /** Passed through, the body as `shape` says. */
  | { readonly kind: "shape"; readonly shape: BodyShape };

export interface GatewayRule {
  readonly when: (request: GatewayRequest) => boolean;
  /** How many requests it takes. Default: all. */
  readonly times?: number;
  /** Changes path and query on the way to the server. */
  readonly rewrite?: (url: URL) => void;
  /** Headers that don't reach the server, in lower case. */
  readonly without?: readonly string[];
  /** Default: passed through. */
  readonly action?: GatewayAction;
}

/** A request and what became of it. */
export interface GatewayEntry extends GatewayRequest {
  /** What the browser was answered; undefined: nothing, so far or for ever. */
  status: number | undefined;
  /** Whether a rule took it. */
  readonly isRuled: boolean;
}

/** Ends a rule: later requests pass. Calling it again does nothing. */
export type RuleEnd = () => void;

/** A reverse proxy that breaks HTTP as proxies, portals and tired servers do; what no rule takes passes through byte for byte. */
export class HttpGateway {
  /** All requests, oldest first. */
  readonly requests: GatewayEntry[] = [];
  #rules: { readonly rule: GatewayRule; left: number }[] = [];
  #server: Server;
  #targetPort: number;
  // Each request its own connection: a pooled one would carry one fault into the next.
  #agent = new Agent({ keepAlive: false });

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    this.#targetPort = targetPort;
    server.on("request", (request, response) => this.#take(request, response));
    server.on("clientError", (_error, socket) => socket.destroy());
  }

  static async listen(targetPort: number): Promise<HttpGateway> {
    // Streams stay open for as long as they like, and an idle connection as long as a browser keeps it.
    const server = createServer({ requestTimeout: 0, keepAliveTimeout: 75_000 });
    server.timeout = 0;
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new HttpGateway(server, targetPort);
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** The first rule that fits takes a request; one added later goes before those that are there. */
  rule(rule: GatewayRule): RuleEnd {
    const entry = { rule, left: rule.times ?? Number.POSITIVE_INFINITY };
    this.#rules.unshift(entry);
    return () => {
      entry.left = 0;
      this.#rules = this.#rules.filter((each) => each !== entry);
    };
  }

  /** All rules end. */
  clear(): void {
    for (const entry of this.#rules) entry.left = 0;
    this.#rules = [];
  }

  /** Requests that fit, since `sinceMs` (`performance.now()`). */
  count(when: (request: GatewayRequest) => boolean, sinceMs = 0): number {
    return this.requests.filter((request) => request.atMs >= sinceMs && when(request)).length;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    this.#agent.destroy();
    if (this.#server.listening) await once(this.#server, "close");
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://gateway.invalid");
    const asked = {
      method: request.method ?? "GET",
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      atMs: performance.now(),
    };
    const taken = this.#rules.find(({ rule, left }) => left > 0 && rule.when(asked));
    if (taken !== undefined) taken.left -= 1;
    const entry: GatewayEntry = {
      ...asked,
      query: new URLSearchParams(url.searchParams),
      status: undefined,
      isRuled: taken !== undefined,
    };
    this.requests.push(entry);
    taken?.rule.rewrite?.(url);
    const { action } = taken?.rule ?? {};
    switch (action?.kind) {
      case "answer": {
        const { status, type, body = "", headers } = action;
        entry.status = status;
        request.resume();
        const text = typeof body === "string" ? body : body(asked);
        response.writeHead(status, { ...(type === undefined ? {} : { "content-type": type }), ...headers });
        response.end(text);
        return;
      }
      case "reset":
        request.socket.resetAndDestroy();
        return;
      case "no-headers":
        request.resume();
        return;
      case "headers-only":
        entry.status = 200;
        request.resume();
        response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
        response.flushHeaders();
        return;
      case "lose-answer":
      case "shape":
      case undefined:
        this.#pass(request, response, url, entry, taken?.rule);
    }
  }

  #pass(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    entry: GatewayEntry,
    rule: GatewayRule | undefined,
  ): void {
    const without = new Set(rule?.without);
    const headers: string[] = [];
    for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
      const name = request.rawHeaders[index] ?? "";
      if (!without.has(name.toLowerCase())) headers.push(name, request.rawHeaders[index + 1] ?? "");
    }
    const upstream = requestUpstream({
      host: "127.0.0.1",
      port: this.#targetPort,
      method: request.method,
      path: `${url.pathname}${url.search}`,
      headers,
      agent: this.#agent,
    });
    // A refused or broken server looks to the browser like the reset that it is.
    const reset = (): void => {
      response.socket?.resetAndDestroy();
    };
    upstream.on("error", reset);
    upstream.on("response", (answer) => {
      if (rule?.action?.kind === "lose-answer") {
        // Not before the server is done with it: then only the answer is lost.
        answer.resume();
        answer.on("end", reset);
        return;
      }
      entry.status = answer.statusCode;
      const answered = withoutHop(answer.rawHeaders, rule?.action !== undefined);
      // As the server would have it with the browser itself.
      if (/\bclose\b/i.test(answer.headers.connection ?? "")) response.shouldKeepAlive = false;
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? "", answered);
      response.flushHeaders();
      answer.on("error", reset);
      answer.on("aborted", reset);
      if (rule?.action?.kind === "shape") shapeBody(rule.action.shape, answer, response);
      else answer.pipe(response);
    });
    response.on("close", () => upstream.destroy());
    request.pipe(upstream);
  }
}

/** Headers that belong to one connection only; the gateway's own server writes its own. A body that is cut has no length. */
function withoutHop(raw: readonly string[], isShaped: boolean): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? "";
    if (/^(?:connection|keep-alive|transfer-encoding)$/i.test(name)) continue;
    if (isShaped && name.toLowerCase() === "content-length") continue;
    kept.push(name, raw[index + 1] ?? "");
  }
  return kept;
}
