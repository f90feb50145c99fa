import type { MockFetch } from "./mock-fetch.ts";
import type { AdminAction, FromHost, RelayPort, ToHost } from "./relay-messages.ts";

/** The page's end of the relay. */
export interface RelayClient {
  readonly fetch: MockFetch;
  /** Rejects with a sentence a person can act on. */
  readonly admin: (action: AdminAction) => Promise<void>;
}

interface Exchange {
  head(message: Extract<FromHost, { kind: "head" }>): void;
  chunk(bytes: Uint8Array<ArrayBuffer>): void;
  end(error: string | undefined): void;
}

/** Sends requests to the host and gives its answers back, streams as streams. */
export function createRelayClient(
  port: RelayPort<FromHost, ToHost>,
  warn: (message: string) => void,
): RelayClient {
  const exchanges = new Map<number, Exchange>();
  const pendingAdmin = new Map<number, (error: string | undefined) => void>();
  let lastId = 0;

  port.receive((message) => {
    switch (message.kind) {
      case "head":
        exchanges.get(message.id)?.head(message);
        return;
      case "chunk":
        exchanges.get(message.id)?.chunk(message.bytes);
        return;
      case "end":
        exchanges.get(message.id)?.end(message.error);
        exchanges.delete(message.id);
        return;
      case "done":
        pendingAdmin.get(message.id)?.(message.error);
        pendingAdmin.delete(message.id);
        return;
      case "warn":
        warn(message.message);
        return;
    }
  });

  const fetch: MockFetch = async (request) => {
    const hasBody = request.method !== "GET" && request.method !== "HEAD";
    const body = hasBody ? await request.arrayBuffer() : undefined;
    lastId += 1;
    const id = lastId;
    return new Promise<Response>((resolve, reject) => {
      const stopReading = (): void => {
        exchanges.delete(id);
        port.send({ kind: "cancel", id });
      };
      exchanges.set(
        id,
        createExchange(() => port.send({ kind: "pull", id }), stopReading, resolve),
      );
      request.signal.addEventListener(
        "abort",
        () => {
          if (exchanges.has(id)) stopReading();
          // After the head this changes nothing; the body ends with its reader.
          reject(request.signal.reason);
        },
        { once: true },
      );
      const headers = [...request.headers];
      port.send({ kind: "request", id, url: request.url, method: request.method, headers, body });
    });
  };

  return {
    fetch,
    admin(action) {
      lastId += 1;
      const id = lastId;
      return new Promise((resolve, reject) => {
        pendingAdmin.set(id, (error) => (error === undefined ? resolve() : reject(new Error(error))));
        port.send({ kind: "admin", id, action });
      });
    },
  };
}

/** One request on its way: first the head, then the body as it is pulled. */
function createExchange(
  pullFromHost: () => void,
  stopReading: () => void,
  resolve: (response: Response) => void,
): Exchange {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let pulled: (() => void) | undefined;
  const settlePull = (): void => {
    pulled?.();
    pulled = undefined;
  };
  return {
    head({ status, headers, hasBody }) {
      const init: ResponseInit = { status, headers: headers.map(([name, value]) => [name, value]) };
      if (!hasBody) {
        resolve(new Response(null, init));
        return;
      }
      const body = new ReadableStream<Uint8Array>(
        {
          start(own) {
            controller = own;
          },
          pull() {
            pullFromHost();
            return new Promise<void>((done) => {
              pulled = done;
            });
          },
          cancel: stopReading,
        },
        { highWaterMark: 0 },
      );
      resolve(new Response(body, init));
    },
    chunk(bytes) {
      controller?.enqueue(bytes);
      settlePull();
    },
    end(error) {
      if (error === undefined) controller?.close();
      else controller?.error(new TypeError(error));
      settlePull();
    },
  };
}
