import { expect, it } from "vitest";
import { err, ok, type Result } from "../../../src/protocol/result.ts";
import type { SessionId } from "../../../src/protocol/ids.ts";
import type { SendTurn } from "../../../src/protocol/requests.ts";
import type { SessionSummary } from "../../../src/protocol/snapshot.ts";
import { createOutbox, type OutboxHooks } from "../../../src/streaming/outbox.ts";
import type { ApiFailure, Random, TabLock } from "../../../src/streaming/ports.ts";
import { createCountingRandom } from "../../support/core-harness.ts";
import { createDeferred, createFakeApi, refused, unreachable, type FakeApi } from "../../support/fake-api.ts";
import { createFakePage } from "../../support/fake-page.ts";
import {
  createMemoryOutboxStore,
  createMemoryTabLock,
  type MemoryOutboxStore,
} from "../../support/memory-outbox-store.ts";
import { session, turn } from "../../support/streaming-samples.ts";
import { createVirtualClock, type VirtualClock } from "../../support/virtual-clock.ts";

const A = session(1);
const B = session(2);

const message = (number: number): SendTurn => ({
  id: turn(number),
  text: `message ${number}`,
  mode: "queue",
});

interface Shared {
  readonly clock: VirtualClock;
  readonly store: MemoryOutboxStore;
  readonly lock: TabLock;
  readonly api: FakeApi;
  readonly random: Random;
}

function share(): Shared {
  return {
    clock: createVirtualClock(),
    store: createMemoryOutboxStore(),
    lock: createMemoryTabLock(),
    api: createFakeApi(),
    random: createCountingRandom(),
  };
}

function tab(shared = share(), hooks: OutboxHooks = {}) {
  const page = createFakePage();
  const warnings: string[] = [];
  const outbox = createOutbox(
    {
      clock: shared.clock,
      random: shared.random,
      page,
      api: shared.api,
      outbox: shared.store,
      lock: shared.lock,
      reporter: { warn: (text) => void warnings.push(text) },
    },
    hooks,
  );
  return { ...shared, page, outbox, warnings };
}

/** What reached the server, in order. */
function sent(api: FakeApi): string[] {
  return api.calls.map((call) => {
    const text = (call.body as SendTurn | undefined)?.text;
    return text ?? call.method;
  });
}

it("keeps an entry before it says so, then sends it and forgets it", async () => {
  const t = tab();
  const promise = t.outbox.send(A, message(1));
  expect(t.outbox.entries()).toMatchObject([{ kind: "send", session: A, body: { text: "message 1" } }]);
  await promise;
  expect(t.store.kept.size).toBe(1);
  await t.clock.settle();
  expect(sent(t.api)).toEqual(["message 1"]);
  expect(t.outbox.entries()).toEqual([]);
  expect(t.store.kept.size).toBe(0);
});

it("sends in order per session, its creation first, one at a time", async () => {
  const t = tab();
  const answers: (() => void)[] = [];
  let inFlight = 0;
  t.api.answer({
    sendTurn: async () => {
      inFlight += 1;
      expect(inFlight).toBe(1);
      await new Promise<void>((resolve) => {
        answers.push(resolve);
      });
      inFlight -= 1;
      return ok(undefined);
    },
  });
  void t.outbox.send(A, message(1));
  void t.outbox.create(A, {});
  void t.outbox.send(A, message(2));
  for (let round = 0; round < 3; round += 1) {
    await t.clock.settle();
    answers.shift()?.();
  }
  await t.clock.settle();
  expect(sent(t.api)).toEqual(["createSession", "message 1", "message 2"]);
});

it("lets a stuck session hold up no other", async () => {
  const t = tab();
  t.api.answer({ sendTurn: (sid) => (sid === A ? new Promise(() => {}) : Promise.resolve(ok(undefined))) });
  void t.outbox.send(A, message(1));
  void t.outbox.send(B, message(2));
  await t.clock.settle();
  expect(t.outbox.entries().map((entry) => entry.session)).toEqual([A]);
});

