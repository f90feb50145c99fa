import { connect, type ClientHttp2Session } from "node:http2";
import { request } from "node:https";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { sessionId, turnId } from "../../support/wire-samples.ts";
import { startTestServer, type TestServer } from "../../support/test-server.ts";

// Real files, sockets and scrypt: a machine that is busy takes its time.
vi.setConfig({ testTimeout: 30_000 });

const TLS = join(import.meta.dirname, "../../support/tls");
const CERT = join(TLS, "test-cert.pem");
const ENVIRONMENT = { HOLDFAST_TLS_CERT: CERT, HOLDFAST_TLS_KEY: join(TLS, "test-key.pem") };
const ca = readFileSync(CERT);
const SID = sessionId(1);

function connectHttp2(server: TestServer): ClientHttp2Session {
  const session = connect(server.url, { ca });
  onTestFinished(() => session.destroy());
  return session;
}

interface Http2Answer {
  readonly headers: Record<string, unknown>;
  readonly text: string;
}

/** Reads until the answer ends, or until `enough` says so. */
function ask(
  session: ClientHttp2Session,
  headers: Record<string, string>,
  body?: string,
  enough?: (text: string) => boolean,
): Promise<Http2Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers);
    let answered: Record<string, unknown> = {};
    let text = "";
    const finish = (): void => resolve({ headers: answered, text });
    stream.on("response", (received) => (answered = { ...received }));
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (enough?.(text)) {
        finish();
        stream.close();
      }
    });
    stream.on("end", finish);
    stream.on("error", reject);
    stream.end(body);
  });
}

test("with a certificate there is HTTP/2 for the API, its bodies and its streams", async () => {
  const server = await startTestServer(ENVIRONMENT);
  expect(server.url).toBe(`https://127.0.0.1:${server.port}/`);
  const session = connectHttp2(server);
  const put = await ask(
    session,
    { ":method": "PUT", ":path": `/api/sessions/${SID}`, "content-type": "application/json" },
    '{"title":"Over HTTP/2"}',
  );
  expect([put.headers[":status"], JSON.parse(put.text)]).toMatchObject([201, { title: "Over HTTP/2" }]);
  const streams = Array.from({ length: 10 }, () =>
    ask(session, { ":path": `/api/sessions/${SID}/stream` }, undefined, (text) =>
      text.includes("event: caught-up"),
    ),
  );
  for (const stream of await Promise.all(streams)) {
    expect(stream.headers).toMatchObject({
      ":status": 200,
      "content-type": "text/event-stream; charset=utf-8",
    });
    expect(stream.text).toMatch(/^retry: 1000\n\nevent: hello\ndata: .*\n\nevent: caught-up/);
  }
  await expect.poll(() => server.backend.openStreams()).toBe(0);
});

test("HTTP/2 requests are guarded and refused like all others", async () => {
  const server = await startTestServer(ENVIRONMENT);
  const session = connectHttp2(server);
  const status = async (headers: Record<string, string>, body?: string) =>
    (await ask(session, headers, body)).headers[":status"];
  expect(await status({ ":path": "/api/health", ":authority": "evil.example" })).toBe(403);
  expect(
    await status({ ":method": "PUT", ":path": `/api/sessions/${SID}`, origin: "http://evil.example" }),
  ).toBe(403);
  expect(await status({ ":path": "/api/nope" })).toBe(404);
  expect(
    await status(
      { ":method": "PUT", ":path": `/api/sessions/${SID}`, "content-type": "application/json" },
      "{",
    ),
  ).toBe(400);
  expect(await status({ ":path": "/" })).toBe(200);
});

test("HTTP/1.1 is there beside it, and the cookie is bound to the host", async () => {
  const server = await startTestServer({ ...ENVIRONMENT, HOLDFAST_PASSWORD: "open sesame" });
  const answer = await new Promise<{ version: string; status: number | undefined; cookie: string }>(
    (resolve, reject) => {
      const options = {
        ca,
        method: "POST",
        headers: { "content-type": "application/json" },
        ALPNProtocols: ["http/1.1"],
      };
      const sent = request(`${server.url}api/sign-in`, options, (response) => {
        response.resume();
        resolve({
          version: response.httpVersion,
          status: response.statusCode,
          cookie: String(response.headers["set-cookie"]?.[0]),
        });
      });
      sent.on("error", reject);
      sent.end('{"password":"open sesame"}');
    },
  );
  expect([answer.version, answer.status]).toEqual(["1.1", 204]);
  expect(answer.cookie).toMatch(/^__Host-holdfast=.*; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
});

test("a certificate that can't be read, is none, or has another key, is named before the port is taken", async () => {
  const start = (environment: Record<string, string>) => startTestServer({ ...ENVIRONMENT, ...environment });
  await expect(start({ HOLDFAST_TLS_CERT: "/nowhere.pem" })).rejects.toThrow(
    /^HOLDFAST_TLS_CERT="\/nowhere.pem" can't be read \(ENOENT\)/,
  );
  await expect(start({ HOLDFAST_TLS_KEY: join(TLS, "other-key.pem") })).rejects.toThrow(
    /can't be used together/,
  );
  await expect(start({ HOLDFAST_TLS_CERT: import.meta.filename })).rejects.toThrow(/PEM/);
});

test("a shutdown ends HTTP/2 connections too", async () => {
  const server = await startTestServer(ENVIRONMENT);
  const session = connectHttp2(server);
  await server.backend.createSession(SID, {});
  const stream = ask(session, { ":path": `/api/sessions/${SID}/stream` });
  await expect.poll(() => server.backend.openStreams()).toBe(1);
  const closed = new Promise((resolve) => session.once("close", resolve));
  await server.close();
  expect((await stream).text).toContain('event: bye\ndata: {"reason":"draining"');
  await closed;
});

test("while a large answer is on its way to a slow client, the other requests of its connection are answered", async () => {
  const server = await startTestServer(ENVIRONMENT);
  await server.backend.createSession(SID, {});
  const attachments = [{ name: "p", mediaType: "image/png", data: "AAAA".repeat(1_400_000) }];
  for (const number of [1, 2]) {
    const body = { id: turnId(number), text: "look", mode: "parallel", attachments } as const;
    expect((await server.backend.sendTurn(SID, body)).ok).toBe(true);
  }
  const session = connectHttp2(server);
  const slow = session.request({ ":path": `/api/sessions/${SID}` });
  slow.pause();
  await new Promise((resolve) => slow.once("response", resolve));
  const health = await ask(session, { ":path": "/api/health" });
  expect(health.headers[":status"]).toBe(200);
  slow.destroy();
});
