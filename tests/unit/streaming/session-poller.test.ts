import { expect, it } from "vitest";
import { err, ok, type Result } from "../../../src/protocol/result.ts";
import type { SessionId } from "../../../src/protocol/ids.ts";
import type { SessionList, SessionSummary } from "../../../src/protocol/snapshot.ts";
import type { ApiFailure } from "../../../src/streaming/ports.ts";
import { createSessionPoller, type SessionPollerOptions } from "../../../src/streaming/session-poller.ts";
import { createCountingRandom } from "../../support/core-harness.ts";
import { createDeferred, createFakeApi, unreachable } from "../../support/fake-api.ts";
import { createFakePage } from "../../support/fake-page.ts";
import { createMemoryConversationStore } from "../../support/memory-conversation-store.ts";
import { sampleSummary, session } from "../../support/streaming-samples.ts";
import { createVirtualClock } from "../../support/virtual-clock.ts";

const A = session(1);
const B = session(2);

function setUp(rows: readonly SessionSummary[] = [], options: Partial<SessionPollerOptions> = {}) {
  const clock = createVirtualClock();
  const page = createFakePage();
  const api = createFakeApi();
  const store = createMemoryConversationStore();
  const answer = (sessions: readonly SessionSummary[], hasMore = false): void => {
    api.answer({ listSessions: () => Promise.resolve(ok({ sessions: [...sessions], hasMore })) });
  };
  answer(rows);
  const viewed: { sid: SessionId | undefined } = { sid: undefined };
  const start = () =>
    createSessionPoller(
      { clock, random: createCountingRandom(), page, api, store, reporter: { warn: () => {} } },
      { viewed: () => viewed.sid, ...options },
    );
  return { clock, page, api, store, answer, viewed, start };
}

it("asks every thirty seconds while nothing runs out of sight, and every five while something does", async () => {
  const t = setUp([sampleSummary(A)]);
  t.start();
  await t.clock.advance(60_000);
  expect(t.api.count("listSessions")).toBe(3);
  t.answer([sampleSummary(A, { running: 1, status: "running" })]);
  await t.clock.advance(30_000);
  const before = t.api.count("listSessions");
  await t.clock.advance(20_000);
  expect(t.api.count("listSessions")).toBe(before + 4);
});

it("does not count what runs in the session whose own stream tells of it", async () => {
  const t = setUp([sampleSummary(A, { running: 1 })]);
  t.viewed.sid = A;
  t.start();
  await t.clock.advance(29_000);
  expect(t.api.count("listSessions")).toBe(1);
});

it("never asks while hidden or offline, and at once on return (S5)", async () => {
  const t = setUp();
  t.start();
  await t.clock.settle();
  t.page.hide();
  await t.clock.advance(600_000);
  expect(t.api.count("listSessions")).toBe(1);
  expect(t.clock.pendingTimers()).toBe(0);
  t.page.setOnline(false);
  t.page.show();
  await t.clock.advance(600_000);
  expect(t.api.count("listSessions")).toBe(1);
  t.page.setOnline(true);
  await t.clock.settle();
  expect(t.api.count("listSessions")).toBe(2);
});

it("has one request in flight at most", async () => {
  const t = setUp();
  const answer = createDeferred<Result<SessionList, ApiFailure>>();
  t.api.answer({ listSessions: () => answer.promise });
  const poller = t.start();
  poller.refresh();
  t.page.hide();
  t.page.show();
  await t.clock.advance(120_000);
  expect(t.api.count("listSessions")).toBe(1);
});

it("backs off when it fails, says why, and is quiet again after a success", async () => {
  const t = setUp();
  t.api.answer({ listSessions: () => Promise.resolve(err(unreachable)) });
  const poller = t.start();
  await t.clock.advance(300_000);
  expect(poller.failure()).toEqual(unreachable);
  expect(t.api.count("listSessions")).toBeLessThan(22);
  t.answer([sampleSummary(A)]);
  await t.clock.advance(30_000);
  expect(poller.failure()).toBeUndefined();
  expect(poller.sessions()).toHaveLength(1);
});

it("stops when signed out and asks at once after the sign-in", async () => {
  const t = setUp();
  t.api.answer({ listSessions: () => Promise.resolve(err({ kind: "signed-out" })) });
  const poller = t.start();
  await t.clock.advance(300_000);
  expect(t.api.count("listSessions")).toBe(1);
  poller.setSignedOut(false);
  await t.clock.settle();
  expect(t.api.count("listSessions")).toBe(2);
});

it("shows the list of the last visit until the server has answered", async () => {
  const t = setUp();
  t.store.list = [sampleSummary(A, { title: "from disk" })];
  t.api.answer({ listSessions: () => Promise.resolve(err(unreachable)) });
  const poller = t.start();
  await t.clock.settle();
  expect(poller.sessions().map((row) => row.title)).toEqual(["from disk"]);
});

it("keeps the server's list over one that the disk brings late", async () => {
  const t = setUp([sampleSummary(B)]);
  t.store.list = [sampleSummary(A)];
  const gate = createDeferred<void>();
  t.store.gate = () => gate.promise;
  const poller = t.start();
  await t.clock.settle();
  gate.resolve();
  await t.clock.settle();
  expect(poller.sessions().map((row) => row.id)).toEqual([B]);
});