it("retries what may pass with backoff, under the same turn id, and keeps the order", async () => {
  for (const failure of [unreachable, refused("internal"), refused("draining"), refused("too-many-turns")]) {
    const t = tab();
    t.api.answer({ sendTurn: () => Promise.resolve(err(failure)) });
    await t.outbox.send(A, message(1));
    await t.outbox.send(A, message(2));
    await t.clock.advance(20_000);
    expect(new Set(sent(t.api))).toEqual(new Set(["message 1"]));
    expect(t.api.calls.length).toBeGreaterThan(3);
    expect(t.api.calls.length).toBeLessThan(12);
    t.api.answer({ sendTurn: () => Promise.resolve(ok(undefined)) });
    await t.clock.advance(15_000);
    expect(sent(t.api).slice(-2)).toEqual(["message 1", "message 2"]);
    expect(new Set(t.api.calls.map((call) => (call.body as SendTurn).id))).toEqual(
      new Set([turn(1), turn(2)]),
    );
  }
});

it("keeps what was refused for good with the server's words, and goes on with what is behind it", async () => {
  const t = tab();
  t.api.answer({
    sendTurn: (_sid, body) =>
      Promise.resolve(
        body.id === turn(1) ? err(refused("turn-conflict", "That id is taken.")) : ok(undefined),
      ),
  });
  await t.outbox.send(A, message(1));
  await t.outbox.send(A, message(2));
  await t.clock.settle();
  expect(t.outbox.entries()).toMatchObject([
    { kind: "refused", why: "That id is taken.", body: { text: "message 1" } },
  ]);
  expect(sent(t.api)).toEqual(["message 1", "message 2"]);
  const id = t.outbox.entries()[0]?.id ?? "";
  expect(await t.outbox.discard(id)).toBe("message 1");
  expect(t.store.kept.size).toBe(0);
});

it("refuses what was written for a deleted session instead of losing it", async () => {
  const t = tab();
  t.api.answer({ sendTurn: () => Promise.resolve(err(refused("session-deleted", "It was deleted."))) });
  await t.outbox.send(A, message(1));
  await t.clock.settle();
  expect(t.outbox.entries()).toMatchObject([{ kind: "refused", why: "It was deleted." }]);
});

it("sends nothing of a session whose creation was refused, and keeps its texts", async () => {
  const told: string[] = [];
  const t = tab(share(), { onRefused: (_sid, why) => void told.push(why) });
  t.api.answer({ createSession: () => Promise.resolve(err(refused("bad-request", "No such agent."))) });
  void t.outbox.create(A, {});
  await t.outbox.send(A, message(1));
  await t.clock.settle();
  expect(t.api.count("sendTurn")).toBe(0);
  expect(t.outbox.entries()).toMatchObject([{ kind: "refused", why: "No such agent." }]);
  expect(told).toEqual(["No such agent."]);
});

it("waits while offline and sends once back, also when the page is hidden", async () => {
  const t = tab();
  t.page.setOnline(false);
  await t.outbox.send(A, message(1));
  await t.clock.advance(60_000);
  expect(t.api.calls).toEqual([]);
  t.page.hide();
  t.page.setOnline(true);
  await t.clock.settle();
  expect(sent(t.api)).toEqual(["message 1"]);
});

it("stops its retries when it goes offline", async () => {
  const t = tab();
  t.api.answer({ sendTurn: () => Promise.resolve(err(unreachable)) });
  await t.outbox.send(A, message(1));
  await t.clock.settle();
  t.page.setOnline(false);
  const calls = t.api.calls.length;
  await t.clock.advance(60_000);
  expect(t.api.calls).toHaveLength(calls);
  expect(t.clock.pendingTimers()).toBe(0);
});

it("pauses when signed out and goes on with the same entries after the sign-in", async () => {
  let isSignedOut = false;
  const t = tab(share(), { onSignedOut: () => (isSignedOut = true) });
  t.api.answer({ sendTurn: () => Promise.resolve(err({ kind: "signed-out" })) });
  await t.outbox.send(A, message(1));
  await t.clock.advance(60_000);
  expect(isSignedOut).toBe(true);
  expect(t.api.calls).toHaveLength(1);
  t.api.answer({ sendTurn: () => Promise.resolve(ok(undefined)) });
  t.outbox.setPaused("signed-out", false);
  await t.clock.settle();
  expect(sent(t.api)).toEqual(["message 1", "message 1"]);
  expect(t.outbox.entries()).toEqual([]);
});

