import { connect } from "node:net";
import { expect, test, vi } from "vitest";
import { sessionId, turnId } from "../../support/wire-samples.ts";
import { rawRequest, startTestServer, type RawRequest } from "../../support/test-server.ts";

// Real files, sockets and scrypt: a machine that is busy takes its time.
vi.setConfig({ testTimeout: 30_000 });

const SID = sessionId(1);
const TID = turnId(1);
const JSON_TYPE = { "content-type": "application/json" };

function send(body: unknown, headers: Record<string, string> = JSON_TYPE): RawRequest {
  return {
    method: "POST",
    path: `/api/sessions/${SID}/turns`,
    headers,
    body: typeof body === "string" ? body : JSON.stringify(body),
  };
}

/** What is wrong, the request, the status and the field that must be named. */
const MALFORMED: readonly [string, RawRequest, number, (string | undefined)?][] = [
  ["no JSON", send("{"), 400],
  ["a list", send("[]"), 400, "id"],
  ["a number", send("5"), 400],
  ["null", send("null"), 400],
  ["an empty body", send(""), 400, "id"],
  ["no UTF-8", { ...send(""), body: Buffer.from([0x22, 0xff, 0xfe, 0x22]) }, 400],
  ["no id", send({ text: "x" }), 400, "id"],
  ["a bad id", send({ id: "../etc/passwd", text: "x" }), 400, "id"],
  ["an id in upper case", send({ id: TID.toUpperCase().replace("0", "A"), text: "x" }), 400, "id"],
  ["a number as text", send({ id: TID, text: 5 }), 400, "text"],
  ["no text", send({ id: TID }), 400, "text"],
  ["white space as text", send({ id: TID, text: " \n" }), 400, "text"],
  ["text over 1 MiB", send({ id: TID, text: "x".repeat(1_048_577) }), 400, "text"],
  ["an unknown mode", send({ id: TID, text: "x", mode: "now" }), 400, "mode"],
  ["a bad reference", send({ id: TID, text: "x", replaces: "y" }), 400, "replaces"],
  ["a bad attachment", send({ id: TID, text: "x", attachments: [{ name: "" }] }), 400, "attachments.0.name"],
  ["attachments that are none", send({ id: TID, text: "x", attachments: {} }), 400, "attachments"],
  ["a body over the limit", send(`"${"x".repeat(8 * 1_048_576)}"`), 413],
  ["a form", send("id=1", { "content-type": "application/x-www-form-urlencoded" }), 415],
  ["no content type", send({ id: TID, text: "x" }, {}), 415],
  ["a compressed body", send({ id: TID, text: "x" }, { ...JSON_TYPE, "content-encoding": "gzip" }), 415],
  ["a bad session id", { method: "GET", path: "/api/sessions/nope" }, 400, "sid"],
  ["a session id that climbs", { method: "GET", path: "/api/sessions/..%2f..%2fetc" }, 400, "sid"],
  ["a broken escape", { method: "GET", path: "/api/sessions/%zz" }, 400, "sid"],
  ["a bad turn id", { method: "POST", path: `/api/sessions/${SID}/turns/nope/stop` }, 400, "tid"],
  [
    "a bad approval id",
    {
      method: "POST",
      path: `/api/sessions/${SID}/approvals/a%20b`,
      headers: JSON_TYPE,
      body: '{"option":"x"}',
    },
    400,
    "aid",
  ],
  [
    "an empty option",
    { method: "POST", path: `/api/sessions/${SID}/approvals/a`, headers: JSON_TYPE, body: '{"option":""}' },
    400,
    "option",
  ],
  ["a limit of nothing", { method: "GET", path: "/api/sessions?limit=0" }, 400, "limit"],
  [
    "a limit that is no number",
    { method: "GET", path: `/api/sessions/${SID}/events?limit=1e3` },
    400,
    "limit",
  ],
  ["turns below nothing", { method: "GET", path: `/api/sessions/${SID}?turns=-1` }, 400, "turns"],
  ["a bad page mark", { method: "GET", path: "/api/sessions?before=x" }, 400, "before"],
  ["a bad cursor", { method: "GET", path: `/api/sessions/${SID}/events?after=x.-1` }, 409],
  [
    "a long title",
    {
      method: "PUT",
      path: `/api/sessions/${SID}`,
      headers: JSON_TYPE,
      body: JSON.stringify({ title: "x".repeat(201) }),
    },
    400,
    "title",
  ],
  [
    "a change of nothing",
    { method: "PATCH", path: `/api/sessions/${SID}`, headers: JSON_TYPE, body: "{}" },
    400,
  ],
  [
    "a pin that is no boolean",
    { method: "PATCH", path: `/api/sessions/${SID}`, headers: JSON_TYPE, body: '{"pinned":"yes"}' },
    400,
    "pinned",
  ],
  ["an unknown address", { method: "GET", path: "/api/nope" }, 404],
  ["the API itself", { method: "GET", path: "/api" }, 404],
  ["a method the address doesn't take", { method: "DELETE", path: "/api/health" }, 405],
  ["a stream that is posted to", { method: "POST", path: `/api/sessions/${SID}/stream` }, 405],
  ["a page that is posted to", { method: "POST", path: "/" }, 405],
  ["a missing file", { method: "GET", path: "/assets/gone-000000.js" }, 404],
  ["a file by its climbing path", { method: "GET", path: "/../package.json" }, 404],
  ["a file by its escaped path", { method: "GET", path: "/..%2fpackage.json" }, 404],
  ["another host", { method: "GET", path: "/api/health", headers: { host: "evil.example" } }, 403],
  ["another host's page", { method: "GET", path: "/", headers: { host: "evil.example" } }, 403],
  [
    "another site's script",
    { ...send({ id: TID, text: "x" }), headers: { ...JSON_TYPE, origin: "http://evil.example" } },
    403,
  ],
];

