import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ChaosProxy } from "../../support/chaos-proxy.ts";

let target: Server;
let proxy: ChaosProxy;
/** What the server has read, over all connections. */
let received: string;
let serverSide: Set<Socket>;
const clients = new Set<Socket>();

beforeEach(async () => {
  received = "";
  serverSide = new Set();
  target = createServer((socket) => {
    serverSide.add(socket);
    socket.on("close", () => serverSide.delete(socket));
    socket.on("error", () => undefined);
    // Echoes, so that one round trip proves both ways.
    socket.on("data", (bytes) => {
      received += bytes.toString();
      socket.write(bytes);
    });
  });
  target.listen(0, "127.0.0.1");
  await once(target, "listening");
  const address = target.address();
  proxy = await ChaosProxy.listen(typeof address === "object" && address !== null ? address.port : 0);
});

afterEach(async () => {
  for (const client of clients) client.destroy();
  clients.clear();
  await proxy.close();
  for (const socket of serverSide) socket.destroy();
  target.close();
});

interface Client {
  readonly socket: Socket;
  readonly heard: () => string;
  /** What happened to it, in order: `end` is a FIN, an error's code a RST. */
  readonly fate: string[];
}

async function open(): Promise<Client> {
  const socket = connect(proxy.port, "127.0.0.1");
  clients.add(socket);
  let heard = "";
  const fate: string[] = [];
  socket.on("data", (bytes) => {
    heard += bytes.toString();
  });
  socket.on("end", () => fate.push("end"));
  socket.on("error", (error: NodeJS.ErrnoException) => fate.push(error.code ?? error.message));
  socket.on("close", () => fate.push("close"));
  await once(socket, "connect");
  return { socket, heard: () => heard, fate };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate);
}

/** A round trip on a connection of its own: whatever was under way on the others has arrived by then, or never will. */
async function roundTrip(): Promise<void> {
  const client = await open();
  client.socket.write("trip;");
  await until(() => client.heard() === "trip;");
  client.socket.destroy();
}

test("what passes, passes both ways", async () => {
  const client = await open();
  client.socket.write("hello");
  await until(() => client.heard() === "hello");
  expect(proxy.connections).toBe(1);
});

test("a connection lost in a hole hears nothing, tells nothing and is not closed; a new one works", async () => {
  const client = await open();
  client.socket.write("before;");
  await until(() => client.heard() === "before;");
  proxy.loseOpen();
  client.socket.write("into the hole;");
  for (const socket of serverSide) socket.write("never heard");
  await roundTrip();
  expect(received).toBe("before;trip;");
  expect(client.heard()).toBe("before;");
  expect(client.fate).toEqual([]);
});

test("a hole swallows new connections too, and what fell into it stays in it", async () => {
  const old = await open();
  await until(() => serverSide.size === 1);
  proxy.mode = "hole";
  const young = await open();
  old.socket.write("a");
  young.socket.write("b");
  await until(() => proxy.connections === 2);
  for (const socket of serverSide) socket.end("lost with its FIN");
  // The bytes above are read by the proxy before it passes anything again.
  await new Promise(setImmediate);
  await until(() => serverSide.size === 1);
  proxy.loseOpen();
  proxy.mode = "pass";
  await roundTrip();
  expect(received).toBe("trip;");
  expect([old.heard(), young.heard(), old.fate, young.fate]).toEqual(["", "", [], []]);
});

test("refuse resets new connections and leaves open ones alone", async () => {
  const old = await open();
  await until(() => serverSide.size === 1);
  proxy.mode = "refuse";
  const refused = connect(proxy.port, "127.0.0.1");
  clients.add(refused);
  const [error] = (await once(refused, "error")) as [NodeJS.ErrnoException];
  expect(error.code).toBe("ECONNRESET");
  old.socket.write("still here");
  await until(() => old.heard() === "still here");
});

test("hang accepts and never answers", async () => {
  proxy.mode = "hang";
  const client = await open();
  client.socket.write("anybody?");
  proxy.mode = "pass";
  await roundTrip();
  expect(received).toBe("trip;");
  expect(client.fate).toEqual([]);
});

test("rst resets what is open, fin ends it in good order", async () => {
  const first = await open();
  await until(() => proxy.connections === 1);
  proxy.rst();
  await until(() => first.fate.includes("close"));
  expect(first.fate).toContain("ECONNRESET");
  const second = await open();
  await until(() => proxy.connections === 1);
  proxy.fin();
  await until(() => second.fate.includes("close"));
  expect(second.fate).toEqual(["end", "close"]);
});

test("a server that resets is seen as a reset, one that is gone too", async () => {
  const client = await open();
  client.socket.write("x");
  await until(() => client.heard() === "x");
  for (const socket of serverSide) socket.resetAndDestroy();
  await until(() => client.fate.includes("close"));
  expect(client.fate).toContain("ECONNRESET");
  target.close();
  const late = await open();
  await until(() => late.fate.includes("close"));
  expect(late.fate).toContain("ECONNRESET");
});

test("a delay keeps the order and holds back the end with it", async () => {
  proxy.delayMs = 20;
  const client = await open();
  await until(() => serverSide.size === 1);
  const begun = performance.now();
  for (const socket of serverSide) {
    socket.write("a");
    socket.write("b");
    socket.end("c");
  }
  await until(() => client.fate.includes("end"));
  expect(client.heard()).toBe("abc");
  expect(performance.now() - begun).toBeGreaterThanOrEqual(19);
});
