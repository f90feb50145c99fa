import { expect, test } from "vitest";
import { createApiClient, READ_LIMIT_MS, SEND_LIMIT_MS } from "../../../src/api/api-client.ts";
import { problem, type ProblemCode } from "../../../src/protocol/problems.ts";
import { PROTOCOL_VERSION, SERVER_NAME } from "../../../src/protocol/version.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { approvalId, sessionId, turnId } from "../../support/wire-samples.ts";
import { turnsAt } from "../persistence/model-log.ts";
import { E1, summary } from "../persistence/stored-samples.ts";

const SID = sessionId(1);
const TID = turnId(1);

interface Asked {
  readonly url: string;
  readonly init: RequestInit;
}

/** Answers every request with `answer`, and remembers what was asked. */
function clientOf(answer: (asked: Asked) => Response | Promise<Response>) {
  const asked: Asked[] = [];
  const clock = createManualClock();
  const api = createApiClient(clock, async (url, init) => {
    asked.push({ url, init });
    return answer({ url, init });
  });
  return { api, asked, clock };
}

const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });
const refusal = (code: ProblemCode): Response => {
  const body = problem(code, "Do this.");
  return new Response(JSON.stringify(body), {
    status: body.status,
    headers: { "content-type": "application/problem+json" },
  });
};
const page = (status = 200): Response =>
  new Response("<html>Welcome to the hotel</html>", {
    status,
    headers: { "content-type": "text/html; charset=utf-8" },
  });
const header = (asked: Asked | undefined, name: string): string | null =>
  new Headers(asked?.init.headers).get(name);

const send = { id: TID, text: "hello", mode: "queue" as const };
const health = { name: SERVER_NAME, version: "0.1.0", protocol: PROTOCOL_VERSION };
const list = { sessions: [summary()], hasMore: false };

test("every request of the wire goes where it should, as it should", async () => {
  const { api, asked } = clientOf(() => new Response(null, { status: 204 }));
  await api.sendTurn(SID, send);
  await api.editTurn(SID, TID, { text: "b" });
  await api.withdrawTurn(SID, TID);
  await api.stopTurn(SID, TID);
  await api.resolveApproval(SID, approvalId("a/1"), "yes");
  await api.deleteSession(SID);
  await api.createSession(SID, { title: "T" });
  await api.updateSession(SID, { pinned: true });
  await api.snapshot(SID, { turns: 5, before: TID });
  await api.events(SID, { epoch: E1, seq: 7 }, 100);
  await api.signIn("secret");
  await api.signOut();
  const base = `/api/sessions/${SID}`;
  expect(asked.map(({ url, init }) => [init.method, url, init.body])).toEqual([
    ["POST", `${base}/turns`, JSON.stringify(send)],
    ["PATCH", `${base}/turns/${TID}`, '{"text":"b"}'],
    ["DELETE", `${base}/turns/${TID}`, undefined],
    ["POST", `${base}/turns/${TID}/stop`, undefined],
    ["POST", `${base}/approvals/a%2F1`, '{"option":"yes"}'],
    ["DELETE", base, undefined],
    ["PUT", base, '{"title":"T"}'],
    ["PATCH", base, '{"pinned":true}'],
    ["GET", `${base}?turns=5&before=${TID}`, undefined],
    ["GET", `${base}/events?after=e1.7&limit=100`, undefined],
    ["POST", "/api/sign-in", '{"password":"secret"}'],
    ["POST", "/api/sign-out", undefined],
  ]);
  expect(asked.every(({ init }) => init.redirect === "error" && init.keepalive === false)).toBe(true);
  expect(asked.map((one) => header(one, "content-type") !== null)).toEqual(
    asked.map(({ init }) => init.body !== undefined),
  );
});

test("answers are parsed with the schemas of the protocol", async () => {
  const snapshot = {
    session: summary(),
    cursor: { epoch: E1, seq: 3 },
    turns: [...turnsAt(E1, 13)],
    hasMore: true,
  };
  expect(await clientOf(() => json({ ...snapshot, cursor: "e1.3", extra: 1 })).api.snapshot(SID)).toEqual({
    ok: true,
    value: snapshot,
  });
  expect(await clientOf(() => json({ ...snapshot, cursor: "three" })).api.snapshot(SID)).toMatchObject({
    ok: false,
    error: { kind: "unreachable" },
  });
});

