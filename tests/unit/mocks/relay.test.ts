import { afterEach, describe, expect, it } from "vitest";
import { createMockFetch } from "../../../src/mocks/handlers.ts";
import type { MockFetch } from "../../../src/mocks/mock-fetch.ts";
import { createRelayClient, type RelayClient } from "../../../src/mocks/relay-client.ts";
import { serveRelay } from "../../../src/mocks/relay-host.ts";
import { overPort, type AdminAction, type FromHost, type ToHost } from "../../../src/mocks/relay-messages.ts";
import { createFakeBackend } from "./fake-backend.ts";
import { createTextReader } from "./text-reader.ts";

const STREAM = "http://mock.test/api/sessions/00000000-0000-7000-8000-00000000000a/stream";

let closePorts: (() => void) | undefined;

afterEach(() => closePorts?.());

interface Relay {
  readonly client: RelayClient;
  readonly warnings: string[];
  /** What the host does when the page is gone. */
  readonly close: () => void;
}

function connect(
  fetch: MockFetch,
  admin: (action: AdminAction) => Promise<void> = () => Promise.resolve(),
): Relay {
  const { port1, port2 } = new MessageChannel();
  closePorts = () => {
    port1.close();
    port2.close();
  };
  const warnings: string[] = [];
  const close = serveRelay(overPort<ToHost, FromHost>(port2), { fetch, admin }, () => undefined);
  const client = createRelayClient(overPort<FromHost, ToHost>(port1), (message) => warnings.push(message));
  return { client, warnings, close };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe("the relay between a page and the backend", () => {
  it("carries method, address, headers and body there, and status, headers and body back", async () => {
    const { client } = connect(async (request) =>
      Response.json(
        { got: [request.method, request.url, request.headers.get("x-one"), await request.text()] },
        { status: 202, headers: { "x-two": "2" } },
      ),
    );
    const answer = await client.fetch(
      new Request("http://mock.test/api/x?y=1", { method: "POST", body: "né", headers: { "x-one": "1" } }),
    );
    expect(answer.status).toBe(202);
    expect(answer.headers.get("x-two")).toBe("2");
    expect(await answer.json()).toEqual({ got: ["POST", "http://mock.test/api/x?y=1", "1", "né"] });
  });

  it("carries an answer without a body", async () => {
    const { client } = connect(() => Promise.resolve(new Response(null, { status: 304 })));
    const answer = await client.fetch(new Request("http://mock.test/api/x"));
    expect(answer.status).toBe(304);
    expect(await answer.text()).toBe("");
  });

  it("streams as it comes, and keeps several streams apart", async () => {
    const backend = createFakeBackend();
    const { client } = connect(createMockFetch(backend));
    const one = createTextReader(await client.fetch(new Request(STREAM)));
    const two = createTextReader(await client.fetch(new Request(STREAM)));
    for (const reader of [one, two]) {
      expect(await reader.next()).toBe("retry: 1000\n\n");
      expect(await reader.next()).toContain("hello");
    }
    backend.streams[1]?.sink.write({ data: "two" });
    backend.streams[0]?.sink.write({ data: "one" });
    expect(await one.next()).toBe("data: one\n\n");
    expect(await two.next()).toBe("data: two\n\n");
    backend.streams[0]?.sink.end();
    expect(await one.next()).toBeUndefined();
    await two.cancel();
  });

  it("takes no more from the backend than the page reads", async () => {
    const backend = createFakeBackend();
    const { client } = connect(createMockFetch(backend));
    const reader = createTextReader(await client.fetch(new Request(STREAM)));
    const sink = backend.streams[0]?.sink;
    let hasRoom = true;
    for (let written = 0; hasRoom && written < 100; written += 1) {
      hasRoom = sink?.write({ data: "x".repeat(16_000) }) ?? false;
    }
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(backend.streams[0]?.drains).toBe(0);
    for (let index = 0; index < 5; index += 1) await reader.next();
    expect(backend.streams[0]?.drains).toBe(1);
    await reader.cancel();
  });

  it("tells the backend when the page stops reading", async () => {
    const backend = createFakeBackend();
    const { client } = connect(createMockFetch(backend));
    const reader = createTextReader(await client.fetch(new Request(STREAM)));
    await reader.next();
    await reader.cancel();
    await until(() => backend.streams[0]?.unsubscribed === 1);
  });

  it("tells the backend when the page is gone", async () => {
    const backend = createFakeBackend();
    const { client, close } = connect(createMockFetch(backend));
    await client.fetch(new Request(STREAM));
    await client.fetch(new Request(STREAM));
    close();
    close();
    await until(() => backend.streams.every((stream) => stream.unsubscribed === 1));
  });

  it("breaks the page's stream when the backend's breaks", async () => {
    const backend = createFakeBackend();
    const death = new AbortController();
    const fetch = createMockFetch(backend);
    const { client } = connect((request) => fetch(new Request(request, { signal: death.signal })));
    const reader = createTextReader(await client.fetch(new Request(STREAM)));
    await reader.next();
    await reader.next();
    const next = reader.next();
    death.abort(new TypeError("ended"));
    await expect(next).rejects.toThrow("ended");
  });

  it("answers 500 and warns when the backend throws", async () => {
    const { client, warnings } = connect(() => Promise.reject(new Error("a bug")));
    expect((await client.fetch(new Request("http://mock.test/api/x"))).status).toBe(500);
    await until(() => warnings.length > 0);
    expect(warnings[0]).toContain("a bug");
  });

  it("passes administration on, with its failure in words", async () => {
    const done: AdminAction[] = [];
    const { client } = connect(
      () => Promise.reject(new Error("not expected")),
      (action) => {
        done.push(action);
        return action === "reset" ? Promise.reject(new Error("Close the other tabs.")) : Promise.resolve();
      },
    );
    await client.admin("restart");
    await expect(client.admin("reset")).rejects.toThrow("Close the other tabs.");
    expect(done).toEqual(["restart", "reset"]);
  });
});