test("whatever is malformed is refused in words, names its field, and leaves nothing in the log", async () => {
  const server = await startTestServer();
  await server.call("PUT", `/api/sessions/${SID}`);
  const before = await server.call("GET", `/api/sessions/${SID}/events`);
  for (const [what, request, status, field] of MALFORMED) {
    const answer = await rawRequest(server.port, request);
    expect([what, answer.status, answer.json?.["field"]]).toEqual([what, status, field]);
    expect(answer.headers["content-type"], what).toBe("application/problem+json; charset=utf-8");
    expect(answer.json, what).toMatchObject({ status, type: "about:blank" });
    expect(answer.json?.["detail"], what).toMatch(/^.{8,}/);
    expect(answer.text, what).not.toMatch(/\bat .*:\d+|node_modules|\.ts\b/);
    expect(answer.text, what).not.toContain(process.cwd());
  }
  const after = await server.call("GET", `/api/sessions/${SID}/events`);
  expect(after.json).toEqual(before.json);
  expect(server.reports).toEqual([]);
});

test("a body too large is refused before it has come, and the answer arrives", async () => {
  const server = await startTestServer({}, { limits: { maxBodyBytes: 1_000 } });
  const answer = await server.call("PUT", `/api/sessions/${SID}`, { title: "x".repeat(5_000_000) });
  expect(answer.status).toBe(413);
});

test("a request refused before its body has come keeps its connection: ending it would reset the answer away", async () => {
  const server = await startTestServer({}, { limits: { maxBodyBytes: 1_000 } });
  const headers = { ...JSON_TYPE, connection: "keep-alive" };
  const body = JSON.stringify({ title: "x".repeat(5_000_000) });
  const answer = await rawRequest(server.port, {
    method: "PUT",
    path: `/api/sessions/${SID}`,
    headers,
    body,
  });
  expect(answer.headers.connection).toBe("keep-alive");
});

test("a body too large without a declared length is refused as well", async () => {
  const server = await startTestServer({}, { limits: { maxBodyBytes: 1_000 } });
  const headers = { ...JSON_TYPE, "transfer-encoding": "chunked" };
  const answer = await rawRequest(server.port, {
    method: "PUT",
    path: `/api/sessions/${SID}`,
    headers,
    body: "x".repeat(500_000),
  });
  expect(answer.status).toBe(413);
});

/** What comes back on a bare connection until it is closed. */
function converse(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.on("data", (chunk) => (received += chunk.toString()));
    socket.on("close", () => resolve(received));
    socket.on("error", reject);
  });
}