test("a page of the log is parsed frame by frame, and one that can't be read says where", async () => {
  const at = 1;
  const frame = {
    from: 4,
    seq: 5,
    events: [
      { type: "turn-withdrawn", at, turn: TID },
      { type: "later", at },
    ],
  };
  const body = { frames: [frame], cursor: "e1.5", hasMore: true };
  expect(await clientOf(() => json(body)).api.events(SID, undefined)).toEqual({
    ok: true,
    value: {
      frames: [{ from: 4, seq: 5, events: [frame.events[0], { type: "unknown", raw: frame.events[1] }] }],
      cursor: { epoch: E1, seq: 5 },
      hasMore: true,
    },
  });
  for (const broken of [
    { ...body, cursor: "five" },
    { ...body, frames: [{ ...frame, from: 9 }] },
    { ...body, frames: [{ ...frame, events: [{ type: "turn-ended", at }] }] },
    { ...body, hasMore: "yes" },
  ]) {
    const answer = await clientOf(() => json(broken)).api.events(SID, undefined);
    expect(answer).toMatchObject({ ok: false, error: { kind: "unreachable", isUnreadable: true } });
  }
});

test("sends are done whether the server has something to say or not", async () => {
  for (const status of [200, 202]) {
    expect(await clientOf(() => json({}, status)).api.sendTurn(SID, send)).toEqual({
      ok: true,
      value: undefined,
    });
  }
  const empty = clientOf(() => new Response(null, { status: 202 }));
  expect(await empty.api.sendTurn(SID, send)).toEqual({ ok: true, value: undefined });
});

test.each([
  "session-deleted",
  "turn-conflict",
  "bad-request",
  "draining",
  "wrong-password",
  "storage-full",
] as const)("a refusal %s is handed on in the server's own words", async (code) => {
  expect(await clientOf(() => refusal(code)).api.sendTurn(SID, send)).toEqual({
    ok: false,
    error: { kind: "problem", problem: problem(code, "Do this.") },
  });
});

test("401 is signed out, whoever says it", async () => {
  for (const answer of [
    () => refusal("not-signed-in"),
    () => page(401),
    () => new Response(null, { status: 401 }),
  ]) {
    expect(await clientOf(answer).api.sendTurn(SID, send)).toEqual({
      ok: false,
      error: { kind: "signed-out" },
    });
  }
});

test.each([
  ["a captive portal's page for a question", page()],
  ["a page with a redirect's status", page(302)],
  ["a proxy's 502", page(502)],
  ["a 503 without words", new Response(null, { status: 503 })],
  ["text that isn't JSON", new Response("ok", { headers: { "content-type": "application/json" } })],
  ["an empty 200", new Response(null)],
])("%s tells nothing of the server: unreachable", async (_, answer) => {
  expect(await clientOf(() => answer.clone()).api.agents()).toMatchObject({
    ok: false,
    error: { kind: "unreachable" },
  });
});

test("a captive portal's page for a send is not taken for done", async () => {
  expect(await clientOf(() => page()).api.sendTurn(SID, send)).toMatchObject({
    ok: false,
    error: { kind: "unreachable" },
  });
  // A page that passes, which asking again may: it says nothing of what the server has.
  const log = await clientOf(() => page()).api.events(SID, undefined);
  expect(log.ok ? undefined : log.error).not.toHaveProperty("isUnreadable");
});

test("a proxy's 413 is a refusal for good, not a lost connection", async () => {
  expect(await clientOf(() => page(413)).api.sendTurn(SID, send)).toMatchObject({
    ok: false,
    error: { kind: "problem", problem: { code: "body-too-large" } },
  });
});

test("a refusal with a code of a newer server is judged by its status", async () => {
  const answer = (status: number) => () =>
    new Response(JSON.stringify({ status, code: "too-sunny", detail: "Close the curtains." }), {
      status,
      headers: { "content-type": "application/problem+json" },
    });
  expect(await clientOf(answer(422)).api.sendTurn(SID, send)).toMatchObject({
    error: { problem: { code: "bad-request", detail: "Close the curtains." } },
  });
  expect(await clientOf(answer(500)).api.sendTurn(SID, send)).toMatchObject({
    error: { problem: { code: "internal" } },
  });
});

test("no network is unreachable, in words", async () => {
  const { api } = clientOf(() => {
    throw new TypeError("Failed to fetch");
  });
  expect(await api.listSessions()).toEqual({
    ok: false,
    error: { kind: "unreachable", message: "The server can't be reached (Failed to fetch)." },
  });
});

test.each([
  ["a question", READ_LIMIT_MS, "GET"],
  ["a send", SEND_LIMIT_MS, "POST"],
] as const)("%s is given up after its time limit", async (_, limitMs, method) => {
  const { api, clock } = clientOf(
    ({ init }) =>
      new Promise((_resolve, reject) => {
        init.signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
      }),
  );
  const answer = method === "GET" ? api.agents() : api.sendTurn(SID, send);
  let isOver = false;
  void answer.finally(() => {
    isOver = true;
  });
  clock.advance(limitMs - 1);
  await Promise.resolve();
  expect(isOver).toBe(false);
  clock.advance(1);
  expect(await answer).toMatchObject({ ok: false, error: { kind: "unreachable" } });
});

