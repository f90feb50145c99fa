import { expect, it } from "vitest";
import { bufferText } from "../../../src/protocol/conversation.ts";
import { problem } from "../../../src/protocol/problems.ts";
import { err, ok } from "../../../src/protocol/result.ts";
import type { SessionId, TurnId } from "../../../src/protocol/ids.ts";
import { createCoreHarness, type CoreHarness } from "../../support/core-harness.ts";
import { createDeferred, unreachable } from "../../support/fake-api.ts";
import type { Snapshot } from "../../../src/protocol/snapshot.ts";
import type { ApiFailure } from "../../../src/streaming/ports.ts";
import type { Result } from "../../../src/protocol/result.ts";
import {
  ended,
  epoch,
  part,
  queued,
  said,
  sampleSnapshot,
  sampleSummary,
  session,
  started,
  turn,
} from "../../support/streaming-samples.ts";

const S = session(1);
const T = turn(1);

function answerText(h: CoreHarness, sid: SessionId = S, tid: TurnId = T): string | undefined {
  const buffer = h.core.view(sid)?.conversation.turns.get(tid)?.parts.get(part("a"))?.buffer;
  return buffer === undefined ? undefined : bufferText(buffer);
}

/** A viewed session, live, with a turn running that has said "Hello". */
async function liveWithRunningTurn(): Promise<CoreHarness> {
  const h = createCoreHarness();
  h.api.answer({ snapshot: (sid) => Promise.resolve(ok(sampleSnapshot(sid))) });
  await h.core.loadSession(S);
  await h.clock.settle();
  h.greet(h.sources.last(), S, 0);
  h.sources.last().frame({ from: 1, seq: 3, events: [queued(T), started(T), said(T, 0, "Hello")] });
  return h;
}

it("reads the snapshot, attaches from its cursor, catches up and is live", async () => {
  const h = createCoreHarness();
  h.api.answer({
    snapshot: (sid) => Promise.resolve(ok(sampleSnapshot(sid, { cursor: { epoch: epoch("e1"), seq: 7 } }))),
  });
  await h.core.loadSession(S);
  await h.clock.settle();
  expect(h.sources.last().url).toBe(`/api/sessions/${S}/stream?after=e1.7`);
  h.hello(h.sources.last(), S, 9);
  expect(h.core.view(S)?.connection).toMatchObject({ kind: "catching-up", tail: 9 });
  h.sources.last().frame({ from: 8, seq: 9, events: [queued(T), started(T)] });
  h.sources.last().control({ name: "caught-up", tail: 9 });
  expect(h.core.view(S)?.connection.kind).toBe("live");
  expect(h.core.view(S)).toMatchObject({ cursor: { seq: 9 }, source: "server", reattachments: 0 });
});

it("folds a frame at once and tells which part grew", async () => {
  const h = await liveWithRunningTurn();
  expect(answerText(h)).toBe("Hello");
  h.changes.length = 0;
  h.sources.last().frame({ from: 4, seq: 5, events: [said(T, 5, ", "), said(T, 7, "you")] });
  expect(answerText(h)).toBe("Hello, you");
  expect(h.changes).toEqual([{ kind: "grown", session: S, turn: T, part: "a" }]);
});

it("drops what it knows by seq and by offset (S2)", async () => {
  const h = await liveWithRunningTurn();
  h.sources.last().frame({ from: 1, seq: 3, events: [queued(T), started(T), said(T, 0, "Hello")] });
  h.sources.last().frame({ from: 3, seq: 4, events: [said(T, 0, "Hello, you")] });
  expect(answerText(h)).toBe("Hello, you");
});

it("keeps one open source and knows it, and the registry forgets it when it closes (S1)", async () => {
  const h = await liveWithRunningTurn();
  h.core.attachLiveStream(S);
  h.core.attachLiveStream(S);
  expect(h.sources.openNow()).toHaveLength(1);
  expect(h.core.LIVE_STREAMS.get(S)?.connection.kind).toBe("live");
  h.core.closeLiveStream(S);
  expect(h.sources.openNow()).toHaveLength(0);
  expect(h.core.LIVE_STREAMS.size).toBe(0);
});

it("closes with a source only while it is still that one", async () => {
  const h = await liveWithRunningTurn();
  const old = h.core.LIVE_STREAMS.get(S)?.source;
  h.sources.last().error();
  await h.clock.advance(500);
  expect(h.sources.all).toHaveLength(2);
  h.core.closeLiveStream(S, old);
  expect(h.sources.openNow()).toHaveLength(1);
});

