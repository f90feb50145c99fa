import { expect, it } from "vitest";
import { fromTurnSnapshot } from "../../../src/protocol/conversation-snapshot.ts";
import { ok } from "../../../src/protocol/result.ts";
import type { Snapshot } from "../../../src/protocol/snapshot.ts";
import type { StoredConversation } from "../../../src/streaming/ports.ts";
import { createCoreHarness, type CoreHarness } from "../../support/core-harness.ts";
import { createMemoryConversationStore } from "../../support/memory-conversation-store.ts";
import { createDeferred } from "../../support/fake-api.ts";
import {
  ended,
  epoch,
  part,
  queued,
  said,
  sampleSnapshot,
  sampleSummary,
  sampleTurn,
  session,
  started,
  turn,
} from "../../support/streaming-samples.ts";

const A = session(1);
const B = session(2);

function stored(sid = A, seq = 5, text = "from disk"): StoredConversation {
  return {
    cursor: { epoch: epoch("e1"), seq },
    transcript: { session: sampleSummary(sid), turns: [sampleTurn(turn(1))], hasMore: true },
    inflight: {
      turns: [
        {
          id: turn(2),
          text: "Another question",
          mode: "queue",
          agent: sampleSummary(sid).agent,
          status: "running",
          queuedAt: 4,
          startedAt: 5,
          parts: [{ id: part("a"), type: "text", text }],
        },
      ],
      reattach: false,
      startedAtMs: 77,
      order: [turn(1), turn(2)],
    },
  };
}

async function open(h: CoreHarness, sid = A): Promise<void> {
  h.api.answer({ snapshot: (id) => Promise.resolve(ok(sampleSnapshot(id))) });
  await h.core.loadSession(sid);
  await h.clock.settle();
  h.greet(h.sources.last(), sid, 0);
}

it("paints what the disk has, unfinished text included, and attaches from its cursor without a snapshot", async () => {
  const h = createCoreHarness();
  h.store.saved.set(A, stored());
  await h.core.loadSession(A);
  expect(h.core.view(A)).toMatchObject({ source: "disk", cursor: { seq: 5 }, hasMore: true });
  expect([...(h.core.view(A)?.conversation.turns.keys() ?? [])]).toEqual([turn(1), turn(2)]);
  expect(h.core.INFLIGHT.get(A)).toMatchObject({ reattach: true, startedAtMs: 77, seq: 5 });
  expect(h.sources.last().url).toContain("after=e1.5");
  expect(h.api.calls).toEqual([]);
});

it("paints from memory in the same tick when it comes back", async () => {
  const h = createCoreHarness();
  await open(h);
  h.sources
    .last()
    .frame({ from: 1, seq: 3, events: [queued(turn(1)), started(turn(1)), said(turn(1), 0, "Hi")] });
  await h.core.loadSession(B);
  void h.core.loadSession(A);
  expect(h.core.view(A)).toMatchObject({ source: "memory", cursor: { seq: 3 } });
  expect(h.sources.last().url).toContain(`${A}/stream?after=e1.3`);
});

it("closes the other streams first, so that never two are open (S1)", async () => {
  const h = createCoreHarness();
  await open(h);
  await open(h, B);
  expect(h.sources.openNow().map((source) => source.url.includes(B))).toEqual([true]);
  expect([...h.core.LIVE_STREAMS.keys()]).toEqual([B]);
});

it("flushes the session that is left without being waited for", async () => {
  const h = createCoreHarness();
  await open(h);
  h.sources.last().frame({ from: 1, seq: 2, events: [queued(turn(1)), started(turn(1))] });
  const gate = createDeferred<void>();
  h.store.gate = () => gate.promise;
  const before = h.store.begun;
  void h.core.loadSession(B);
  expect(h.store.begun).toBe(before + 1);
  expect(h.core.viewed()).toBe(B);
  gate.resolve();
  await h.clock.settle();
  expect(h.store.saved.get(A)?.inflight?.reattach).toBe(true);
});

