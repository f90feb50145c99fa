import type { NativeSource } from "../../../src/platform/event-source.ts";
import type { Fetch } from "../../../src/api/api-client.ts";
import type { ConnectionPool } from "./connection-pool.ts";
import type { Dice } from "./dice.ts";
import type { TabLoop } from "./tab-loop.ts";
import type { TrueTime } from "./true-time.ts";
import { createVirtualEventSource, type VirtualEventSource } from "./virtual-event-source.ts";
import type { ServerAnswer, VirtualServer } from "./virtual-server.ts";

/** What lies between one tab and the server. `gone`: connections are refused; `hole`: nothing ever comes back. */
export type NetworkMode = "fine" | "gone" | "hole" | "captive" | "gateway";

/** What happens to the next stream that is opened, once. */
export type ConnectFate =
  | "never"
  | "status-204"
  | "status-401"
  | "status-502"
  | "html"
  | "cursor-ignored"
  | "cursor-foreign"
  | "cursor-ahead"
  | "cursor-trimmed"
  | "dies-greeted"
  | "dies-midway";

/** What happens to the next request that is sent, once. */
export type RequestFate = "lost" | "answer-lost" | "never-answered";

export interface TabNetwork {
  mode: NetworkMode;
  /** One way. Unit: ms. */
  latencyMs: readonly [low: number, high: number];
  /** Every log frame comes twice. */
  isDoubling: boolean;
  nextConnects: ConnectFate[];
  nextSends: RequestFate[];
  readonly fetch: Fetch;
  readonly construct: (url: string) => NativeSource;
  /** Every native source that the page has not closed. */
  readonly sources: ReadonlySet<VirtualEventSource>;
  /** The line is cut; what was on its way within the last moment is lost. */
  drop(how: "end" | "reset"): void;
  /** Neither end learns that the line is dead. */
  halfOpen(): void;
  /** The page is gone: the system closes its sockets. */
  abandon(): void;
}

export interface NetworkWatch {
  /** Told before a request or a connect leaves the page. */
  readonly onRequest: (method: string, url: string) => void;
  readonly onLateEvent: (deliver: () => void) => void;
}

export interface NetworkParts {
  readonly time: TrueTime;
  readonly dice: Dice;
  readonly loop: TabLoop;
  readonly server: VirtualServer;
  readonly pool: ConnectionPool;
  readonly watch: NetworkWatch;
}

const HTML = "<!doctype html><title>Welcome to the hotel</title>";

export function createTabNetwork(parts: NetworkParts): TabNetwork {
  const { time, dice, loop, server, pool, watch } = parts;
  const sources = new Set<VirtualEventSource>();
  const openRequests = new Set<() => void>();
  const latency = (): number => dice.whole(network.latencyMs[0], network.latencyMs[1]);

  const network: TabNetwork = {
    mode: "fine",
    latencyMs: [1, 30],
    isDoubling: false,
    nextConnects: [],
    nextSends: [],
    sources,
    construct(url) {
      watch.onRequest("STREAM", url);
      const source = createVirtualEventSource(url, { ...parts, network, latency }, () =>
        sources.delete(source),
      );
      sources.add(source);
      return source;
    },
    fetch: (url, init) => {
      const method = init.method ?? "GET";
      watch.onRequest(method, url);
      return new Promise<Response>((resolve, reject) => {
        let isOver = false;
        let release = (): void => undefined;
        const end = (): boolean => {
          if (isOver) return false;
          isOver = true;
          openRequests.delete(end);
          release();
          return true;
        };
        openRequests.add(end);
        const answer = (answered: ServerAnswer): void => {
          loop.deliver(() => {
            if (end()) resolve(toResponse(answered));
          });
        };
        const fail = (): void => {
          loop.deliver(() => {
            if (end()) reject(new TypeError("network error"));
          });
        };
        init.signal?.addEventListener("abort", () => {
          if (end()) reject(new DOMException("aborted", "AbortError"));
        });
        const fate = method === "GET" ? undefined : network.nextSends.shift();
        const go = (): void => {
          if (isOver) return;
          const request = {
            method,
            url,
            headers: headersOf(init),
            body: typeof init.body === "string" ? init.body : undefined,
          };
          time.after(latency(), () => {
            if (isOver && loop.state === "dead") return;
            if (fate === "lost" || network.mode === "gone") return fail();
            if (fate === "never-answered" || network.mode === "hole") return;
            if (network.mode === "captive") return answer(page(200));
            if (network.mode === "gateway") return answer(page(502));
            const arrive = (answered: ServerAnswer | undefined): void => {
              if (network.mode === "hole") return;
              if (answered === undefined || fate === "answer-lost" || network.mode === "gone") fail();
              else answer(answered);
            };
            void server.answer(request).then((answered) => time.after(latency(), () => arrive(answered)));
          });
        };
        release = pool.acquire(go);
      });
    },
    drop(how) {
      for (const source of Array.from(sources)) source.drop(how);
    },
    halfOpen() {
      for (const source of sources) source.halfOpen();
    },
    abandon() {
      for (const source of Array.from(sources)) source.close();
      for (const end of Array.from(openRequests)) end();
    },
  };
  return network;
}

const page = (status: number): ServerAnswer => ({
  status,
  headers: { "content-type": "text/html" },
  body: HTML,
});

function headersOf(init: RequestInit): Record<string, string> {
  return { ...(init.headers as Record<string, string> | undefined) };
}

/** As much of a Response as the API client reads; a real one would bring streams and turns of the event loop of its own. */
function toResponse(answer: ServerAnswer): Response {
  const response = {
    status: answer.status,
    ok: answer.status >= 200 && answer.status < 300,
    headers: { get: (name: string) => answer.headers[name] ?? null },
    text: () => Promise.resolve(answer.body),
  };
  return response as unknown as Response;
}