it("marks unfinished turns for reattach when their stream closes, and drops the mark with the next hello (S4)", async () => {
  const h = await liveWithRunningTurn();
  expect(h.core.INFLIGHT.get(S)).toMatchObject({ epoch: "e1", seq: 3, reattach: false });
  h.sources.last().error();
  expect(h.core.INFLIGHT.get(S)?.reattach).toBe(true);
  await h.clock.advance(500);
  expect(h.sources.last().url).toContain("after=e1.3");
  h.greet(h.sources.last(), S, 3);
  expect(h.core.INFLIGHT.get(S)?.reattach).toBe(false);
});

it("has no entry after the last unfinished turn ended, and closing then marks nothing (S4)", async () => {
  const h = await liveWithRunningTurn();
  h.sources.last().frame({ from: 4, seq: 5, events: [queued(turn(2)), ended(T)] });
  expect([...(h.core.INFLIGHT.get(S)?.turns.keys() ?? [])]).toEqual([turn(2)]);
  h.sources.last().frame({ from: 6, seq: 7, events: [started(turn(2)), ended(turn(2))] });
  expect(h.core.INFLIGHT.has(S)).toBe(false);
  h.core.closeLiveStream(S);
  expect(h.core.INFLIGHT.has(S)).toBe(false);
});

it("lets late callbacks of a closed source change nothing (S6)", async () => {
  const h = await liveWithRunningTurn();
  const old = h.sources.last();
  old.error();
  await h.clock.advance(500);
  h.greet(h.sources.last(), S, 3);
  const view = h.core.view(S);
  old.frame({ from: 4, seq: 4, events: [said(T, 5, " ghost")] });
  old.control({ name: "bye", reason: "deleted" });
  old.control({ name: "resync", reason: "ahead" });
  old.error();
  expect(h.core.view(S)).toEqual(view);
  expect(answerText(h)).toBe("Hello");
  expect(h.sources.openNow()).toHaveLength(1);
});

it("lets a hello after close change nothing", async () => {
  const h = createCoreHarness();
  h.api.answer({ snapshot: (sid) => Promise.resolve(ok(sampleSnapshot(sid))) });
  await h.core.loadSession(S);
  await h.clock.settle();
  const source = h.sources.last();
  await h.core.loadSession(undefined);
  h.greet(source, S, 0);
  expect(h.core.view(S)?.connection.kind).toBe("paused");
  expect(h.core.LIVE_STREAMS.size).toBe(0);
});

it("asks once for what is missing and then reads the snapshot", async () => {
  const h = await liveWithRunningTurn();
  h.sources.last().frame({ from: 6, seq: 6, events: [said(T, 9, "x")] });
  expect(h.sources.all).toHaveLength(2);
  expect(h.sources.last().url).toContain("after=e1.3");
  expect(h.api.count("snapshot")).toBe(1);
  h.hello(h.sources.last(), S, 6);
  h.sources.last().frame({ from: 6, seq: 6, events: [said(T, 9, "x")] });
  await h.clock.settle();
  expect(h.api.count("snapshot")).toBe(2);
  expect(h.sources.openNow()).toHaveLength(1);
});

it("takes a caught-up beyond what arrived for a hole", async () => {
  const h = await liveWithRunningTurn();
  h.sources.last().error();
  await h.clock.advance(500);
  h.greet(h.sources.last(), S, 5);
  expect(h.core.view(S)?.connection.kind).toBe("connecting");
});

it("takes a tail that stays ahead over two pings for a hole", async () => {
  const h = await liveWithRunningTurn();
  h.sources.last().control({ name: "ping", tail: 4 });
  expect(h.sources.all).toHaveLength(1);
  h.sources.last().control({ name: "ping", tail: 4 });
  expect(h.sources.all).toHaveLength(2);
});

it("says in words that a frame can't be read, and reads the conversation again", async () => {
  const h = await liveWithRunningTurn();
  h.sources.last().message(undefined, '{"from":4,"seq":4,"events":[{"type":"text-delta"}]}');
  expect(h.changes).toContainEqual(expect.objectContaining({ kind: "notice", session: S }));
  expect(h.sources.all).toHaveLength(2);
  expect(answerText(h)).toBe("Hello");
});

