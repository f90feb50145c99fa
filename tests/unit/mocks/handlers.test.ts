import { describe, expect, it } from "vitest";
import { createMockFetch } from "../../../src/mocks/handlers.ts";
import { MAX_BODY_BYTES } from "../../../src/protocol/limits.ts";
import { problem } from "../../../src/protocol/problems.ts";
import { err, ok } from "../../../src/protocol/result.ts";
import { createFakeBackend } from "./fake-backend.ts";
import { createTextReader } from "./text-reader.ts";

const ORIGIN = "http://mock.test";
const SID = "00000000-0000-7000-8000-00000000000a";
const TID = "00000000-0000-7000-8000-0000000000aa";

function request(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Request {
  const content =
    body === undefined
      ? {}
      : {
          body: typeof body === "string" ? body : JSON.stringify(body),
          headers: { "content-type": "application/json", ...headers },
        };
  return new Request(`${ORIGIN}/api/${path}`, { method, headers, ...content });
}

describe("the mock's endpoints", () => {
  it("say who they are", async () => {
    const answer = await createMockFetch(createFakeBackend(), "7.7")(request("GET", "health"));
    expect(await answer.json()).toMatchObject({ name: "holdfast", version: "7.7", auth: "none" });
  });

  it("answer an unknown address with 404 and a known one of another method with 405", async () => {
    const fetch = createMockFetch(createFakeBackend());
    expect((await fetch(request("GET", "nothing"))).status).toBe(404);
    expect((await fetch(request("GET", "sessions/%zz"))).status).toBe(404);
    const wrongMethod = await fetch(request("POST", `sessions/${SID}`, {}));
    expect(wrongMethod.status).toBe(405);
    expect(wrongMethod.headers.get("allow")).toBe("PUT, PATCH, DELETE, GET");
  });

  it("name the bad id by its place in the path", async () => {
    const fetch = createMockFetch(createFakeBackend());
    const sid = await fetch(request("GET", "sessions/NOPE"));
    expect(sid.status).toBe(400);
    expect(sid.headers.get("content-type")).toBe("application/problem+json");
    expect(await sid.json()).toMatchObject({ code: "bad-request", field: "sid" });
    const tid = await fetch(request("POST", `sessions/${SID}/turns/NOPE/stop`));
    expect(await tid.json()).toMatchObject({ code: "bad-request", field: "tid" });
    const before = await fetch(request("GET", "sessions?before=NOPE"));
    expect(await before.json()).toMatchObject({ code: "bad-request", field: "before" });
  });

  it("name the bad field of a body, and let nothing through to the backend", async () => {
    const calls: unknown[] = [];
    const fetch = createMockFetch(
      createFakeBackend({
        sendTurn(...call) {
          calls.push(call);
          return Promise.resolve(err(problem("internal", "not expected")));
        },
      }),
    );
    const wrongType = await fetch(request("POST", `sessions/${SID}/turns`, { id: TID, text: 7 }));
    expect(wrongType.status).toBe(400);
    expect(await wrongType.json()).toMatchObject({ field: "text" });
    expect((await fetch(request("POST", `sessions/${SID}/turns`, "{"))).status).toBe(400);
    const tooLarge = await fetch(request("POST", `sessions/${SID}/turns`, "x".repeat(MAX_BODY_BYTES + 1)));
    expect(tooLarge.status).toBe(413);
    const form = await fetch(
      request("POST", `sessions/${SID}/turns`, "id=1", {
        "content-type": "application/x-www-form-urlencoded",
      }),
    );
    expect(form.status).toBe(415);
    expect(calls).toEqual([]);
  });

  it("accept a send with 202 and a known one with 200", async () => {
    let isKnown = false;
    const fetch = createMockFetch(
      createFakeBackend({ sendTurn: (_sid, body) => Promise.resolve(ok({ turn: body.id, isKnown })) }),
    );
    const send = (): Promise<Response> =>
      fetch(request("POST", `sessions/${SID}/turns`, { id: TID, text: "hi" }));
    expect((await send()).status).toBe(202);
    isKnown = true;
    expect((await send()).status).toBe(200);
  });

  it("answer 304 for as long as the version is the one that is known", async () => {
    let version = "v1";
    const fetch = createMockFetch(
      createFakeBackend({ listSessions: () => ({ sessions: [], hasMore: false, version }) }),
    );
    const first = await fetch(request("GET", "sessions"));
    const tag = first.headers.get("etag") ?? "";
    expect(await first.json()).toEqual({ sessions: [], hasMore: false });
    const again = await fetch(request("GET", "sessions", undefined, { "if-none-match": `W/${tag}` }));
    expect(again.status).toBe(304);
    expect(await again.text()).toBe("");
    version = "v2";
    expect((await fetch(request("GET", "sessions", undefined, { "if-none-match": tag }))).status).toBe(200);
  });

  it("let anyone in and out", async () => {
    const fetch = createMockFetch(createFakeBackend());
    expect((await fetch(request("POST", "sign-in", { password: "any" }))).status).toBe(204);
    expect((await fetch(request("POST", "sign-out"))).status).toBe(204);
  });
});

describe("the mock's stream", () => {
  it("begins with retry and hello before anything is waited for", async () => {
    const backend = createFakeBackend();
    const response = await createMockFetch(backend)(
      request("GET", `sessions/${SID}/stream?after=e.4`, undefined, { "last-event-id": "e.7" }),
    );
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("cache-control")).toBe("no-store, no-transform");
    expect(response.headers.get("x-accel-buffering")).toBe("no");
    const reader = createTextReader(response);
    expect(await reader.next()).toBe("retry: 1000\n\n");
    expect(await reader.next()).toBe("event: hello\ndata: {}\n\n");
    expect(backend.streams[0]?.start).toEqual({ lastEventId: "e.7", after: "e.4" });
    await reader.cancel();
  });

  it("passes on what comes while it is read", async () => {
    const backend = createFakeBackend();
    const reader = createTextReader(await createMockFetch(backend)(request("GET", `sessions/${SID}/stream`)));
    await reader.next();
    await reader.next();
    const waiting = reader.next();
    backend.streams[0]?.sink.write({ id: "e.1", data: '{"from":1}' });
    expect(await waiting).toBe('id: e.1\ndata: {"from":1}\n\n');
    await reader.cancel();
  });

  it("unsubscribes when its reader leaves, and takes what comes later for nothing", async () => {
    const backend = createFakeBackend();
    const reader = createTextReader(await createMockFetch(backend)(request("GET", `sessions/${SID}/stream`)));
    await reader.next();
    await reader.cancel();
    expect(backend.streams[0]?.unsubscribed).toBe(1);
    expect(() => backend.streams[0]?.sink.write({ data: "late" })).not.toThrow();
    expect(() => backend.streams[0]?.sink.end()).not.toThrow();
  });

  it("unsubscribes when the request is aborted, and breaks", async () => {
    const backend = createFakeBackend();
    const abort = new AbortController();
    const response = await createMockFetch(backend)(
      new Request(`${ORIGIN}/api/sessions/${SID}/stream`, { signal: abort.signal }),
    );
    const reader = createTextReader(response);
    await reader.next();
    abort.abort(new TypeError("gone"));
    await expect(reader.next()).rejects.toThrow("gone");
    expect(backend.streams[0]?.unsubscribed).toBe(1);
  });

  it("tells the backend when it is full, and once when there is room again", async () => {
    const backend = createFakeBackend();
    const reader = createTextReader(await createMockFetch(backend)(request("GET", `sessions/${SID}/stream`)));
    const stream = backend.streams[0];
    const frame = { id: "e.1", data: "x".repeat(16 * 1024) };
    let written = 0;
    while (written < 100 && stream?.sink.write(frame) === true) written += 1;
    expect(written).toBe(3);
    expect(stream?.drains).toBe(0);
    for (let index = 0; index < 4; index += 1) await reader.next();
    expect(stream?.drains).toBe(1);
    await reader.cancel();
  });

  it("refuses a bad id with a 200, one bye and the end", async () => {
    const response = await createMockFetch(createFakeBackend())(request("GET", "sessions/NOPE/stream"));
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('retry: 1000\n\nevent: bye\ndata: {"reason":"not-found"}\n\n');
  });

  it("ends with bye when the user signs out", async () => {
    const backend = createFakeBackend();
    const fetch = createMockFetch(backend);
    const response = await fetch(request("GET", `sessions/${SID}/stream`));
    await fetch(request("POST", "sign-out"));
    expect(await response.text()).toContain('event: bye\ndata: {"reason":"signed-out"}');
    expect(backend.streams[0]?.unsubscribed).toBe(1);
  });
});
