import * as fc from "fast-check";
import { expect, test } from "vitest";
import { demoText } from "../../../src/backend/demo-agent.ts";
import type { StoreWrite } from "../../../src/backend/ports.ts";
import { MAX_FRAME_BYTES } from "../../../src/protocol/limits.ts";
import { createHarness, DEMO, foldReading, textsOf, type Harness } from "../../support/backend-harness.ts";
import { sessionId, turnId } from "../../support/wire-samples.ts";

const sid = sessionId();

async function counted(count: number): Promise<Harness> {
  const harness = await createHarness();
  await harness.must(harness.backend.createSession(sid, DEMO));
  await harness.send(sid, turnId(1), `count ${count} 5`);
  await harness.clock.advance(count * 10 + 100);
  return harness;
}

test("hello comes before anything is waited for, caught-up once, and control frames carry no id", async () => {
  const harness = await counted(3);
  const sink = harness.open(sid);
  expect(sink.names()).toEqual(["hello"]);
  await harness.clock.advance(0);
  expect(sink.names()).toEqual(["hello", "log", "caught-up"]);
  expect(sink.messages.every((message) => (message.event === undefined) === (message.id !== undefined))).toBe(
    true,
  );
  expect(sink.control("hello")).toEqual([
    {
      protocol: "1.2",
      session: sid,
      epoch: expect.any(String),
      tail: 7,
      heartbeatMs: 10_000,
      version: "test",
    },
  ]);
  expect(sink.control("caught-up")).toEqual([{ tail: 7 }]);
});

test("a reader from any cursor folds to the same text, and each seq lies in one frame of its reading", async () => {
  const harness = await counted(60);
  const full = await read(harness, undefined);
  const whole = textsOf(foldReading(full.frames));
  expect(Object.values(whole)).toEqual([demoText("count 60")]);
  await fc.assert(
    fc.asyncProperty(fc.nat(full.tail), async (seq) => {
      const { frames } = await read(harness, `${full.epoch}.${seq}`);
      if (seq === full.tail) expect(frames).toEqual([]);
      // A cursor inside a merged range gets the whole of it.
      else expect(frames[0]?.from).toBeLessThanOrEqual(seq + 1);
      let next = frames[0]?.from ?? 0;
      for (const frame of frames) {
        expect(frame.from).toBe(next);
        next = frame.seq + 1;
      }
    }),
    { numRuns: 40 },
  );
});

async function read(harness: Harness, after: string | undefined) {
  const sink = harness.open(sid, after === undefined ? {} : { after });
  await harness.wait(sink.subscription.delivered());
  sink.subscription.unsubscribe();
  const [hello] = sink.control("hello") as [{ epoch: string; tail: number }];
  return { frames: sink.frames(), epoch: hello.epoch, tail: hello.tail };
}

test("the hand-over from replay to live loses and doubles nothing while events are appended, whenever a reader joins", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 0, max: 12 }),
      async (joins, latencyMs) => {
        const harness = await createHarness({ groupCommitMs: 3 }, { latencyMs });
        await harness.must(harness.backend.createSession(sid, DEMO));
        await harness.send(sid, turnId(1), "count 80 2");
        const sinks: ReturnType<Harness["open"]>[] = [];
        for (const [delayMs, room] of joins) {
          await harness.clock.advance(delayMs);
          const sink = harness.open(sid);
          sink.room = room;
          sinks.push(sink);
        }
        // Each takes a few messages, is full, and drains in its own rhythm.
        for (let step = 0; step < 200; step += 1) {
          await harness.clock.advance(3);
          for (const [index, sink] of sinks.entries()) {
            if (sink.room > 0) continue;
            sink.room = 1 + ((step + index) % 3);
            sink.subscription.onDrain();
          }
        }
        for (const sink of sinks) {
          sink.room = Infinity;
          sink.subscription.onDrain();
        }
        await Promise.all(sinks.map((sink) => harness.wait(sink.subscription.delivered())));
        for (const sink of sinks) {
          expect(Object.values(textsOf(foldReading(sink.frames())))).toEqual([demoText("count 80")]);
          expect(sink.names().filter((name) => name === "caught-up")).toHaveLength(1);
        }
      },
    ),
    { numRuns: 30 },
  );
});

