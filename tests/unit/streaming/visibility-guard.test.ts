import { expect, it } from "vitest";
import { ok } from "../../../src/protocol/result.ts";
import { createCoreHarness, type CoreHarness } from "../../support/core-harness.ts";
import {
  ended,
  queued,
  said,
  sampleSnapshot,
  session,
  started,
  turn,
} from "../../support/streaming-samples.ts";

const S = session(1);
const T = turn(1);

async function live(): Promise<CoreHarness> {
  const h = createCoreHarness();
  h.api.answer({ snapshot: (sid) => Promise.resolve(ok(sampleSnapshot(sid))) });
  await h.core.loadSession(S);
  await h.clock.settle();
  h.greet(h.sources.last(), S, 0);
  return h;
}

async function running(): Promise<CoreHarness> {
  const h = await live();
  h.sources.last().frame({ from: 1, seq: 3, events: [queued(T), started(T), said(T, 0, "Hi")] });
  return h;
}

/** Lets time pass while the server pings. */
async function pass(h: CoreHarness, ms: number): Promise<void> {
  for (let leftMs = ms; leftMs > 0; leftMs -= 5_000) {
    await h.clock.advance(Math.min(5_000, leftMs));
    const tail = h.core.view(S)?.cursor?.seq ?? 0;
    for (const source of h.sources.openNow()) source.control({ name: "ping", tail });
  }
}

it("closes an idle stream after thirty seconds hidden, not before", async () => {
  const h = await live();
  h.page.hide();
  await pass(h, 29_000);
  expect(h.core.view(S)?.connection.kind).toBe("live");
  await pass(h, 1_000);
  expect(h.sources.openNow()).toEqual([]);
  expect(h.core.view(S)?.connection.kind).toBe("paused");
});

it("leaves a stream with a running turn open while hidden, folds its end, and closes it thirty seconds later", async () => {
  const h = await running();
  h.page.hide();
  await pass(h, 600_000);
  expect(h.sources.openNow()).toHaveLength(1);
  h.sources.last().frame({ from: 4, seq: 4, events: [ended(T)] });
  expect(h.changes).toContainEqual({ kind: "ended", session: S, turn: T });
  expect(h.core.INFLIGHT.has(S)).toBe(false);
  await pass(h, 25_000);
  expect(h.sources.openNow()).toHaveLength(1);
  await pass(h, 20_000);
  expect(h.sources.openNow()).toHaveLength(0);
});

it.each([-3_600_000, -20_000, 3_600_000])(
  "closes an idle hidden stream within a minute, though the clock is moved by %d ms meanwhile",
  async (jumpMs) => {
    const h = await live();
    h.page.hide();
    await pass(h, 5_000);
    h.clock.jump(jumpMs);
    await pass(h, 60_000);
    expect(h.sources.openNow()).toEqual([]);
    expect(h.core.view(S)?.connection.kind).toBe("paused");
  },
);

it("neither connects nor asks anything while hidden, whatever fails (S5)", async () => {
  const h = await running();
  h.page.hide();
  h.sources.last().error();
  expect(h.core.INFLIGHT.get(S)?.reattach).toBe(true);
  const calls = h.api.calls.length;
  await h.clock.advance(3_600_000);
  expect(h.sources.all).toHaveLength(1);
  expect(h.api.calls).toHaveLength(calls);
  expect(h.clock.pendingTimers()).toBe(0);
});

it("cancels a connect that is under way when the page is hidden", async () => {
  const h = await live();
  h.sources.last().error();
  await h.clock.advance(500);
  h.page.hide();
  expect(h.sources.openNow()).toEqual([]);
  h.page.show();
  expect(h.sources.openNow()).toHaveLength(1);
});

it("keeps the socket after a short look elsewhere", async () => {
  const h = await running();
  h.page.hide();
  await h.clock.advance(4_000);
  h.page.show();
  expect(h.sources.all).toHaveLength(1);
  expect(h.core.view(S)?.connection.kind).toBe("live");
});

