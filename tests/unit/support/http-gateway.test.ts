import { once } from "node:events";
import { createServer, get, type IncomingMessage, type Server } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { answerWith, isStream } from "../../support/gateway-rules.ts";
import { HttpGateway } from "../../support/http-gateway.ts";

const EVENTS = "id: e.1\ndata: {}\n\nid: e.2\ndata: {}\n\n";

let server: Server;
let gateway: HttpGateway;
let served: { method: string; url: string; body: string; cookie: string | undefined }[];

beforeEach(async () => {
  served = [];
  server = createServer((request, response) => {
    const { method = "", url: asked = "", headers } = request;
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      served.push({ method, url: asked, body, cookie: headers.cookie });
      response.setHeader("x-own", "kept");
      response.end(asked.includes("/stream") ? EVENTS : `did ${body}`);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  gateway = await HttpGateway.listen(address.port);
});

afterEach(async () => {
  await gateway.close();
  server.closeAllConnections();
  server.close();
});

function url(path: string): string {
  return `http://127.0.0.1:${gateway.port}${path}`;
}

/** Reads until the connection ends, however it does. */
function read(path: string): Promise<{ text: string; isWhole: boolean }> {
  return new Promise((resolve) => {
    let text = "";
    const broken = (): void => resolve({ text, isWhole: false });
    get(url(path), { agent: false }, (answer) => {
      answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
      answer.on("end", () => resolve({ text, isWhole: answer.complete }));
      answer.on("error", broken);
    }).on("error", broken);
  });
}

test("what no rule takes passes both ways, and is written down", async () => {
  const answer = await fetch(url("/api/x?a=1"), { method: "POST", body: "ü" });
  expect(answer.headers.get("x-own")).toBe("kept");
  expect(await answer.text()).toBe("did ü");
  expect(served).toMatchObject([{ method: "POST", url: "/api/x?a=1", body: "ü" }]);
  expect(gateway.requests).toMatchObject([{ method: "POST", path: "/api/x", status: 200, isRuled: false }]);
});

test("a rule takes as many requests as it says; the one added last goes first; its end ends it", async () => {
  const end = gateway.rule({ when: () => true, action: answerWith(502) });
  gateway.rule({ when: isStream, times: 1, action: answerWith(503, "text/html", "<p>busy") });
  const first = await fetch(url("/api/s/stream"));
  expect([first.status, first.headers.get("content-type"), await first.text()]).toEqual([
    503,
    "text/html",
    "<p>busy",
  ]);
  expect((await fetch(url("/api/s/stream"))).status).toBe(502);
  end();
  expect((await fetch(url("/api/s/stream"))).status).toBe(200);
  expect(gateway.count(isStream)).toBe(3);
  expect(served).toHaveLength(1);
});

test("path, query and headers can be changed on the way to the server", async () => {
  gateway.rule({ when: isStream, rewrite: (to) => to.searchParams.delete("after"), without: ["cookie"] });
  await fetch(url("/api/s/stream?after=e.5"), { headers: { cookie: "a=b" } });
  expect(served).toMatchObject([{ url: "/api/s/stream", cookie: undefined }]);
  expect(gateway.requests[0]?.query.get("after")).toBe("e.5");
});

test("a body is cut in the middle of an event, by FIN, by RST, or in good order", async () => {
  for (const how of ["fin", "rst", "end"] as const) {
    gateway.rule({
      when: isStream,
      times: 1,
      // 18 bytes are the first event exactly: a cut there would be no cut.
      action: { kind: "shape", shape: { kind: "cut", afterBytes: 18, how } },
    });
    // oxlint-disable-next-line no-await-in-loop -- one after the other: each rule takes one request
    const { text, isWhole } = await read("/api/s/stream");
    // A reset may take what was on its way along.
    if (how === "rst") expect(EVENTS.slice(0, 20).startsWith(text), how).toBe(true);
    else expect(text, how).toBe(EVENTS.slice(0, 20));
    expect(isWhole, how).toBe(how === "end");
  }
});

test("held bytes come in one burst", async () => {
  let release = (): void => undefined;
  const until = new Promise<void>((resolve) => (release = resolve));
  gateway.rule({ when: isStream, action: { kind: "shape", shape: { kind: "hold", until } } });
  const request = get(url("/api/s/stream"), { agent: false });
  const [answer] = (await once(request, "response")) as [IncomingMessage];
  const chunks: string[] = [];
  answer.on("data", (chunk: Buffer) => chunks.push(chunk.toString()));
  expect(chunks).toEqual([]);
  release();
  await once(answer, "end");
  expect(chunks.join("")).toBe(EVENTS);
});

test("a trickle splits characters and lines and loses nothing", async () => {
  gateway.rule({
    when: () => true,
    action: { kind: "shape", shape: { kind: "trickle", bytes: 1, everyMs: 1 } },
  });
  const answer = await fetch(url("/api/x"), { method: "POST", body: "ü 🙂" });
  expect(await answer.text()).toBe("did ü 🙂");
});

test("the server does what is asked, and only its answer is lost", async () => {
  gateway.rule({ when: ({ method }) => method === "POST", times: 1, action: { kind: "lose-answer" } });
  await expect(fetch(url("/api/x"), { method: "POST", body: "once" })).rejects.toThrow();
  expect(served).toMatchObject([{ body: "once" }]);
});

test("headers without a body, and a request that is never answered", async () => {
  gateway.rule({ when: isStream, times: 1, action: { kind: "headers-only" } });
  const open = await fetch(url("/api/s/stream"), { signal: AbortSignal.timeout(5_000) });
  expect(open.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  await open.body?.cancel();
  gateway.rule({ when: isStream, times: 1, action: { kind: "no-headers" } });
  await expect(fetch(url("/api/s/stream"), { signal: AbortSignal.timeout(200) })).rejects.toThrow();
  expect(served).toEqual([]);
});

test("a server that is gone looks like a reset, and so does a request that is to be reset", async () => {
  gateway.rule({ when: () => true, times: 1, action: { kind: "reset" } });
  await expect(fetch(url("/api/x"))).rejects.toThrow();
  expect(served).toEqual([]);
  server.close();
  server.closeAllConnections();
  await expect(fetch(url("/api/x"))).rejects.toThrow();
});