test.each([
  ["no HTTP at all", "NONSENSE\r\n\r\n", "400 Bad Request"],
  ["a request without a host", "GET / HTTP/1.1\r\n\r\n", "400 Bad Request"],
  ["endless headers", `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${"x".repeat(20_000)}\r\n\r\n`, "431 "],
])("%s gets an answer and the end", async (_, text, status) => {
  const server = await startTestServer();
  expect(await converse(server.port, text)).toMatch(new RegExp(`^HTTP/1.1 ${status}`));
});

test("a method that is not taken is told which are", async () => {
  const server = await startTestServer();
  expect((await server.call("POST", "/api/sessions")).headers.allow).toBe("GET, HEAD");
  expect((await server.call("POST", `/api/sessions/${SID}`)).headers.allow).toBe(
    "PUT, PATCH, DELETE, GET, HEAD",
  );
});

test("every answer carries the safe headers", async () => {
  const server = await startTestServer();
  const answers = [
    await server.call("GET", "/"),
    await server.call("GET", "/api/health"),
    await server.call("GET", "/api/nope"),
    await server.call("GET", "/api/health", undefined, { host: "evil.example" }),
  ];
  for (const { headers } of answers) {
    expect(headers["content-security-policy"]).toContain("default-src 'self'");
    expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect(headers["content-security-policy"]).not.toContain("unsafe");
    expect(headers["content-security-policy"]).toContain("require-trusted-types-for 'script'");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["cross-origin-opener-policy"]).toBe("same-origin");
    expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    expect(headers["x-powered-by"]).toBeUndefined();
  }
});

test("no connection is left idle for a browser to put a stream on when it has died unnoticed", async () => {
  const server = await startTestServer();
  for (const [method, path, body] of [
    ["GET", "/api/health", undefined],
    ["GET", "/api/sessions", undefined],
    ["PUT", `/api/sessions/${SID}`, "{}"],
    ["GET", "/", undefined],
  ] as const) {
    // Node's own client asks to keep the connection, as a browser does.
    const headers = { ...JSON_TYPE, connection: "keep-alive" };
    const answer = await rawRequest(server.port, { method, path, headers, body });
    expect(answer.headers.connection, path).toBe("close");
  }
});

test("a bug is answered with no word of where it is, and reported", async () => {
  const server = await startTestServer(
    {},
    {
      wrapStore: (store) => ({
        ...store,
        read: () => Promise.reject(new Error("secret detail at /srv/secret/x.ts:1:1")),
      }),
    },
  );
  await server.call("PUT", `/api/sessions/${SID}`);
  await server.call("POST", `/api/sessions/${SID}/turns`, { id: TID, text: "hello" });
  await expect.poll(async () => (await server.call("GET", `/api/sessions/${SID}/events`)).status).toBe(500);
  const answer = await server.call("GET", `/api/sessions/${SID}/events`);
  expect(answer.json).toMatchObject({ code: "internal" });
  expect(answer.text).not.toMatch(/secret|srv/);
  expect(server.reports.join("\n")).toContain("secret detail");
});

test("lists and snapshots are answered 304 while nothing has changed, and in full once it has", async () => {
  const server = await startTestServer();
  await server.call("PUT", `/api/sessions/${SID}`);
  for (const path of ["/api/sessions", `/api/sessions/${SID}`]) {
    const first = await server.call("GET", path);
    const etag = String(first.headers.etag);
    expect(etag).toMatch(/^W\/"/);
    const again = await server.call("GET", path, undefined, { "if-none-match": `"other", ${etag}` });
    expect([again.status, again.text]).toEqual([304, ""]);
    await server.call("PATCH", `/api/sessions/${SID}`, { title: `after ${path}` });
    expect((await server.call("GET", path, undefined, { "if-none-match": etag })).status).toBe(200);
  }
});

test("long JSON is compressed for who takes it", async () => {
  const server = await startTestServer();
  for (let number = 1; number <= 20; number += 1)
    await server.call("PUT", `/api/sessions/${sessionId(number)}`);
  const plain = await server.call("GET", "/api/sessions");
  expect(plain.headers["content-encoding"]).toBeUndefined();
  const response = await fetch(`${server.url}api/sessions`, { headers: { "accept-encoding": "gzip" } });
  expect(response.headers.get("content-encoding")).toBe("gzip");
  expect(await response.json()).toEqual(plain.json);
});