it("writes nothing from a load that was superseded while the disk was asked (S6)", async () => {
  const h = createCoreHarness();
  h.store.saved.set(A, stored());
  const gate = createDeferred<void>();
  h.store.gate = () => gate.promise;
  const first = h.core.loadSession(A);
  const second = h.core.loadSession(B);
  gate.resolve();
  await Promise.all([first, second]);
  await h.clock.settle();
  expect(h.core.viewed()).toBe(B);
  expect(h.core.view(A)).toBeUndefined();
  expect(h.core.INFLIGHT.size).toBe(0);
  expect(h.sources.all.filter((source) => source.url.includes(A))).toEqual([]);
});

it("survives A to B to A while the disk is slow: one stream, of A, from the newest load", async () => {
  const h = createCoreHarness();
  h.store.saved.set(A, stored());
  const gates: (() => void)[] = [];
  h.store.gate = () =>
    new Promise((resolve) => {
      gates.push(resolve);
    });
  const loads = [h.core.loadSession(A), h.core.loadSession(B), h.core.loadSession(A)];
  // The newest answer comes first, the oldest last.
  for (const open of gates.toReversed()) {
    open();
    await h.clock.settle();
  }
  await Promise.all(loads);
  expect(h.sources.openNow()).toHaveLength(1);
  expect(h.sources.last().url).toContain(`${A}/stream?after=e1.5`);
  expect(h.core.view(A)?.source).toBe("disk");
});

it("lets a snapshot of a session that was left change nothing", async () => {
  const h = createCoreHarness();
  const slow = createDeferred<ReturnType<typeof ok<Snapshot>>>();
  h.api.answer({ snapshot: (sid) => (sid === A ? slow.promise : Promise.resolve(ok(sampleSnapshot(sid)))) });
  await h.core.loadSession(A);
  await h.core.loadSession(B);
  slow.resolve(ok(sampleSnapshot(A)));
  await h.clock.settle();
  expect(h.sources.openNow()).toHaveLength(1);
  expect(h.sources.last().url).toContain(B);
  expect(h.core.view(A)).toBeUndefined();
});

it("does not attach beside a load that still asks the disk", async () => {
  const h = createCoreHarness();
  h.store.saved.set(A, stored());
  const gate = createDeferred<void>();
  h.store.gate = () => gate.promise;
  const load = h.core.loadSession(A);
  h.core.attachLiveStream(A);
  h.core.retryNow(A);
  expect(h.api.calls).toEqual([]);
  gate.resolve();
  await load;
  expect(h.api.calls).toEqual([]);
  expect(h.sources.openNow()).toHaveLength(1);
});

it("paints a session deleted while the disk was asked as gone, and reads nothing of it", async () => {
  const h = createCoreHarness();
  h.store.saved.set(A, stored());
  const gate = createDeferred<void>();
  h.store.gate = () => gate.promise;
  const load = h.core.loadSession(A);
  const forgotten = h.core.forget(A);
  gate.resolve();
  await Promise.all([load, forgotten]);
  expect(h.core.view(A)?.connection).toEqual({ kind: "closed", reason: "deleted" });
  expect(h.core.view(A)?.conversation.turns.size).toBe(0);
  expect(h.sources.all).toEqual([]);
  expect(h.changes.filter((change) => change.kind === "gone")).toHaveLength(1);
});

it("brings nothing back for a session that was deleted, not by a late save nor by being opened again", async () => {
  const h = createCoreHarness();
  await open(h);
  h.sources.last().frame({ from: 1, seq: 1, events: [queued(turn(1))] });
  await h.core.forget(A);
  await h.clock.advance(5_000);
  expect(h.store.saved.has(A)).toBe(false);
  await h.core.loadSession(B);
  await h.core.loadSession(A);
  await h.clock.advance(5_000);
  expect(h.core.view(A)?.connection).toEqual({ kind: "closed", reason: "deleted" });
  expect(h.sources.openNow()).toEqual([]);
});

it("attaches nothing while a reason to pause holds, and at once when it goes (S5)", async () => {
  const h = createCoreHarness();
  h.page.hide();
  h.store.saved.set(A, stored());
  await h.core.loadSession(A);
  await h.clock.advance(60_000);
  expect(h.core.view(A)).toMatchObject({ source: "disk", connection: { kind: "paused" } });
  expect(h.sources.all).toEqual([]);
  expect(h.api.calls).toEqual([]);
  h.page.show();
  expect(h.sources.openNow()).toHaveLength(1);
});