it("lets what a stream told while a request was on its way win over its answer", async () => {
  const t = setUp();
  const answer = createDeferred<Result<SessionList, ApiFailure>>();
  t.api.answer({ listSessions: () => answer.promise });
  const poller = t.start();
  poller.merge(sampleSummary(A, { title: "newer" }));
  answer.resolve(ok({ sessions: [sampleSummary(A, { title: "older" })], hasMore: false }));
  await t.clock.settle();
  expect(poller.sessions().map((row) => row.title)).toEqual(["newer"]);
});

it("brings no removed session back from an answer that was on its way (S6)", async () => {
  const t = setUp();
  const answer = createDeferred<Result<SessionList, ApiFailure>>();
  t.api.answer({ listSessions: () => answer.promise });
  const poller = t.start();
  poller.remove(A);
  answer.resolve(ok({ sessions: [sampleSummary(A), sampleSummary(B)], hasMore: false }));
  await t.clock.settle();
  expect(poller.sessions().map((row) => row.id)).toEqual([B]);
});

it("drops what the server no longer lists, but not what it can't know yet nor what lies beyond the page", async () => {
  const C = session(3);
  const t = setUp([sampleSummary(A, { updatedAt: 50 })], { isPending: (sid) => sid === B });
  const poller = t.start();
  await t.clock.settle();
  poller.merge(sampleSummary(B, { updatedAt: 99 }));
  poller.merge(sampleSummary(C, { updatedAt: 20 }));
  t.answer([sampleSummary(A, { updatedAt: 51 })], true);
  await t.clock.advance(30_000);
  expect(poller.sessions().map((row) => row.id)).toEqual([B, A, C]);
  t.answer([sampleSummary(A, { updatedAt: 51 })]);
  await t.clock.advance(30_000);
  expect(poller.sessions().map((row) => row.id)).toEqual([B, A]);
});

it("keeps the list on disk, coalesced, and begins nothing at pagehide", async () => {
  const t = setUp([sampleSummary(A)]);
  const poller = t.start();
  await t.clock.advance(1_000);
  expect(t.store.list).toHaveLength(1);
  poller.merge(sampleSummary(B));
  t.page.emit("pagehide");
  await t.clock.advance(1_000);
  expect(t.store.list).toHaveLength(1);
});

it("tells nobody when the list is unchanged", async () => {
  const t = setUp([sampleSummary(A)]);
  const poller = t.start();
  await t.clock.settle();
  let told = 0;
  poller.subscribe(() => (told += 1));
  t.api.answer({ listSessions: () => Promise.resolve(ok("unchanged" as const)) });
  await t.clock.advance(90_000);
  expect(told).toBe(0);
});

it("asks once more when it was asked while a request was on its way, whose answer may be older", async () => {
  const t = setUp();
  const answer = createDeferred<Result<SessionList, ApiFailure>>();
  t.api.answer({ listSessions: () => answer.promise });
  const poller = t.start();
  poller.refresh();
  poller.refresh();
  t.answer([sampleSummary(A)]);
  answer.resolve(err(unreachable));
  await t.clock.settle();
  expect(t.api.count("listSessions")).toBe(2);
  expect(poller.sessions().map((row) => row.id)).toEqual([A]);
});

it("adopts at the next answer what it passed over, even when that says unchanged", async () => {
  const t = setUp();
  const answer = createDeferred<Result<SessionList, ApiFailure>>();
  t.api.answer({ listSessions: () => answer.promise });
  const poller = t.start();
  // The stream tells that it runs; then the person leaves, and nobody but the list tells that it ended.
  poller.merge(sampleSummary(A, { running: 1, status: "running" }));
  answer.resolve(ok({ sessions: [sampleSummary(A)], hasMore: false }));
  await t.clock.settle();
  t.api.answer({ listSessions: () => Promise.resolve(ok("unchanged" as const)) });
  await t.clock.advance(5_000);
  expect(poller.sessions().map((row) => row.status)).toEqual(["idle"]);
});

it("reads a list of several pages to its end at the start and on return, its first page in between", async () => {
  const rows = Array.from({ length: 5 }, (_, index) =>
    sampleSummary(session(index + 1), { updatedAt: 100 - index }),
  );
  const t = setUp();
  const pageOf = (before?: SessionId) => {
    const start = rows.findIndex((row) => row.id === before) + 1;
    return { sessions: rows.slice(start, start + 2), hasMore: start + 2 < rows.length };
  };
  t.api.answer({ listSessions: (page) => Promise.resolve(ok(pageOf(page?.before))) });
  const poller = t.start();
  await t.clock.settle();
  expect(poller.sessions()).toHaveLength(5);
  expect(t.api.count("listSessions")).toBe(3);
  await t.clock.advance(30_000);
  expect(t.api.count("listSessions")).toBe(4);
  rows.pop();
  t.page.hide();
  t.page.show();
  await t.clock.settle();
  expect(poller.sessions()).toHaveLength(4);
});

it("does not ask for pages for ever when they bring nothing new", async () => {
  const t = setUp();
  t.answer([sampleSummary(A)], true);
  t.start();
  await t.clock.settle();
  expect(t.api.count("listSessions")).toBe(2);
});
