import { expect, it } from "vitest";
import { ok } from "../../../src/protocol/result.ts";
import { createCoreHarness, type CoreHarness } from "../../support/core-harness.ts";
import { queued, sampleSnapshot, session, started, turn } from "../../support/streaming-samples.ts";

const S = session(1);

async function live(): Promise<CoreHarness> {
  const h = createCoreHarness();
  h.api.answer({ snapshot: (sid) => Promise.resolve(ok(sampleSnapshot(sid))) });
  await h.core.loadSession(S);
  await h.clock.settle();
  h.greet(h.sources.last(), S, 0);
  return h;
}

it("takes two and a half heartbeats of silence for death and reopens at once", async () => {
  const h = await live();
  await h.clock.advance(24_000);
  expect(h.sources.all).toHaveLength(1);
  await h.clock.advance(1_000);
  expect(h.sources.all).toHaveLength(2);
  expect(h.sources.openNow()).toHaveLength(1);
});

it("leaves a line alone on which only pings arrive", async () => {
  const h = await live();
  for (let ping = 0; ping < 20; ping += 1) {
    await h.clock.advance(10_000);
    h.sources.last().control({ name: "ping", tail: 0 });
  }
  expect(h.sources.all).toHaveLength(1);
});

it.each([1_000, 2_000, 10_000, 60_000])(
  "with a heartbeat of %d ms a half-open stream is recovered within three, the next one too, however often",
  async (heartbeatMs) => {
    const h = await live();
    h.sources.last().error();
    await h.clock.advance(500);
    h.hello(h.sources.last(), S, 0, "e1", heartbeatMs);
    h.sources.last().control({ name: "caught-up", tail: 0 });
    // The tick that was due before the heartbeat was named.
    await h.clock.advance(1_000);
    h.sources.last().control({ name: "ping", tail: 0 });
    for (let death = 0; death < 5; death += 1) {
      const opened = h.sources.all.length;
      await h.clock.advance(2.5 * heartbeatMs - 1);
      expect(h.sources.all).toHaveLength(opened);
      await h.clock.advance(Math.min(1_000, 0.25 * heartbeatMs) + 1);
      expect(h.sources.all).toHaveLength(opened + 1);
      expect(h.sources.openNow()).toHaveLength(1);
      h.hello(h.sources.last(), S, 0, "e1", heartbeatMs);
      h.sources.last().control({ name: "caught-up", tail: 0 });
    }
  },
);

it("doubles its patience after a death that owed text and brought none, so that a trickling line is not cut for ever", async () => {
  const h = await live();
  await h.clock.advance(25_000);
  h.hello(h.sources.last(), S, 5);
  await h.clock.advance(25_000);
  expect(h.sources.all, "owed for the first time").toHaveLength(3);
  h.hello(h.sources.last(), S, 5);
  await h.clock.advance(49_000);
  expect(h.sources.all).toHaveLength(3);
  await h.clock.advance(2_000);
  expect(h.sources.all).toHaveLength(4);
});

/** Three lines in a row that owed text and brought none: the watchdog believes the next one for 200 s. */
async function patient(): Promise<CoreHarness> {
  const h = await live();
  await h.clock.advance(25_000);
  for (const silentMs of [25_000, 50_000, 100_000]) {
    h.hello(h.sources.last(), S, 9);
    await h.clock.advance(silentMs);
  }
  expect(h.sources.all).toHaveLength(5);
  h.hello(h.sources.last(), S, 9);
  return h;
}

const text = { from: 1, seq: 2, events: [queued(turn(1)), started(turn(1))] };

it("is as strict as at first again as soon as a line brings text: three heartbeats on that line", async () => {
  const h = await patient();
  await h.clock.advance(60_000);
  h.sources.last().frame(text);
  await h.clock.advance(24_000);
  expect(h.sources.all).toHaveLength(5);
  await h.clock.advance(2_000);
  expect(h.sources.all).toHaveLength(6);
});

it("is as strict on the next line, however the one that brought text ended", async () => {
  const h = await patient();
  h.sources.last().frame(text);
  h.sources.last().error();
  await h.clock.advance(500);
  expect(h.sources.all).toHaveLength(6);
  h.hello(h.sources.last(), S, 9);
  await h.clock.advance(26_000);
  expect(h.sources.all).toHaveLength(7);
});