it("settles a turn: out of the in-flight record and into the transcript in one write under one cursor (S3)", async () => {
  const h = createCoreHarness();
  await open(h);
  const T = turn(1);
  h.sources.last().frame({ from: 1, seq: 3, events: [queued(T), started(T), said(T, 0, "Hi")] });
  await h.clock.advance(1_000);
  expect(h.store.saved.get(A)).toMatchObject({ cursor: { seq: 3 }, transcript: { turns: [] } });
  h.sources.last().frame({ from: 4, seq: 4, events: [ended(T)] });
  await h.clock.settle();
  expect(h.store.saved.get(A)).toMatchObject({
    cursor: { seq: 4 },
    inflight: undefined,
    transcript: { turns: [{ id: T, status: "ended" }] },
  });
});

it("saves the moment of the cursor when another epoch arrives while a save is on its way", async () => {
  const h = createCoreHarness();
  await open(h);
  h.sources.last().frame({ from: 1, seq: 1, events: [queued(turn(1))] });
  const gate = createDeferred<void>();
  h.store.gate = () => gate.promise;
  const flushed = h.core.flush();
  h.api.answer({
    snapshot: (sid) =>
      Promise.resolve(
        ok(sampleSnapshot(sid, { cursor: { epoch: epoch("e2"), seq: 9 }, turns: [sampleTurn(turn(7))] })),
      ),
  });
  h.sources.last().control({ name: "resync", reason: "epoch" });
  await h.clock.settle();
  gate.resolve();
  await flushed;
  await h.clock.advance(1_000);
  expect(h.store.saved.get(A)).toMatchObject({
    cursor: { epoch: "e2", seq: 9 },
    transcript: { turns: [{ id: turn(7) }] },
  });
});

it("pages in earlier turns before the first known one and never adopts the page's cursor", async () => {
  const h = createCoreHarness();
  h.store.saved.set(A, stored());
  await h.core.loadSession(A);
  h.greet(h.sources.last(), A, 5);
  h.api.answer({
    snapshot: (sid) =>
      Promise.resolve(
        ok(
          sampleSnapshot(sid, {
            cursor: { epoch: epoch("e1"), seq: 500 },
            turns: [sampleTurn(turn(8)), sampleTurn(turn(9))],
          }),
        ),
      ),
  });
  await Promise.all([h.core.loadEarlier(A), h.core.loadEarlier(A)]);
  expect(h.api.count("snapshot")).toBe(1);
  expect([...(h.core.view(A)?.conversation.turns.keys() ?? [])]).toEqual([
    turn(8),
    turn(9),
    turn(1),
    turn(2),
  ]);
  expect(h.core.view(A)).toMatchObject({ cursor: { seq: 5 }, hasMore: false });
});

it("keeps paged-in turns over a snapshot of the same log and drops them with its epoch", async () => {
  const h = createCoreHarness();
  const first = stored();
  h.store.saved.set(A, {
    ...first,
    transcript: { ...first.transcript, turns: [sampleTurn(turn(8)), sampleTurn(turn(1))] },
    inflight: undefined,
  });
  await h.core.loadSession(A);
  const snapshotOf = (name: string): void => {
    h.api.answer({
      snapshot: (sid) =>
        Promise.resolve(
          ok(
            sampleSnapshot(sid, {
              cursor: { epoch: epoch(name), seq: 20 },
              turns: [sampleTurn(turn(1)), sampleTurn(turn(2))],
              hasMore: true,
            }),
          ),
        ),
    });
  };
  snapshotOf("e1");
  h.sources.last().control({ name: "resync", reason: "trimmed" });
  await h.clock.settle();
  expect([...(h.core.view(A)?.conversation.turns.keys() ?? [])]).toEqual([turn(8), turn(1), turn(2)]);
  snapshotOf("e2");
  h.greet(h.sources.last(), A, 20);
  await h.clock.advance(6_000);
  h.sources.last().control({ name: "resync", reason: "epoch" });
  await h.clock.settle();
  expect([...(h.core.view(A)?.conversation.turns.keys() ?? [])]).toEqual([turn(1), turn(2)]);
});

