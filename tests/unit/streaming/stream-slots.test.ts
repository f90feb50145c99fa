import { expect, it } from "vitest";
import { err, ok } from "../../../src/protocol/result.ts";
import { createCoreHarness, type CoreHarness } from "../../support/core-harness.ts";
import { unreachable } from "../../support/fake-api.ts";
import { createMemoryConversationStore } from "../../support/memory-conversation-store.ts";
import { createMemoryTabLock } from "../../support/memory-outbox-store.ts";
import { epoch, sampleSnapshot, sampleTurn, session, turn } from "../../support/streaming-samples.ts";
import { createVirtualClock } from "../../support/virtual-clock.ts";

const S = session(1);

/** Tabs of one browser that share clock, disk and locks, all viewing one session, with leave for `maxStreams` streams. */
async function tabs(count: number, maxStreams: number): Promise<readonly CoreHarness[]> {
  const clock = createVirtualClock();
  const lock = createMemoryTabLock();
  const store = createMemoryConversationStore();
  const all: CoreHarness[] = [];
  for (let index = 0; index < count; index += 1) {
    const h = createCoreHarness({ clock, lock, store }, { maxStreams });
    h.api.answer({ snapshot: (sid) => Promise.resolve(ok(sampleSnapshot(sid))) });
    await h.core.loadSession(S);
    await clock.settle();
    for (const source of h.sources.openNow()) h.greet(source, S, 0);
    all.push(h);
  }
  return all;
}

function answerAt(h: CoreHarness, seq: number, status: "running" | "ended"): void {
  const snapshot = sampleSnapshot(S, {
    cursor: { epoch: epoch("e1"), seq },
    turns: [sampleTurn(turn(1), status === "running" ? { status, outcome: undefined } : { status })],
  });
  h.api.answer({ snapshot: () => Promise.resolve(ok(snapshot)) });
}

it("opens no more streams over all tabs than there is leave for (S1)", async () => {
  const all = await tabs(6, 4);
  expect(all.map((h) => h.sources.openNow().length)).toEqual([1, 1, 1, 1, 0, 0]);
});

it("follows by polling where no stream is to be had, and announces an end it finds", async () => {
  const [first, second] = await tabs(2, 1);
  if (first === undefined || second === undefined) throw new Error("two tabs");
  await first.clock.advance(1_500);
  expect(second.core.view(S)?.connection.kind).toBe("live");
  answerAt(second, 5, "running");
  await first.clock.advance(2_000);
  expect(second.core.view(S)?.cursor?.seq).toBe(5);
  expect(second.core.INFLIGHT.get(S)?.reattach).toBe(true);
  answerAt(second, 9, "ended");
  await first.clock.advance(2_000);
  expect(second.changes).toContainEqual({ kind: "ended", session: S, turn: turn(1) });
  expect(second.sources.all).toEqual([]);
});

it("streams from the polled cursor as soon as another tab gives its slot back", async () => {
  const [first, second] = await tabs(2, 1);
  if (first === undefined || second === undefined) throw new Error("two tabs");
  answerAt(second, 5, "ended");
  await first.clock.advance(4_000);
  await first.core.loadSession(undefined);
  await first.clock.settle();
  expect(second.sources.last().url).toContain("after=e1.5");
  const polls = second.api.count("snapshot");
  second.greet(second.sources.last(), S, 5);
  await first.clock.advance(10_000);
  expect(second.api.count("snapshot")).toBe(polls);
});

it("hands a slot on that comes when nothing is wanted any more", async () => {
  const [first, second, third] = await tabs(3, 1);
  if (first === undefined || second === undefined || third === undefined) throw new Error("three tabs");
  await second.core.loadSession(undefined);
  first.core.dispose();
  await first.clock.settle();
  expect(second.sources.all).toEqual([]);
  expect(third.sources.openNow()).toHaveLength(1);
});

it("polls nothing while hidden, and keeps its slot over a reconnect (S5)", async () => {
  const [first, second] = await tabs(2, 1);
  if (first === undefined || second === undefined) throw new Error("two tabs");
  await first.clock.advance(3_000);
  second.page.hide();
  const polls = second.api.count("snapshot");
  await first.clock.advance(20_000);
  expect(second.api.count("snapshot")).toBe(polls);
  second.page.show();
  first.sources.last().error();
  await first.clock.advance(600);
  expect(first.sources.openNow()).toHaveLength(1);
  expect(second.sources.all).toEqual([]);
});

it("backs off when a poll fails", async () => {
  const [first, second] = await tabs(2, 1);
  if (first === undefined || second === undefined) throw new Error("two tabs");
  second.api.answer({ snapshot: () => Promise.resolve(err(unreachable)) });
  await first.clock.advance(20_000);
  expect(second.core.view(S)?.connection).toMatchObject({ attempt: expect.any(Number) });
  expect(second.api.count("snapshot")).toBeLessThan(12);
});

it("keeps its slot when another session is opened, though another tab waits for one", async () => {
  const [first, second] = await tabs(2, 1);
  if (first === undefined || second === undefined) throw new Error("two tabs");
  await first.core.loadSession(session(2));
  await first.clock.settle();
  await first.core.loadSession(S);
  await first.clock.settle();
  expect(first.sources.openNow()).toHaveLength(1);
  expect(second.sources.all).toEqual([]);
});

it("gives its slot back when what it shows was deleted", async () => {
  const [first, second] = await tabs(2, 1);
  if (first === undefined || second === undefined) throw new Error("two tabs");
  await first.core.forget(session(9));
  await first.core.loadSession(session(9));
  await first.clock.settle();
  expect(second.sources.openNow()).toHaveLength(1);
});