it("is as strict again after a sleep: what was slow was the way before", async () => {
  const h = await patient();
  h.clock.jump(3_600_000);
  await h.clock.advance(1_000);
  h.hello(h.sources.last(), S, 9);
  await h.clock.advance(26_000);
  expect(h.sources.all).toHaveLength(7);
});

it.each([
  ["greeting", 0],
  ["ping", 1],
])(
  "gets every message of a slow line that is held up for three minutes after each %s",
  async (_what, pings) => {
    const h = await live();
    let brought = 0;
    h.sources.last().error();
    for (let opened = 1; brought < 3 && opened < 30;) {
      await h.clock.advance(500);
      expect(h.sources.all.length, "a line follows the one that was cut").toBeGreaterThan(opened);
      opened = h.sources.all.length;
      const line = h.sources.last();
      h.hello(line, S, 9);
      for (let ping = 0; ping < pings; ping += 1) {
        await h.clock.advance(10_000);
        line.control({ name: "ping", tail: 9 });
      }
      for (let heldMs = 0; heldMs < 180_000 && !line.isClosed; heldMs += 1_000) await h.clock.advance(1_000);
      if (line.isClosed) continue;
      brought += 1;
      line.frame({
        from: 2 * brought - 1,
        seq: 2 * brought,
        events: [queued(turn(brought)), started(turn(brought))],
      });
      line.error();
    }
    expect(h.core.view(S)?.conversation?.turns).toHaveLength(3);
  },
);

it("has no patience left over for a line that has caught up", async () => {
  const h = await live();
  await h.clock.advance(25_000);
  h.hello(h.sources.last(), S, 2);
  await h.clock.advance(25_000);
  h.hello(h.sources.last(), S, 2);
  h.sources.last().frame({ from: 1, seq: 2, events: [queued(turn(1)), started(turn(1))] });
  h.sources.last().control({ name: "caught-up", tail: 2 });
  await h.clock.advance(26_000);
  expect(h.sources.all).toHaveLength(4);
});

it("gives a connect up that says no hello in ten seconds and retries on a fresh source", async () => {
  const h = await live();
  h.sources.last().error();
  await h.clock.advance(500);
  const hung = h.sources.last();
  await h.clock.advance(9_000);
  expect(hung.isClosed).toBe(false);
  await h.clock.advance(2_000);
  expect(hung.isClosed).toBe(true);
  await h.clock.advance(1_000);
  expect(h.sources.openNow()).toHaveLength(1);
  expect(h.sources.last()).not.toBe(hung);
});

it("takes a jump of the wall clock for sleep, in either direction, and reopens without backoff", async () => {
  for (const jumpMs of [3_600_000, -3_600_000]) {
    const h = await live();
    h.clock.jump(jumpMs);
    await h.clock.advance(1_000);
    expect(h.sources.all).toHaveLength(2);
    expect(h.core.view(S)?.connection).toMatchObject({ kind: "connecting", attempt: 0 });
  }
});

it("takes a page that was stopped for more than 5 s, just after a look, for one that slept", async () => {
  const h = await live();
  await h.clock.advance(100);
  // The look that was due 0.9 s later comes 4.7 s late.
  h.clock.jump(4_700);
  await h.clock.advance(900);
  expect(h.sources.all).toHaveLength(2);
});

it("takes a short stall of the page for what it is", async () => {
  const h = await live();
  h.clock.jump(4_000);
  await h.clock.advance(1_000);
  expect(h.sources.all).toHaveLength(1);
});

it("only closes while hidden", async () => {
  const h = await live();
  h.sources.last().frame({ from: 1, seq: 2, events: [queued(turn(1)), started(turn(1))] });
  h.page.hide();
  await h.clock.advance(60_000);
  expect(h.sources.openNow()).toEqual([]);
  expect(h.sources.all).toHaveLength(1);
  expect(h.core.INFLIGHT.get(S)?.reattach).toBe(true);
});

it("keeps no timer when nothing is viewed", async () => {
  const h = await live();
  await h.core.loadSession(undefined);
  await h.clock.advance(1_000);
  expect(h.clock.pendingTimers()).toBe(0);
});

it("sees a silent death while hidden, though the clock was set back by an hour", async () => {
  const h = await live();
  h.sources.last().frame({ from: 1, seq: 2, events: [queued(turn(1)), started(turn(1))] });
  h.page.hide();
  h.clock.jump(-3_600_000);
  await h.clock.advance(60_000);
  expect(h.sources.openNow()).toEqual([]);
  h.page.show();
  expect(h.sources.openNow()).toHaveLength(1);
});