it("pages in again what an old unfinished turn came to that ended unseen, so that no gap is left", async () => {
  const h = createCoreHarness();
  const page = (numbers: readonly number[]) => numbers.map((number) => sampleTurn(turn(number)));
  h.store.saved.set(A, {
    cursor: { epoch: epoch("e1"), seq: 5 },
    transcript: { session: sampleSummary(A), turns: page([1, 3, 4]), hasMore: false },
    inflight: {
      turns: [sampleTurn(turn(2), { status: "running", outcome: undefined })],
      reattach: true,
      startedAtMs: 1,
      order: [turn(1), turn(2), turn(3), turn(4)],
    },
  });
  await h.core.loadSession(A);
  h.api.answer({
    snapshot: (sid, asked) =>
      Promise.resolve(
        ok(
          sampleSnapshot(sid, {
            cursor: { epoch: epoch("e1"), seq: 90 },
            turns: asked?.before === undefined ? page([4, 5]) : page([1, 2]),
            hasMore: asked?.before === undefined,
          }),
        ),
      ),
  });
  h.sources.last().control({ name: "resync", reason: "trimmed" });
  await h.clock.settle();
  const known = () => [...(h.core.view(A)?.conversation.turns.keys() ?? [])];
  expect(known()).toEqual([3, 4, 5].map(turn));
  expect(h.core.view(A)?.hasMore).toBe(true);
  await h.core.loadEarlier(A);
  expect(known()).toEqual([1, 2, 3, 4, 5].map(turn));
  expect(h.core.view(A)?.hasMore).toBe(false);
});

it("replaces another epoch's record only while the server is naming its own (S3)", async () => {
  const clock = createCoreHarness().clock;
  const store = createMemoryConversationStore();
  const [old, fresh] = [createCoreHarness({ clock, store }), createCoreHarness({ clock, store })];
  old.api.answer({ snapshot: (sid) => Promise.resolve(ok(sampleSnapshot(sid))) });
  await old.core.loadSession(A);
  await clock.settle();
  old.greet(old.sources.last(), A, 0);
  await clock.advance(1_000);
  // Its connection dies; the server comes back with a restored log, of which only the other tab hears.
  old.sources.last().frame({ from: 1, seq: 1, events: [queued(turn(1))] });
  old.page.setOnline(false);
  old.sources.last().error();
  fresh.api.answer({
    snapshot: (sid) => Promise.resolve(ok(sampleSnapshot(sid, { cursor: { epoch: epoch("e2"), seq: 7 } }))),
  });
  await fresh.core.loadSession(A);
  await clock.settle();
  fresh.sources.last().control({ name: "resync", reason: "epoch" });
  await clock.settle();
  expect(store.saved.get(A)?.cursor).toEqual({ epoch: "e2", seq: 7 });
  await old.core.flush();
  await clock.advance(5_000);
  expect(store.saved.get(A)?.cursor).toEqual({ epoch: "e2", seq: 7 });
});

it("keeps in memory no more than the cache allows, and on disk what falls out (S8)", async () => {
  const h = createCoreHarness({}, { cacheLimits: { maxSessions: 2, maxChars: 1_000_000 } });
  for (const number of [1, 2, 3, 4, 5]) {
    await open(h, session(number));
    h.sources.last().frame({ from: 1, seq: 1, events: [queued(turn(number))] });
  }
  await h.clock.advance(1_000);
  expect(h.core.report().map((row) => row.view.session)).toEqual([session(3), session(4), session(5)]);
  expect(h.core.INFLIGHT.has(session(1))).toBe(false);
  expect(h.store.saved.get(session(1))?.inflight).toMatchObject({ reattach: true });
  await h.core.loadSession(session(1));
  expect(h.core.view(session(1))).toMatchObject({ source: "disk" });
  expect(h.core.INFLIGHT.get(session(1))?.reattach).toBe(true);
});