it("stops with words when the server speaks another major version", async () => {
  const h = await liveWithRunningTurn();
  h.sources.last().error();
  await h.clock.advance(500);
  h.sources.last().message("hello", '{"protocol":"2.0","somethingNew":true}');
  expect(h.core.view(S)?.connection).toEqual({ kind: "closed", reason: "update-needed" });
  expect(h.changes).toContainEqual(expect.objectContaining({ kind: "notice" }));
  await h.clock.advance(120_000);
  expect(h.sources.openNow()).toHaveLength(0);
});

it("reads the snapshot on resync and streams from its cursor", async () => {
  const h = await liveWithRunningTurn();
  h.api.answer({
    snapshot: (sid) => Promise.resolve(ok(sampleSnapshot(sid, { cursor: { epoch: epoch("e2"), seq: 1 } }))),
  });
  h.sources.last().control({ name: "resync", reason: "epoch" });
  await h.clock.settle();
  expect(h.sources.last().url).toContain("after=e2.1");
  expect(h.core.INFLIGHT.has(S)).toBe(false);
});

it("reads the snapshot when hello names another epoch or a tail behind the cursor", async () => {
  for (const hello of [
    { epochName: "e2", tail: 50 },
    { epochName: "e1", tail: 2 },
  ]) {
    const h = await liveWithRunningTurn();
    h.sources.last().error();
    await h.clock.advance(500);
    h.hello(h.sources.last(), S, hello.tail, hello.epochName);
    await h.clock.settle();
    expect(h.api.count("snapshot")).toBe(2);
    expect(h.sources.openNow()).toHaveLength(1);
  }
});

it("backs off with a doubling ceiling while the server is away and never gives up", async () => {
  const h = await liveWithRunningTurn();
  h.api.answer({ probe: () => Promise.resolve(err(unreachable)) });
  for (let failure = 0; failure < 40; failure += 1) {
    h.sources.last().error();
    const connection = h.core.view(S)?.connection;
    if (connection?.kind !== "waiting") throw new Error(`unexpected ${connection?.kind}`);
    expect(connection.retryAtMs - h.clock.now()).toBeLessThanOrEqual(15_000);
    await h.clock.advance(connection.retryAtMs - h.clock.now());
    expect(h.core.view(S)?.connection.kind).toBe("connecting");
  }
});

it("reconnects at once on Retry now and keeps no second timer", async () => {
  const h = await liveWithRunningTurn();
  h.sources.last().error();
  h.core.retryNow(S);
  expect(h.sources.openNow()).toHaveLength(1);
  await h.clock.advance(5_000);
  expect(h.sources.all).toHaveLength(2);
});

it("asks once after an error without hello, and not after one with it", async () => {
  const h = await liveWithRunningTurn();
  h.sources.last().error();
  expect(h.api.count("probe")).toBe(0);
  await h.clock.advance(500);
  h.sources.last().error();
  expect(h.api.count("probe")).toBe(1);
});

it("pauses as signed out when the probe says so, keeps what is shown, and goes on after the sign-in", async () => {
  const h = await liveWithRunningTurn();
  h.sources.last().error();
  await h.clock.advance(500);
  h.api.answer({ probe: () => Promise.resolve(err({ kind: "signed-out" })) });
  h.sources.last().error();
  await h.clock.advance(60_000);
  expect(h.core.view(S)?.connection.kind).toBe("paused");
  expect([...(h.core.view(S)?.reasons ?? [])]).toEqual(["signed-out"]);
  expect(answerText(h)).toBe("Hello");
  const before = h.sources.all.length;
  await h.clock.advance(60_000);
  expect(h.sources.all).toHaveLength(before);
  h.core.setSignedOut(false);
  expect(h.sources.all).toHaveLength(before + 1);
});

it("pauses every session on bye signed-out", async () => {
  const h = await liveWithRunningTurn();
  h.sources.last().control({ name: "bye", reason: "signed-out" });
  expect(h.core.view(S)?.connection.kind).toBe("paused");
  await h.core.loadSession(session(2));
  await h.clock.settle();
  expect(h.core.view(session(2))?.connection.kind).toBe("paused");
  expect(h.api.count("snapshot")).toBe(1);
});