test("the time limit holds for the body too, and no timer is left behind", async () => {
  const { api, clock } = clientOf(({ init }) => {
    const body = new ReadableStream({
      start(controller) {
        init.signal?.addEventListener("abort", () =>
          controller.error(new DOMException("aborted", "AbortError")),
        );
      },
    });
    return new Response(body, { headers: { "content-type": "application/json" } });
  });
  const answer = api.agents();
  await new Promise(setImmediate);
  clock.advance(READ_LIMIT_MS);
  expect(await answer).toMatchObject({ ok: false, error: { kind: "unreachable" } });
  expect(clock.pending()).toBe(0);
});

/** The first `count` requests hang, as on a connection that died without a word; later ones are answered. */
function hanging(count: number) {
  const client = clientOf(({ init }) => {
    if (client.asked.length > count) return new Response(null, { status: 204 });
    return new Promise<Response>((_resolve, reject) => {
      init.signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    });
  });
  return client;
}

test("what hangs when the line lives again is asked once more, with the same words", async () => {
  const { api, asked, clock } = hanging(1);
  const answer = api.sendTurn(SID, send);
  await new Promise(setImmediate);
  api.askAgain();
  expect(await answer).toEqual({ ok: true, value: undefined });
  expect(asked).toHaveLength(2);
  expect(asked[1]?.url).toBe(asked[0]?.url);
  expect(asked[1]?.init.body).toBe(asked[0]?.init.body);
  expect(clock.pending()).toBe(0);
});

test("once, and within its time limit", async () => {
  const { api, asked, clock } = hanging(9);
  const answer = api.sendTurn(SID, send);
  await new Promise(setImmediate);
  clock.advance(5_000);
  api.askAgain();
  await new Promise(setImmediate);
  api.askAgain();
  await new Promise(setImmediate);
  expect(asked).toHaveLength(2);
  clock.advance(SEND_LIMIT_MS - 5_000);
  expect(await answer).toMatchObject({ ok: false, error: { kind: "unreachable" } });
  expect(clock.pending()).toBe(0);
});

test("what the server must not hear twice is left to its time limit", async () => {
  const { api, asked, clock } = hanging(1);
  const answer = api.withdrawTurn(SID, TID);
  await new Promise(setImmediate);
  api.askAgain();
  await new Promise(setImmediate);
  expect(asked).toHaveLength(1);
  clock.advance(SEND_LIMIT_MS);
  expect(await answer).toMatchObject({ ok: false, error: { kind: "unreachable" } });
});

test("an unchanged list costs nothing, and is asked for in full after a failure", async () => {
  const answers = [
    json(list, 200, { etag: '"1"' }),
    new Response(null, { status: 304 }),
    page(502),
    json(list, 200, { etag: '"2"' }),
  ];
  const { api, asked } = clientOf(() => answers.shift() ?? page(500));
  expect(await api.listSessions()).toEqual({ ok: true, value: list });
  expect(await api.listSessions()).toEqual({ ok: true, value: "unchanged" });
  expect(await api.listSessions()).toMatchObject({ ok: false });
  expect(await api.listSessions()).toEqual({ ok: true, value: list });
  expect(asked.map((one) => header(one, "if-none-match"))).toEqual([null, '"1"', '"1"', null]);
  expect(asked.every(({ init }) => init.cache === "no-store")).toBe(true);
});

test("the list of one sign-in is not compared with that of another", async () => {
  const { api, asked } = clientOf(({ init }) =>
    init.method === "POST" ? new Response(null, { status: 204 }) : json(list, 200, { etag: '"1"' }),
  );
  await api.listSessions();
  await api.signOut();
  await api.listSessions();
  expect(header(asked[2], "if-none-match")).toBeNull();
});

test.each([
  ["the server", health, { ok: true, value: undefined }],
  ["the server, signed in", { ...health, auth: "signed-in" }, { ok: true, value: undefined }],
  ["the server, signed out", { ...health, auth: "signed-out" }, { ok: false, error: { kind: "signed-out" } }],
  [
    "a server of another major version",
    { ...health, protocol: "99.0" },
    { ok: false, error: { kind: "update-needed", version: "99.0" } },
  ],
])("the probe knows %s", async (_, body, answer) => {
  expect(await clientOf(() => json(body)).api.probe()).toEqual(answer);
});

test("the probe is not fooled by another app or a captive portal", async () => {
  for (const answer of [
    () => json({ ...health, name: "router" }),
    () => page(),
    () => json({ status: "up" }),
  ]) {
    expect(await clientOf(answer).api.probe()).toMatchObject({ ok: false, error: { kind: "unreachable" } });
  }
});