it("goes on after a reload with what an earlier page kept", async () => {
  const shared = share();
  shared.api.answer({ sendTurn: () => Promise.resolve(err(unreachable)) });
  const before = tab(shared);
  await before.outbox.send(A, message(1));
  await shared.clock.settle();
  before.outbox.dispose();
  shared.api.answer({ sendTurn: () => Promise.resolve(ok(undefined)) });
  const after = tab(shared);
  after.outbox.resume();
  await shared.clock.settle();
  expect(sent(shared.api)).toEqual(["message 1", "message 1"]);
  expect(shared.store.kept.size).toBe(0);
});

it("sends once over two tabs that both know of it, and shows the entries of the other", async () => {
  const shared = share();
  const answer = createDeferred<Result<void, ApiFailure>>();
  shared.api.answer({ sendTurn: () => answer.promise });
  const first = tab(shared);
  const second = tab(shared);
  await first.outbox.send(A, message(1));
  await shared.clock.settle();
  expect(second.outbox.entries()).toHaveLength(1);
  second.outbox.resume();
  await shared.clock.settle();
  answer.resolve(ok(undefined));
  await shared.clock.settle();
  expect(sent(shared.api)).toEqual(["message 1"]);
  expect(second.outbox.entries()).toEqual([]);
});

it("lets the lock go when the page freezes in the middle of a send, and counts the late answer", async () => {
  const shared = share();
  const late = createDeferred<Result<void, ApiFailure>>();
  shared.api.answer({ sendTurn: () => late.promise });
  const frozen = tab(shared);
  await frozen.outbox.send(A, message(1));
  await shared.clock.settle();
  frozen.page.emit("freeze");
  await shared.clock.settle();
  const other = tab(shared);
  shared.api.answer({ sendTurn: () => Promise.resolve(ok(undefined)) });
  other.outbox.resume();
  await shared.clock.settle();
  expect(sent(shared.api)).toEqual(["message 1", "message 1"]);
  late.resolve(ok(undefined));
  await shared.clock.settle();
  expect(frozen.outbox.entries()).toEqual([]);
});

it("sends a deletion after the time to undo it, before everything else of the session, and drops the rest", async () => {
  const gone: SessionId[] = [];
  const t = tab(share(), { onDeleted: (sid) => void gone.push(sid) });
  t.page.setOnline(false);
  await t.outbox.send(A, message(1));
  await t.outbox.delete(A, 8_000);
  t.page.setOnline(true);
  await t.clock.advance(7_999);
  expect(t.api.calls).toEqual([]);
  await t.clock.advance(1);
  expect(sent(t.api)).toEqual(["deleteSession"]);
  expect(t.outbox.entries()).toEqual([]);
  expect(gone).toEqual([A]);
});

it("undoes a deletion and goes on with what it had held back", async () => {
  const t = tab();
  await t.outbox.delete(A, 8_000);
  await t.outbox.send(A, message(1));
  await t.clock.advance(5_000);
  expect(t.api.calls).toEqual([]);
  await t.outbox.undoDelete(A);
  await t.clock.advance(20_000);
  expect(sent(t.api)).toEqual(["message 1"]);
});

it("takes a deletion of what is gone already for done", async () => {
  for (const code of ["session-deleted", "session-not-found"] as const) {
    const t = tab();
    t.api.answer({ deleteSession: () => Promise.resolve(err(refused(code))) });
    await t.outbox.delete(A, 0);
    await t.clock.advance(0);
    expect(t.outbox.entries()).toEqual([]);
  }
});