it("comes back to a draining server after the time it named", async () => {
  const h = await liveWithRunningTurn();
  h.sources.last().control({ name: "bye", reason: "draining", retryMs: 2_000 });
  await h.clock.advance(2_000);
  expect(h.sources.openNow()).toHaveLength(0);
  await h.clock.advance(1_000);
  expect(h.sources.openNow()).toHaveLength(1);
});

it("drops buffers and records of a session that was deleted elsewhere, says so, and stays empty", async () => {
  const h = await liveWithRunningTurn();
  await h.clock.advance(1_000);
  expect(h.store.saved.has(S)).toBe(true);
  const source = h.sources.last();
  source.control({ name: "bye", reason: "deleted" });
  expect(h.changes).toContainEqual({ kind: "gone", session: S });
  expect(h.core.view(S)?.connection).toEqual({ kind: "closed", reason: "deleted" });
  expect(h.core.view(S)?.conversation.turns.size).toBe(0);
  expect(h.core.INFLIGHT.has(S)).toBe(false);
  source.frame({ from: 4, seq: 4, events: [said(T, 5, " late")] });
  await h.clock.advance(60_000);
  expect(h.store.saved.has(S)).toBe(false);
  expect(h.store.deleted.has(S)).toBe(true);
  expect(h.sources.openNow()).toHaveLength(0);
});

it("retries a snapshot with backoff and says in words why nothing is shown", async () => {
  const h = createCoreHarness();
  h.api.answer({ snapshot: () => Promise.resolve(err(unreachable)) });
  await h.core.loadSession(S);
  await h.clock.settle();
  expect(h.core.view(S)).toMatchObject({ source: "loading", failure: unreachable.message });
  expect(h.core.view(S)?.connection.kind).toBe("waiting");
  h.api.answer({ snapshot: (sid) => Promise.resolve(ok(sampleSnapshot(sid))) });
  await h.clock.advance(500);
  expect(h.core.view(S)).toMatchObject({ source: "server", failure: undefined });
  expect(h.sources.openNow()).toHaveLength(1);
});

it.each([
  ["asked again", (h: CoreHarness) => h.core.loadSession(S)],
  ["told that the server has it", (h: CoreHarness) => Promise.resolve(h.core.created(S))],
])(
  "says not-found when the server has never heard of the session, and reads again when %s",
  async (_when, again) => {
    const h = createCoreHarness();
    const failure: ApiFailure = {
      kind: "problem",
      problem: problem("session-not-found", "There is no such session."),
    };
    h.api.answer({ snapshot: () => Promise.resolve(err(failure)) });
    await h.core.loadSession(S);
    await h.clock.settle();
    expect(h.core.view(S)?.connection).toEqual({ kind: "closed", reason: "not-found" });
    expect(h.core.view(S)?.failure).toBe("There is no such session.");
    h.api.answer({ snapshot: (sid) => Promise.resolve(ok(sampleSnapshot(sid))) });
    await again(h);
    await h.clock.settle();
    expect(h.sources.openNow()).toHaveLength(1);
  },
);

it("lets the answer of a superseded snapshot change nothing (S6)", async () => {
  const h = createCoreHarness();
  const slow = createDeferred<Result<Snapshot, ApiFailure>>();
  h.api.answer({ snapshot: () => slow.promise });
  await h.core.loadSession(S);
  await h.clock.settle();
  h.page.hide();
  slow.resolve(ok(sampleSnapshot(S)));
  await h.clock.settle();
  expect(h.core.view(S)?.source).toBe("loading");
  expect(h.core.view(S)?.connection.kind).toBe("paused");
  expect(h.sources.all).toHaveLength(0);
});

it("streams a session begun here from the beginning once it is created, without a snapshot", async () => {
  const h = createCoreHarness();
  h.core.begin(sampleSummary(S));
  await h.core.loadSession(S);
  await h.clock.advance(5_000);
  expect(h.sources.all).toHaveLength(0);
  expect(h.core.view(S)).toMatchObject({ source: "memory", connection: { kind: "idle" } });
  h.core.created(S);
  expect(h.sources.last().url).toBe(`/api/sessions/${S}/stream`);
  h.greet(h.sources.last(), S, 0, "e9");
  h.sources.last().frame({ from: 1, seq: 1, events: [queued(T)] });
  expect(h.core.view(S)?.cursor).toEqual({ epoch: "e9", seq: 1 });
  expect(h.api.calls).toEqual([]);
});

