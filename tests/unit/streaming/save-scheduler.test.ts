import { expect, it } from "vitest";
import type { SessionId } from "../../../src/protocol/ids.ts";
import { createSaveScheduler } from "../../../src/streaming/save-scheduler.ts";
import { createDeferred, type Deferred } from "../../support/fake-api.ts";
import { session } from "../../support/streaming-samples.ts";
import { createVirtualClock } from "../../support/virtual-clock.ts";

const A = session(1);

function setUp() {
  const clock = createVirtualClock();
  const writes: { readonly session: SessionId; readonly atMs: number }[] = [];
  let gate: Deferred<void> | undefined;
  const saves = createSaveScheduler(clock, async (sid) => {
    writes.push({ session: sid, atMs: clock.now() });
    await gate?.promise;
    return "written";
  });
  return {
    clock,
    writes,
    saves,
    close: () => (gate = createDeferred<void>()),
    open: () => {
      gate?.resolve();
      gate = undefined;
    },
  };
}

it("writes at most once per half second and session", async () => {
  const { clock, writes, saves } = setUp();
  for (let tick = 0; tick < 40; tick += 1) {
    saves.touch(A);
    await clock.advance(50);
  }
  expect(writes.length).toBe(4);
});

it("writes each session by itself", async () => {
  const { clock, writes, saves } = setUp();
  saves.touch(A);
  saves.touch(session(2));
  await clock.advance(500);
  expect(writes.map((write) => write.session)).toEqual([A, session(2)]);
});

it("writes at once when asked, and nothing when nothing changed", async () => {
  const { clock, writes, saves } = setUp();
  await saves.saveNow(A);
  expect(writes).toEqual([]);
  saves.touch(A);
  void saves.saveNow(A);
  expect(writes).toHaveLength(1);
  await clock.advance(5_000);
  expect(writes).toHaveLength(1);
  expect(clock.pendingTimers()).toBe(0);
});

it("writes once more behind a write on its way, never beside it", async () => {
  const s = setUp();
  s.close();
  s.saves.touch(A);
  void s.saves.saveNow(A);
  s.saves.touch(A);
  const flushed = s.saves.saveNow(A);
  expect(s.writes).toHaveLength(1);
  s.open();
  await flushed;
  expect(s.writes).toHaveLength(2);
});

it("begins nothing while held and catches up afterwards", async () => {
  const { clock, writes, saves } = setUp();
  saves.touch(A);
  saves.hold();
  await saves.saveAllNow();
  await clock.advance(5_000);
  expect(writes).toEqual([]);
  saves.release();
  await clock.advance(500);
  expect(writes).toHaveLength(1);
});

it("writes nothing of a session that was forgotten, also behind a write on its way", async () => {
  const s = setUp();
  s.close();
  s.saves.touch(A);
  void s.saves.saveNow(A);
  s.saves.touch(A);
  s.saves.forget(A);
  s.open();
  await s.clock.advance(5_000);
  expect(s.writes).toHaveLength(1);
});