it("keeps sessions begun here only until the server has them, then as many as the cache has room for (S8)", async () => {
  const h = createCoreHarness({}, { cacheLimits: { maxSessions: 1, maxChars: 1_000_000 } });
  const numbers = [1, 2, 3, 4];
  for (const number of numbers) {
    h.core.begin(sampleSummary(session(number)));
    await h.core.loadSession(session(number));
  }
  expect(h.core.report()).toHaveLength(4);
  for (const number of numbers) h.core.created(session(number));
  await h.clock.advance(1_000);
  expect(h.core.report().map((row) => row.view.session)).toEqual([session(3), session(4)]);
});

it("writes nothing over another tab's newer epoch before the server has named one (S3)", async () => {
  const h = createCoreHarness();
  h.store.saved.set(A, stored());
  await h.core.loadSession(A);
  h.store.saved.set(A, { ...stored(), cursor: { epoch: epoch("e2"), seq: 1 } });
  h.page.hide();
  await h.core.flush();
  await h.clock.advance(5_000);
  expect(h.store.saved.get(A)?.cursor.epoch).toBe("e2");
});

it("starts a load over without leaving the retries of the earlier one behind", async () => {
  const h = createCoreHarness();
  await h.core.loadSession(A);
  await h.clock.settle();
  expect(h.core.view(A)?.connection.kind).toBe("waiting");
  await h.core.loadSession(A);
  await h.clock.settle();
  expect(h.api.count("snapshot")).toBe(2);
  // One watchdog, one retry.
  expect(h.clock.pendingTimers()).toBe(2);
});

it("drops nothing from memory before it is on disk, and nothing that is viewed again by then", async () => {
  const h = createCoreHarness({}, { cacheLimits: { maxSessions: 0, maxChars: 1_000_000 } });
  await open(h, A);
  h.sources.last().frame({ from: 1, seq: 1, events: [queued(turn(1))] });
  const gate = createDeferred<void>();
  h.store.gate = () => gate.promise;
  void h.core.loadSession(B);
  await h.clock.settle();
  expect(h.core.view(A)?.cursor?.seq).toBe(1);
  void h.core.loadSession(A);
  gate.resolve();
  await h.clock.advance(1_000);
  expect(h.core.view(A)).toMatchObject({ source: "memory", cursor: { seq: 1 } });
});

it("takes over turns that were loaded apart where they stand before its first one, in its own log", async () => {
  const h = createCoreHarness();
  h.store.saved.set(A, stored());
  await h.core.loadSession(A);
  const known = () => [...(h.core.view(A)?.conversation.turns.keys() ?? [])];
  const [first] = known();
  if (first === undefined) throw new Error("nothing is stored");
  const turns = [fromTurnSnapshot(sampleTurn(turn(98))), fromTurnSnapshot(sampleTurn(turn(99)))];
  const own = h.core.view(A)?.cursor?.epoch ?? epoch("none");
  const page = { epoch: own, before: first, turns, hasMore: true };
  expect(h.core.joinEarlier(A, { ...page, before: turn(97) })).toBe(false);
  expect(h.core.joinEarlier(A, { ...page, epoch: epoch("other") })).toBe(false);
  expect(known()[0]).toBe(first);
  expect(h.core.joinEarlier(A, page)).toBe(true);
  expect(known().slice(0, 3)).toEqual([turn(98), turn(99), first]);
  expect(h.core.view(A)).toMatchObject({ hasMore: true, cursor: { epoch: own } });
});

it("adds no earlier page to a session that was deleted meanwhile", async () => {
  const h = createCoreHarness();
  h.store.saved.set(A, stored());
  await h.core.loadSession(A);
  const page = createDeferred<ReturnType<typeof ok<Snapshot>>>();
  h.api.answer({ snapshot: () => page.promise });
  const paging = h.core.loadEarlier(A);
  await h.core.forget(A);
  h.changes.length = 0;
  page.resolve(
    ok(sampleSnapshot(A, { cursor: { epoch: epoch("e1"), seq: 5 }, turns: [sampleTurn(turn(8))] })),
  );
  await paging;
  expect(h.changes).toEqual([]);
});
