import type { MockFetch } from "./mock-fetch.ts";
import type { AdminAction, FromHost, RelayPort, ToHost } from "./relay-messages.ts";

/** What the relay serves. */
export interface RelayedBackend {
  readonly fetch: MockFetch;
  admin(action: AdminAction): Promise<void>;
}

/** The host's end for one page. Returns what ends it: all that the page still reads is cancelled. Idempotent. */
export function serveRelay(
  port: RelayPort<ToHost, FromHost>,
  served: RelayedBackend,
  watchPage: (lock: string, gone: () => void) => void,
): () => void {
  const readers = new Map<number, ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>>();
  /** Asked for and not answered yet: the page may leave in between. */
  const pending = new Map<number, AbortController>();

  const cancel = (id: number): void => {
    pending.get(id)?.abort();
    pending.delete(id);
    // A body that fails while it is given up is of no interest to anyone.
    void readers
      .get(id)
      ?.cancel()
      .catch(() => undefined);
    readers.delete(id);
  };
  const close = (): void => {
    for (const id of new Set([...pending.keys(), ...readers.keys()])) cancel(id);
  };

  const answer = async (message: Extract<ToHost, { kind: "request" }>): Promise<void> => {
    const { id, url, method, headers, body } = message;
    const abort = new AbortController();
    pending.set(id, abort);
    const request = new Request(url, {
      method,
      headers: headers.map(([name, value]): [string, string] => [name, value]),
      signal: abort.signal,
      ...(body === undefined || body.byteLength === 0 ? {} : { body }),
    });
    const response = await served.fetch(request);
    if (!pending.delete(id)) {
      await response.body?.cancel();
      return;
    }
    if (response.body !== null) readers.set(id, response.body.getReader());
    const hasBody = response.body !== null;
    port.send({ kind: "head", id, status: response.status, headers: [...response.headers], hasBody });
    if (!hasBody) port.send({ kind: "end", id });
  };

  const pull = async (id: number): Promise<void> => {
    const reader = readers.get(id);
    if (reader === undefined) return;
    const { done, value } = await reader.read();
    if (!readers.has(id)) return;
    if (!done) {
      port.send({ kind: "chunk", id, bytes: value });
      return;
    }
    readers.delete(id);
    port.send({ kind: "end", id });
  };

  port.receive((message) => {
    switch (message.kind) {
      case "request":
        answer(message).catch((error: unknown) => {
          pending.delete(message.id);
          port.send({ kind: "head", id: message.id, status: 500, headers: [], hasBody: false });
          port.send({ kind: "warn", message: `${message.method} ${message.url} failed: ${String(error)}` });
        });
        return;
      case "pull":
        pull(message.id).catch((error: unknown) => {
          readers.delete(message.id);
          port.send({ kind: "end", id: message.id, error: String(error) });
        });
        return;
      case "cancel":
        cancel(message.id);
        return;
      case "page":
        watchPage(message.lock, close);
        return;
      case "close":
        close();
        return;
      case "admin":
        served.admin(message.action).then(
          () => port.send({ kind: "done", id: message.id }),
          (error: unknown) =>
            port.send({
              kind: "done",
              id: message.id,
              error: error instanceof Error ? error.message : String(error),
            }),
        );
        return;
    }
  });
  return close;
}
