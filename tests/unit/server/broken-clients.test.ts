import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { startTestServer, type TestServer } from "../../support/test-server.ts";
import { sessionId, turnId } from "../../support/wire-samples.ts";

vi.setConfig({ testTimeout: 30_000 });

const SID = sessionId(1);
const TLS = join(import.meta.dirname, "../../support/tls");

async function expectAlive(server: TestServer, answer: () => Promise<number>): Promise<void> {
  await expect.poll(() => server.backend.openStreams()).toBe(0);
  expect(await answer()).toBe(200);
  expect(server.reports).toEqual([]);
}

test("clients that leave in the middle of anything leave nothing behind", async () => {
  const server = await startTestServer();
  await server.call("PUT", `/api/sessions/${SID}`);
  const whole = [
    `GET /api/sessions/${SID}/stream HTTP/1.1\r\nhost: localhost\r\n\r\n`,
    `POST /api/sessions/${SID}/turns HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 300\r\n\r\n{"id":`,
    "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n",
    "POST /sign-in HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\npass",
  ];
  const leave = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const socket = connect(server.port, "127.0.0.1", () =>
        socket.write(text, () => socket.resetAndDestroy()),
      );
      socket.on("error", () => undefined);
      socket.on("close", () => resolve());
    });
  const cuts = whole.flatMap((text) => [text, text.slice(0, text.length / 2), text.slice(0, -1)]);
  for (let round = 0; round < 5; round += 1) await Promise.all(cuts.map(leave));
  await expectAlive(server, async () => (await server.call("GET", "/api/health")).status);
  expect((await server.call("GET", `/api/sessions/${SID}/events`)).json?.["frames"]).toEqual([]);
});

test("HTTP/2 requests that are reset at once leave nothing behind", async () => {
  const server = await startTestServer({
    HOLDFAST_TLS_CERT: join(TLS, "test-cert.pem"),
    HOLDFAST_TLS_KEY: join(TLS, "test-key.pem"),
  });
  const session = connectHttp2(server.url, { ca: readFileSync(join(TLS, "test-cert.pem")) });
  const resets = Array.from({ length: 60 }, (_, index) => {
    const path =
      [`/api/sessions/${SID}/stream`, "/", "/api/sessions", `/api/sessions/${SID}/turns`][index % 4] ?? "/";
    const stream = session.request(
      { ":path": path, ":method": index % 4 === 3 ? "POST" : "GET" },
      { endStream: false },
    );
    stream.on("error", () => undefined);
    return new Promise((resolve) => {
      stream.on("close", resolve);
      // A body that never ends gets no answer.
      if (index % 8 < 4 || index % 4 === 3) stream.close(8);
      else stream.on("response", () => stream.close(8));
    });
  });
  await Promise.all(resets);
  await expectAlive(server, () => {
    const stream = session.request({ ":path": "/api/health" });
    stream.resume();
    return new Promise((resolve) => stream.on("response", (headers) => resolve(Number(headers[":status"]))));
  });
  session.destroy();
});

test("a reader that takes nothing is cut off, holds no memory meanwhile, and goes on by its cursor", async () => {
  const server = await startTestServer({}, { stalledReaderMs: 400 });
  await server.call("PUT", `/api/sessions/${SID}`);
  const socket = connect(server.port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.pause();
  socket.write(`GET /api/sessions/${SID}/stream HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  await expect.poll(() => server.backend.openStreams()).toBe(1);
  // More than every buffer on the way holds.
  const text = "x".repeat(1_000_000);
  for (let number = 1; number <= 12; number += 1) {
    await server.call("POST", `/api/sessions/${SID}/turns`, { id: turnId(number), text });
  }
  await expect.poll(() => server.backend.openStreams(), { timeout: 10_000 }).toBe(0);
  // Cut off, not just forgotten: what is still on the way comes, and then the end.
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.resume();
  await closed;
  const again = await server.stream(`/api/sessions/${SID}/stream`);
  await again.waitFor("everything", () => again.blocks.find((block) => block.event === "caught-up"), 15_000);
});

test.each([
  ["of all", { maxStreams: 2 }],
  ["of one client", { maxStreamsPerClient: 2 }],
])("streams beyond the limit %s are refused with how long to wait", async (_, limits) => {
  const server = await startTestServer({}, { limits });
  await server.call("PUT", `/api/sessions/${SID}`);
  const path = `/api/sessions/${SID}/stream`;
  const first = await server.stream(path);
  await server.stream(path);
  const third = await server.stream(path);
  await third.untilEnd();
  expect(third.blocks.at(-1)).toMatchObject({ event: "bye", data: '{"reason":"limit","retryMs":10000}' });
  await first.close();
  await expect.poll(() => server.backend.openStreams()).toBe(1);
  const fourth = await server.stream(path);
  await fourth.waitFor("hello", () => fourth.blocks.find((block) => block.event === "hello"));
});