test("frames of a catch-up are at most 16 KiB and few", async () => {
  const harness = await createHarness();
  await harness.must(harness.backend.createSession(sid, DEMO));
  await harness.send(sid, turnId(1), "long 200");
  await harness.clock.advance(8_000);
  const { frames } = await read(harness, undefined);
  expect(Object.values(textsOf(foldReading(frames)))).toEqual([demoText("long 200")]);
  const sink = harness.open(sid);
  await harness.wait(sink.subscription.delivered());
  for (const message of sink.messages)
    expect(Buffer.byteLength(message.data)).toBeLessThanOrEqual(MAX_FRAME_BYTES);
  expect(frames.length).toBeLessThan(20);
});

test.each([
  ["another epoch", "zzz.1", "epoch"],
  ["a seq beyond the tail", "+1", "ahead"],
  ["no cursor at all", "nonsense", "malformed"],
])("%s is answered with resync and then nothing", async (_name, after, reason) => {
  const harness = await counted(3);
  const epoch = harness.store.disk.logs.get(sid)?.record.epoch ?? "";
  const sink = harness.open(sid, { after: after === "+1" ? `${epoch}.8` : after });
  await harness.send(sid, turnId(2), "count 3 5");
  await harness.clock.advance(30_000);
  expect(sink.names()).toEqual(["hello", "resync"]);
  expect(sink.control("resync")).toEqual([{ reason }]);
  expect(harness.backend.openStreams()).toBe(0);
});

test("the start is the larger of header and query within one epoch, else the header", async () => {
  const harness = await counted(5);
  const epoch = harness.store.disk.logs.get(sid)?.record.epoch ?? "";
  const firstSeq = async (start: { lastEventId?: string; after?: string }) => {
    const sink = harness.open(sid, start);
    await harness.clock.advance(0);
    return sink.control("resync").length > 0 ? "resync" : sink.frames()[0]?.from;
  };
  // Nine events in one merged row would hide the difference: only the tail, which sends none, tells them apart.
  expect(await firstSeq({ lastEventId: `${epoch}.9`, after: `${epoch}.2` })).toBeUndefined();
  expect(await firstSeq({ lastEventId: `${epoch}.2`, after: `${epoch}.9` })).toBeUndefined();
  expect(await firstSeq({ lastEventId: `${epoch}.9`, after: "old.900" })).toBeUndefined();
  expect(await firstSeq({ lastEventId: "old.2", after: `${epoch}.9` })).toBe("resync");
  expect(await firstSeq({ lastEventId: "", after: `${epoch}.9` })).toBeUndefined();
  expect(await firstSeq({})).toBe(1);
});

test("one shared timer pings every stream, and none runs when nobody reads", async () => {
  const harness = await counted(3);
  await harness.clock.advance(5_000);
  const idle = harness.clock.pendingTimers();
  const sinks = Array.from({ length: 50 }, () => harness.open(sid));
  expect(harness.clock.pendingTimers()).toBe(idle + 2);
  await harness.clock.advance(20_000);
  for (const sink of sinks) expect(sink.control("ping")).toEqual([{ tail: 7 }, { tail: 7 }]);
  for (const sink of sinks) sink.subscription.unsubscribe();
  expect(harness.clock.pendingTimers()).toBe(idle);
});

test("viewers at the same position are given the same message object", async () => {
  const harness = await createHarness();
  await harness.must(harness.backend.createSession(sid, {}));
  const one = harness.open(sid);
  const other = harness.open(sid);
  await harness.send(sid, turnId(1), "hello");
  harness.puppet.last().text("a");
  await harness.clock.advance(20);
  const logs = (sink: typeof one) => sink.messages.filter((message) => message.event === undefined);
  expect(logs(one).length).toBe(3);
  for (const [index, message] of logs(one).entries()) expect(logs(other)[index]).toBe(message);
});

test("a full reader gets nothing more until it drains, and then all of it", async () => {
  const harness = await createHarness();
  await harness.must(harness.backend.createSession(sid, {}));
  const sink = harness.open(sid);
  await harness.send(sid, turnId(1), "hello");
  sink.room = 1;
  for (let index = 0; index < 300; index += 1) {
    harness.puppet.last().text("x".repeat(100));
    await harness.clock.advance(11);
  }
  const before = sink.messages.length;
  expect(sink.frames().at(-1)?.seq).toBeLessThan(10);
  sink.room = Infinity;
  sink.subscription.onDrain();
  await harness.wait(sink.subscription.delivered());
  // Merged: kilobytes in a few frames, not three hundred events.
  expect(sink.messages.length - before).toBeLessThan(8);
  expect(Object.values(textsOf(foldReading(sink.frames())))).toEqual(["x".repeat(30_000)]);
});