it("follows the session's row by what the log tells", async () => {
  const h = await liveWithRunningTurn();
  expect(h.core.view(S)?.summary).toMatchObject({ status: "running", running: 1, updatedAt: 11 });
  h.sources.last().frame({
    from: 4,
    seq: 5,
    events: [{ type: "session-updated", at: 99, title: "New name" }, ended(T, 50)],
  });
  expect(h.core.view(S)?.summary).toMatchObject({
    title: "New name",
    status: "idle",
    running: 0,
    updatedAt: 50,
    lastEndedAt: 50,
  });
});

it("announces an end that came live or over a reconnect, but none that a first catch-up brings", async () => {
  const h = await liveWithRunningTurn();
  h.sources.last().error();
  await h.clock.advance(500);
  h.hello(h.sources.last(), S, 4);
  h.sources.last().frame({ from: 4, seq: 4, events: [ended(T)] });
  expect(h.changes).toContainEqual({ kind: "ended", session: S, turn: T });

  const fresh = createCoreHarness();
  fresh.api.answer({ snapshot: (sid) => Promise.resolve(ok(sampleSnapshot(sid))) });
  await fresh.core.loadSession(S);
  await fresh.clock.settle();
  fresh.hello(fresh.sources.last(), S, 3);
  fresh.sources.last().frame({ from: 1, seq: 3, events: [queued(T), started(T), ended(T)] });
  expect(fresh.changes.some((change) => change.kind === "ended")).toBe(false);
});

it("goes on when a listener fails", async () => {
  const h = await liveWithRunningTurn();
  h.core.subscribe(() => {
    throw new Error("a follower's bug");
  });
  h.sources.last().frame({ from: 4, seq: 4, events: [said(T, 5, "!")] });
  expect(answerText(h)).toBe("Hello!");
  expect(h.warnings).not.toEqual([]);
});

it("leaves no timer and no source behind when it is disposed", async () => {
  const h = await liveWithRunningTurn();
  h.core.dispose();
  expect(h.sources.openNow()).toHaveLength(0);
  expect(h.clock.pendingTimers()).toBe(0);
});

it("asks at once again where frames came before the hole, however often: a line that reorders gets there", async () => {
  const h = await liveWithRunningTurn();
  for (let seq = 4; seq < 24; seq += 2) {
    const opened = h.sources.all.length;
    h.sources.last().frame({ from: seq, seq, events: [said(T, seq + 1, "x")] });
    // The next but one comes first.
    h.sources.last().frame({ from: seq + 2, seq: seq + 2, events: [said(T, seq + 3, "x")] });
    expect(h.sources.all).toHaveLength(opened + 1);
    h.hello(h.sources.last(), S, 99);
    h.sources.last().frame({ from: seq + 1, seq: seq + 1, events: [said(T, seq + 2, "x")] });
  }
  expect(answerText(h)).toBe(`Hello${"x".repeat(20)}`);
  expect(h.api.count("snapshot")).toBe(1);
});

it("has what is unanswered asked again when the line lives again after a death, and only then", async () => {
  const h = createCoreHarness();
  h.api.answer({ snapshot: (sid) => Promise.resolve(ok(sampleSnapshot(sid))) });
  await h.core.loadSession(S);
  await h.clock.settle();
  h.greet(h.sources.last(), S, 0);
  expect(h.api.count("askAgain")).toBe(0);
  // A short look elsewhere, and an error the browser itself has seen: nothing hangs.
  h.page.hide();
  await h.clock.advance(1_000);
  h.page.show();
  h.sources.last().error();
  await h.clock.advance(1_000);
  h.greet(h.sources.last(), S, 0);
  expect(h.api.count("askAgain")).toBe(0);
  // Woken after a minute: the pool of connections may be as dead as the stream.
  h.page.hide();
  await h.clock.advance(60_000);
  h.page.show();
  expect(h.api.count("askAgain")).toBe(0);
  h.greet(h.sources.last(), S, 0);
  expect(h.api.count("askAgain")).toBe(1);
  await h.clock.advance(25_000);
  h.greet(h.sources.last(), S, 0);
  expect(h.api.count("askAgain")).toBe(2);
  await h.clock.advance(1_000);
  h.sources.last().error();
  await h.clock.advance(1_000);
  h.greet(h.sources.last(), S, 0);
  expect(h.api.count("askAgain")).toBe(2);
});