it("takes the socket for dead after more than five seconds away, even when a burst just arrived on it", async () => {
  const h = await running();
  h.page.hide();
  await h.clock.advance(5_001);
  h.sources.last().frame({ from: 4, seq: 4, events: [said(T, 2, "!")] });
  h.page.show();
  expect(h.sources.all).toHaveLength(2);
  expect(h.sources.openNow()).toHaveLength(1);
  expect(h.sources.last().url).toContain("after=e1.4");
  expect(h.core.view(S)?.connection).toMatchObject({ kind: "connecting", attempt: 0 });
});

it("reopens at once after freeze and resume, also when the page was never hidden", async () => {
  const h = await running();
  h.page.emit("freeze");
  h.clock.jump(60_000);
  h.page.emit("resume");
  expect(h.sources.all).toHaveLength(2);
});

it("gives the socket back at pagehide, begins no write, and reopens when restored", async () => {
  const h = await running();
  const begun = h.store.begun;
  h.page.emit("pagehide");
  h.page.emit("hidden");
  expect(h.sources.openNow()).toEqual([]);
  await h.clock.advance(10_000);
  expect(h.store.begun).toBe(begun);
  h.page.emit("restored");
  expect(h.sources.openNow()).toHaveLength(1);
  await h.clock.advance(1_000);
  expect(h.store.begun).toBeGreaterThan(begun);
});

it("writes at once when hidden and when frozen", async () => {
  for (const leave of ["hidden", "freeze"] as const) {
    const h = await running();
    const begun = h.store.begun;
    h.page.emit(leave);
    expect(h.store.begun).toBe(begun + 1);
  }
});

it("opens nothing while offline, keeps a socket that still speaks, and goes on with online", async () => {
  const h = await running();
  h.page.setOnline(false);
  h.sources.last().frame({ from: 4, seq: 4, events: [said(T, 2, "!")] });
  expect(h.core.view(S)?.cursor?.seq).toBe(4);
  h.sources.last().error();
  await h.clock.advance(60_000);
  expect(h.sources.all).toHaveLength(1);
  expect(h.core.view(S)?.connection.kind).toBe("paused");
  h.page.setOnline(true);
  expect(h.sources.openNow()).toHaveLength(1);
});

it("does not believe an open socket once the device was offline, however shortly: it may be on another network", async () => {
  const h = await running();
  h.page.setOnline(false);
  await h.clock.advance(200);
  h.page.setOnline(true);
  expect(h.sources.all).toHaveLength(2);
  expect(h.sources.openNow()).toHaveLength(1);
});

it("remembers that it was offline until it is looked at", async () => {
  const h = await running();
  h.page.hide();
  h.page.setOnline(false);
  h.page.setOnline(true);
  expect(h.sources.all).toHaveLength(1);
  h.page.show();
  expect(h.sources.all).toHaveLength(2);
});

it("believes the fact when a resume comes without an online event", async () => {
  const h = await running();
  h.page.setOnline(false);
  h.sources.last().error();
  h.page.hide();
  await h.clock.advance(10_000);
  h.page.setOnlineSilently(true);
  h.page.show();
  expect([...(h.core.view(S)?.reasons ?? [])]).toEqual([]);
  expect(h.sources.openNow()).toHaveLength(1);
});

it("waits for the last reason to go", async () => {
  const h = await running();
  h.page.hide();
  h.page.setOnline(false);
  h.sources.last().error();
  await h.clock.advance(60_000);
  h.page.setOnline(true);
  expect(h.sources.openNow()).toEqual([]);
  h.page.show();
  expect(h.sources.openNow()).toHaveLength(1);
});

it("looks at silence when the window gets focus: two heartbeats are enough there", async () => {
  const h = await live();
  await h.clock.advance(19_000);
  h.page.emit("focus");
  expect(h.sources.all).toHaveLength(1);
  await h.clock.advance(1_000);
  h.page.emit("focus");
  expect(h.sources.all).toHaveLength(2);
});

it("stops the countdown to a reconnect when the page is hidden", async () => {
  const h = await live();
  await h.clock.advance(1_000);
  h.sources.last().error();
  expect(h.core.view(S)?.connection.kind).toBe("waiting");
  h.page.hide();
  expect(h.clock.pendingTimers()).toBe(0);
});

it("believes the fact when the network went without an offline event", async () => {
  const h = await running();
  h.page.setOnlineSilently(false);
  h.page.emit("focus");
  expect([...(h.core.view(S)?.reasons ?? [])]).toEqual(["offline"]);
});