it("gives the text back of what has not left, and nothing of what is on its way", async () => {
  const t = tab();
  const answer = createDeferred<Result<void, ApiFailure>>();
  t.api.answer({ sendTurn: () => answer.promise });
  await t.outbox.send(A, message(1));
  await t.outbox.send(A, message(2));
  await t.clock.settle();
  const [first, second] = t.outbox.entries();
  expect(await t.outbox.discard(first?.id ?? "")).toBeUndefined();
  expect(await t.outbox.discard(second?.id ?? "")).toBe("message 2");
  answer.resolve(ok(undefined));
  await t.clock.settle();
  expect(sent(t.api)).toEqual(["message 1"]);
});

it("does not take back what another tab is sending while this one stands in the queue behind it", async () => {
  const shared = share();
  const answer = createDeferred<Result<void, ApiFailure>>();
  shared.api.answer({ sendTurn: () => answer.promise });
  const other = tab(shared);
  const own = tab(shared);
  await other.outbox.send(A, message(1));
  await own.outbox.send(A, message(2));
  await shared.clock.settle();
  const [first, second] = own.outbox.entries();
  const taken = [own.outbox.discard(first?.id ?? ""), own.outbox.discard(second?.id ?? "")];
  await shared.clock.settle();
  // The other tab finds nothing behind it, and lets the lock go.
  other.outbox.setPaused("offline", true);
  answer.resolve(ok(undefined));
  expect(await Promise.all(taken)).toEqual([undefined, "message 2"]);
  await shared.clock.settle();
  expect(sent(shared.api)).toEqual(["message 1"]);
  // The queue goes on as before.
  await own.outbox.send(A, message(3));
  await shared.clock.settle();
  expect(sent(shared.api)).toEqual(["message 1", "message 3"]);
});

it("rejects when an entry can't be kept, and does not show it", async () => {
  const t = tab();
  t.store.isFull = true;
  await expect(t.outbox.send(A, message(1))).rejects.toThrow("no space");
  expect(t.outbox.entries()).toEqual([]);
});

it("tells what became of things", async () => {
  const told: string[] = [];
  const note = (what: string) => (sid: SessionId, value: SessionSummary | SendTurn) =>
    void told.push(`${what} ${sid === A} ${value.id}`);
  const t = tab(share(), {
    onCreated: note("created"),
    onAccepted: note("accepted"),
    onUpdated: note("updated"),
  });
  void t.outbox.create(A, {});
  void t.outbox.send(A, message(1));
  await t.outbox.update(A, { title: "New" });
  await t.clock.settle();
  expect(told).toEqual([`created true ${A}`, `accepted true ${turn(1)}`, `updated true ${A}`]);
});

it("holds everything while the page is older than the server's protocol", async () => {
  const t = tab();
  t.api.answer({ sendTurn: () => Promise.resolve(err({ kind: "update-needed", version: "2.0" })) });
  await t.outbox.send(A, message(1));
  await t.clock.advance(120_000);
  expect(t.api.calls).toHaveLength(1);
  expect(t.outbox.entries()).toHaveLength(1);
});

it("sends nothing that another tab has sent while it waited for the lock, even when nobody told of it", async () => {
  const shared = share();
  const answer = createDeferred<Result<void, ApiFailure>>();
  shared.api.answer({ sendTurn: () => answer.promise });
  const first = tab(shared);
  const deaf = tab({ ...shared, store: { ...shared.store, subscribe: () => () => {} } });
  await first.outbox.send(A, message(1));
  deaf.outbox.resume();
  await shared.clock.settle();
  expect(deaf.outbox.entries()).toHaveLength(1);
  answer.resolve(ok(undefined));
  await shared.clock.settle();
  expect(sent(shared.api)).toEqual(["message 1"]);
  expect(deaf.outbox.entries()).toEqual([]);
});

it("shows an entry that was put while an older answer of the store was on its way", async () => {
  const shared = share();
  const slow = createDeferred<void>();
  const load = shared.store.load.bind(shared.store);
  let loads = 0;
  const t = tab({
    ...shared,
    store: {
      ...shared.store,
      async load() {
        const kept = await load();
        loads += 1;
        if (loads === 1) await slow.promise;
        return kept;
      },
    },
  });
  t.page.setOnline(false);
  t.outbox.resume();
  await t.outbox.send(A, message(1));
  slow.resolve();
  await t.clock.settle();
  expect(t.outbox.entries()).toHaveLength(1);
});