test("a reader that takes nothing for a minute is cut off", async () => {
  const harness = await counted(3);
  const sink = harness.open(sid);
  sink.room = 1;
  await harness.send(sid, turnId(2), "count 3 5");
  await harness.clock.advance(59_000);
  expect(sink.hasEnded).toBe(false);
  await harness.clock.advance(17_000);
  expect(sink.wasCut).toBe(true);
  expect(harness.backend.openStreams()).toBe(0);
});

test("a refusal is one bye and the end", async () => {
  const harness = await counted(1);
  const unknown = harness.open(sessionId(9));
  expect(unknown.names()).toEqual(["bye"]);
  expect(unknown.control("bye")).toEqual([{ reason: "not-found" }]);
  expect(unknown.hasEnded).toBe(true);
  await harness.must(harness.backend.deleteSession(sid));
  expect(harness.open(sid).control("bye")).toEqual([{ reason: "deleted" }]);
});

test("a reader whose sink throws is dropped, and the others read on", async () => {
  const harness = await createHarness();
  await harness.must(harness.backend.createSession(sid, DEMO));
  const bad = harness.open(sid);
  const fail = (): never => {
    throw new Error("gone");
  };
  bad.write = fail;
  bad.end = fail;
  const good = harness.open(sid);
  await harness.send(sid, turnId(1), "count 5 5");
  await harness.clock.advance(200);
  expect(harness.backend.openStreams()).toBe(1);
  expect(Object.values(textsOf(foldReading(good.frames())))).toEqual([demoText("count 5")]);
});

test("a reading under way keeps its frames apart while the idle log would be compacted", async () => {
  const harness = await counted(40);
  await harness.must(harness.backend.createSession(sessionId(2), DEMO));
  const busy = sessionId(3);
  await harness.must(harness.backend.createSession(busy, DEMO));
  const sink = harness.open(busy);
  sink.room = 8;
  await harness.send(busy, turnId(1), "count 40 5");
  await harness.clock.advance(5_000);
  const rows = () => harness.store.disk.logs.get(busy)?.rows.length ?? 0;
  // The stalled reader stands in the middle, so the log stays as it was written.
  expect(rows()).toBeGreaterThan(10);
  sink.room = Infinity;
  sink.subscription.onDrain();
  await harness.wait(sink.subscription.delivered());
  expect(Object.values(textsOf(foldReading(sink.frames())))).toEqual([demoText("count 40")]);
  await harness.send(busy, turnId(2), "count 2 5");
  await harness.clock.advance(5_000);
  expect(rows()).toBe(1);
});

test("a page of the log ends where the limit is, and the pages together are the log", async () => {
  const harness = await createHarness();
  await harness.must(harness.backend.createSession(sid, DEMO));
  await harness.send(sid, turnId(1), "count 20 15");
  await harness.clock.advance(400);
  const frames = [];
  let after: string | undefined;
  for (let hasMore = true; hasMore;) {
    const page = await harness.must(harness.backend.events(sid, { after, limit: 4 }));
    frames.push(...page.frames);
    after = page.cursor;
    ({ hasMore } = page);
  }
  expect(frames.length).toBeGreaterThan(3);
  expect(frames.map((frame) => frame.from)).toEqual([
    1,
    ...frames.slice(0, -1).map((frame) => frame.seq + 1),
  ]);
  expect((await harness.refused(harness.backend.events(sid, { after: "x.1" }))).code).toBe("bad-cursor");
  expect((await harness.refused(harness.backend.events(sid, { after: "?" }))).code).toBe("bad-cursor");
});

test("merging a long log for good lets the commits of other sessions through", async () => {
  const kinds: string[] = [];
  const failCommit = (writes: readonly StoreWrite[]): undefined => void kinds.push(writes[0]?.kind ?? "");
  const harness = await createHarness({}, { failCommit });
  const other = sessionId(2);
  await harness.must(harness.backend.createSession(sid, {}));
  await harness.must(harness.backend.createSession(other, {}));
  await harness.send(sid, turnId(1), "long");
  const long = harness.puppet.last();
  for (let row = 0; row < 500; row += 1) {
    long.text("x".repeat(2_000));
    await harness.clock.advance(11);
  }
  await harness.send(other, turnId(2), "busy");
  long.finish();
  const rows = () => harness.store.disk.logs.get(sid)?.rows.length ?? 0;
  const written = rows();
  for (let step = 0; step < 300; step += 1) {
    harness.puppet.last().text("y");
    await harness.clock.advance(5);
  }
  expect([written > 500, rows() < 150]).toEqual([true, true]);
  expect(kinds.slice(kinds.indexOf("compact"), kinds.lastIndexOf("compact"))).toContain("append");
});