it("tells of a sent deletion while its entry still hides the row", async () => {
  const seen: number[] = [];
  const t = tab(share(), { onDeleted: () => void seen.push(t.outbox.entries().length) });
  await t.outbox.delete(A, 0);
  await t.clock.settle();
  expect(seen).toEqual([1]);
  expect(t.outbox.entries()).toEqual([]);
});

it("tells when a message is refused because its session is gone, and keeps the words", async () => {
  const gone: string[] = [];
  const t = tab(share(), { onGone: (sid, why) => void gone.push(`${sid} ${why}`) });
  t.api.answer({ sendTurn: () => Promise.resolve(err(refused("session-deleted"))) });
  await t.outbox.send(A, message(1));
  await t.clock.settle();
  expect(gone).toEqual([`${A} deleted`]);
  expect(t.outbox.entries()).toMatchObject([{ kind: "refused", body: { text: "message 1" }, isGone: true }]);
});

it("tells apart what was refused for another reason, and tells nothing of a new name for what is gone", async () => {
  const told: string[] = [];
  const t = tab(share(), {
    onGone: () => void told.push("gone"),
    onRefused: (_, why) => void told.push(why),
  });
  t.api.answer({
    sendTurn: () => Promise.resolve(err(refused("bad-request"))),
    updateSession: () => Promise.resolve(err(refused("session-not-found"))),
  });
  await t.outbox.send(A, message(1));
  await t.outbox.update(A, { title: "Sums" });
  await t.clock.settle();
  expect(t.outbox.entries()).toMatchObject([{ kind: "refused" }]);
  expect(t.outbox.entries()[0]).not.toHaveProperty("isGone");
  expect(told).toEqual([]);
});

it("deletes when the time to undo it has passed, though the wall clock was set back an hour", async () => {
  const t = tab();
  await t.outbox.delete(A, 8_000);
  await t.clock.advance(1_000);
  t.clock.jump(-3_600_000);
  t.page.emit("visible");
  await t.clock.advance(7_000);
  expect(sent(t.api)).toEqual([]);
  await t.clock.advance(2_000);
  expect(sent(t.api)).toEqual(["deleteSession"]);
});

it("a clock that was set back does not put a new message before those that wait, over reloads and tabs", async () => {
  const shared = share();
  shared.api.answer({ sendTurn: () => Promise.resolve(err(unreachable)) });
  const idAt = (ms: number, tail: number): string => {
    const time = ms.toString(16).padStart(12, "0");
    return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${tail.toString(16).padStart(12, "0")}`;
  };
  let nowMs = 2_000_000;
  let ids = 0;
  const random = { fraction: () => 0, uuid: () => idAt(nowMs, (ids += 1)) };
  const first = tab({ ...shared, random });
  await first.outbox.send(A, message(1));
  nowMs = 1_000_000;
  // Loaded anew: it knows nothing but what is kept.
  const second = tab({ ...shared, random });
  second.outbox.resume();
  await shared.clock.settle();
  await second.outbox.send(A, message(2));
  nowMs = 500_000;
  await first.outbox.send(A, message(3));
  const third = tab({ ...shared, random });
  third.outbox.resume();
  await shared.clock.settle();
  const texts = third.outbox.entries().map((entry) => (entry.kind === "send" ? entry.body.text : ""));
  expect(texts).toEqual(["message 1", "message 2", "message 3"]);
});

it("nor before the disk has answered: what the store knows at once is enough", async () => {
  const shared = share();
  shared.api.answer({ sendTurn: () => Promise.resolve(err(unreachable)) });
  const latest = "ffff0000-0000-7000-8000-000000000000";
  const store = { ...shared.store, latestId: () => latest };
  const { outbox } = tab({ ...shared, store });
  void outbox.create(A, {});
  await outbox.send(A, message(1));
  const [created, sent] = outbox.entries();
  expect([created?.kind, sent?.kind]).toEqual(["create", "send"]);
  expect(created !== undefined && created.id > latest).toBe(true);
});
