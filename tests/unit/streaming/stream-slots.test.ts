import { expect, it } from "vitest";
import { bufferText } from "../../../src/protocol/conversation.ts";
import type { LogEvent } from "../../../src/protocol/events.ts";
import type { TurnId } from "../../../src/protocol/ids.ts";
import { err, ok } from "../../../src/protocol/result.ts";
import type { SlotWord, TabLock } from "../../../src/streaming/ports.ts";
import { FOLLOW_IDLE_MS, FOLLOW_MS } from "../../../src/streaming/delays.ts";
import { createCoreHarness, type CoreHarness } from "../../support/core-harness.ts";
import { refused, unreachable } from "../../support/fake-api.ts";
import { createMemoryConversationStore } from "../../support/memory-conversation-store.ts";
import { createMemoryTabLock } from "../../support/memory-outbox-store.ts";
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
import { createVirtualClock } from "../../support/virtual-clock.ts";

const S = session(1);

/** Word between tabs: every one but the speaker hears it, in a turn of its own. */
function createSlotWords(): { ofTab(): SlotWord } {
  const listeners = new Set<(slot: number) => void>();
  return {
    ofTab() {
      let own: ((slot: number) => void) | undefined;
      return {
        ask(slot) {
          for (const listener of listeners) if (listener !== own) queueMicrotask(() => listener(slot));
        },
        subscribe(listener) {
          own = listener;
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      };
    },
  };
}

/** Tabs of one browser that share clock, disk and locks, all viewing one session, with leave for `maxStreams` streams. */
async function tabs(
  count: number,
  maxStreams: number,
  onWaiting: (tab: number, isWaiting: boolean) => void = () => {},
): Promise<readonly CoreHarness[]> {
  const clock = createVirtualClock();
  const lock = createMemoryTabLock();
  const store = createMemoryConversationStore();
  const words = createSlotWords();
  const all: CoreHarness[] = [];
  for (let index = 0; index < count; index += 1) {
    const lockOfTab: TabLock = {
      withLock(name, work, givenUp) {
        onWaiting(index + 1, true);
        void givenUp?.then(() => onWaiting(index + 1, false));
        return lock.withLock(name, () => (onWaiting(index + 1, false), work()), givenUp);
      },
    };
    const h = createCoreHarness({ clock, lock: lockOfTab, store, slotWord: words.ofTab() }, { maxStreams });
    h.api.answer({ snapshot: (sid) => Promise.resolve(ok(sampleSnapshot(sid))) });
    serveLog(h);
    await h.core.loadSession(S);
    await clock.settle();
    for (const source of h.sources.openNow()) h.greet(source, S, 0);
    all.push(h);
  }
  return all;
}

const logs = new WeakMap<CoreHarness, LogEvent[]>();

/** Answers `/events` from a log of its own, in frames of three events. */
function serveLog(h: CoreHarness): void {
  const log: LogEvent[] = [];
  logs.set(h, log);
  h.api.answer({
    events: (_, after, limit = 1_000) => {
      const start = after?.seq ?? 0;
      const end = Math.min(log.length, start + limit);
      const frames = [];
      for (let from = start + 1; from <= end; from += 3) {
        const seq = Math.min(from + 2, end);
        frames.push({ from, seq, events: log.slice(from - 1, seq) });
      }
      return Promise.resolve(
        ok({ frames, cursor: { epoch: epoch("e1"), seq: end }, hasMore: end < log.length }),
      );
    },
  });
}

/** The server's log goes on. */
function write(h: CoreHarness, ...events: LogEvent[]): void {
  logs.get(h)?.push(...events);
}

function words(h: CoreHarness, tid: TurnId): string | undefined {
  const buffer = h.core.view(S)?.conversation.turns.get(tid)?.parts.get(part("a"))?.buffer;
  return buffer === undefined ? undefined : bufferText(buffer);
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

it("reads the log on from its cursor where no stream is to be had, and announces an end it finds", async () => {
  const [first, second] = await tabs(2, 1);
  if (first === undefined || second === undefined) throw new Error("two tabs");
  await first.clock.advance(1_500);
  expect(second.core.view(S)?.connection.kind).toBe("live");
  write(second, queued(turn(1)), started(turn(1)), said(turn(1), 0, "Hello"));
  await first.clock.advance(FOLLOW_IDLE_MS);
  expect(second.core.view(S)?.cursor?.seq).toBe(3);
  expect(second.core.INFLIGHT.get(S)?.reattach).toBe(true);
  expect(second.changes).toContainEqual({ kind: "grown", session: S, turn: turn(1), part: "a" });
  write(second, said(turn(1), 5, ", you"), ended(turn(1)));
  await first.clock.advance(FOLLOW_MS);
  expect(words(second, turn(1))).toBe("Hello, you");
  expect(second.changes).toContainEqual({ kind: "ended", session: S, turn: turn(1) });
  expect(second.core.INFLIGHT.has(S)).toBe(false);
  expect(second.sources.all).toEqual([]);
  expect(second.api.count("snapshot")).toBe(0);
});

it("is never two seconds behind while something runs, and asks less while nothing does", async () => {
  const [first, second] = await tabs(2, 1);
  if (first === undefined || second === undefined) throw new Error("two tabs");
  write(second, queued(turn(1)), started(turn(1)));
  await first.clock.advance(10_000);
  for (let offset = 0; offset < 10; offset += 1) {
    write(second, said(turn(1), offset, "x"));
    await first.clock.advance(1_990);
    expect(second.core.view(S)?.cursor?.seq).toBe(3 + offset);
  }
  write(second, ended(turn(1)));
  await first.clock.advance(2_000);
  const polls = second.api.count("events");
  await first.clock.advance(60_000);
  expect(second.api.count("events") - polls).toBeLessThanOrEqual(12);
});

it("polls at once when asked to, and leaves the poll that was due", async () => {
  const [first, second] = await tabs(2, 1);
  if (first === undefined || second === undefined) throw new Error("two tabs");
  await first.clock.advance(2_000);
  const polls = second.api.count("events");
  write(second, queued(turn(1)));
  second.core.retryNow(S);
  await first.clock.settle();
  expect(second.core.view(S)?.cursor?.seq).toBe(1);
  await first.clock.advance(FOLLOW_MS - 1);
  expect(second.api.count("events")).toBe(polls + 1);
  await first.clock.advance(1);
  expect(second.api.count("events")).toBe(polls + 2);
});

it("reads a long way behind page by page, each in a task of its own", async () => {
  const [first, second] = await tabs(2, 1);
  if (first === undefined || second === undefined) throw new Error("two tabs");
  await first.clock.advance(1_000);
  const many = Array.from({ length: 2_500 }, (_, offset) => said(turn(1), offset, "x"));
  write(second, queued(turn(1)), started(turn(1)), ...many);
  const polls = second.api.count("events");
  await first.clock.advance(FOLLOW_IDLE_MS);
  expect(words(second, turn(1))).toBe("x".repeat(2_500));
  expect(second.api.count("events") - polls).toBeGreaterThanOrEqual(3);
});

it("reads the snapshot when its cursor can't be continued", async () => {
  const [first, second] = await tabs(2, 1);
  if (first === undefined || second === undefined) throw new Error("two tabs");
  await first.clock.advance(1_000);
  answerAt(second, 9, "running");
  second.api.answer({ events: () => Promise.resolve(err(refused("bad-cursor"))) });
  await first.clock.advance(FOLLOW_IDLE_MS);
  expect(second.api.count("snapshot")).toBe(1);
  expect(second.core.view(S)?.cursor?.seq).toBe(9);
});

it("reads the snapshot when two pages in a row can't be read, and does not ask for them for ever", async () => {
  const [first, second] = await tabs(2, 1);
  if (first === undefined || second === undefined) throw new Error("two tabs");
  await first.clock.advance(1_000);
  answerAt(second, 9, "running");
  const unreadable = {
    kind: "unreachable",
    message: "Something unknown answered.",
    isUnreadable: true,
  } as const;
  second.api.answer({ events: () => Promise.resolve(err(unreadable)) });
  const before = second.api.count("events");
  await first.clock.advance(FOLLOW_IDLE_MS);
  expect(second.api.count("events")).toBe(before + 2);
  expect(second.api.count("snapshot")).toBe(1);
  expect(second.core.view(S)?.cursor?.seq).toBe(9);
  // The next ones can't be read either: with backoff, the snapshot tells all there is.
  await first.clock.advance(60_000);
  expect(second.api.count("snapshot")).toBeGreaterThan(2);
  expect(second.api.count("events")).toBeLessThan(before + 20);
});

it("a page that can't be read once is asked for again, and the next one counts anew", async () => {
  const [first, second] = await tabs(2, 1);
  if (first === undefined || second === undefined) throw new Error("two tabs");
  await first.clock.advance(1_000);
  const unreadable = {
    kind: "unreachable",
    message: "Something unknown answered.",
    isUnreadable: true,
  } as const;
  for (let round = 0; round < 3; round += 1) {
    second.api.answer({ events: () => Promise.resolve(err(unreadable)) });
    const before = second.api.count("events");
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    for (let ms = 0; second.api.count("events") === before && ms < 20_000; ms += 100)
      await first.clock.advance(100);
    serveLog(second);
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await first.clock.advance(5_000);
  }
  expect(second.api.count("snapshot")).toBe(0);
});

it("takes a page with a hole for one: asks again, then reads the snapshot", async () => {
  const [first, second] = await tabs(2, 1);
  if (first === undefined || second === undefined) throw new Error("two tabs");
  await first.clock.advance(1_000);
  answerAt(second, 9, "running");
  const frames = [{ from: 5, seq: 9, events: [ended(turn(1))] }];
  second.api.answer({
    events: () => Promise.resolve(ok({ frames, cursor: { epoch: epoch("e1"), seq: 9 }, hasMore: false })),
  });
  await first.clock.advance(FOLLOW_IDLE_MS + 1_000);
  expect(second.core.view(S)?.cursor?.seq).toBe(9);
  expect(second.api.count("snapshot")).toBe(1);
});

it("takes a page that brings nothing and promises more for a hole, not for a reason to ask for ever", async () => {
  const [first, second] = await tabs(2, 1);
  if (first === undefined || second === undefined) throw new Error("two tabs");
  second.api.answer({
    events: () => Promise.resolve(ok({ frames: [], cursor: { epoch: epoch("e1"), seq: 0 }, hasMore: true })),
  });
  await first.clock.advance(20_000);
  expect(second.api.count("events")).toBeLessThan(20);
});

it("follows a session that was begun here from the beginning of its log, without a snapshot", async () => {
  const [first] = await tabs(1, 1);
  if (first === undefined) throw new Error("one tab");
  const second = createCoreHarness({ clock: first.clock, lock: first.ports.lock }, { maxStreams: 1 });
  serveLog(second);
  write(second, queued(turn(1)), started(turn(1)), said(turn(1), 0, "Hi"));
  second.core.begin(sampleSummary(S));
  await second.core.loadSession(S);
  second.core.created(S);
  await first.clock.advance(2_000);
  expect(words(second, turn(1))).toBe("Hi");
  expect(second.api.count("snapshot")).toBe(0);
});

it("streams from the polled cursor as soon as another tab gives its slot back", async () => {
  const [first, second] = await tabs(2, 1);
  if (first === undefined || second === undefined) throw new Error("two tabs");
  write(second, queued(turn(1)), started(turn(1)), said(turn(1), 0, "Hi"));
  await first.clock.advance(4_000);
  await first.core.loadSession(undefined);
  await first.clock.settle();
  expect(second.sources.last().url).toContain("after=e1.3");
  const polls = second.api.count("events");
  second.greet(second.sources.last(), S, 3);
  await first.clock.advance(10_000);
  expect(second.api.count("events")).toBe(polls);
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
  const polls = second.api.count("events");
  await first.clock.advance(20_000);
  expect(second.api.count("events")).toBe(polls);
  second.page.show();
  first.sources.last().error();
  await first.clock.advance(600);
  expect(first.sources.openNow()).toHaveLength(1);
  expect(second.sources.all).toEqual([]);
});

it("backs off when a poll fails", async () => {
  const [first, second] = await tabs(2, 1);
  if (first === undefined || second === undefined) throw new Error("two tabs");
  second.api.answer({ events: () => Promise.resolve(err(unreachable)) });
  await first.clock.advance(20_000);
  expect(second.core.view(S)?.connection).toMatchObject({ attempt: expect.any(Number) });
  expect(second.api.count("events")).toBeLessThan(12);
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

it("a hidden tab gives its slot up when one in sight waits, though a turn runs in it", async () => {
  const [first, second] = await tabs(2, 1);
  if (first === undefined || second === undefined) throw new Error("two tabs");
  first.sources.last().frame({ from: 1, seq: 2, events: [queued(turn(1)), started(turn(1))] });
  await first.clock.advance(60_000);
  expect(second.sources.all, "a tab in sight yields to nobody").toEqual([]);
  first.page.hide();
  await first.clock.advance(FOLLOW_IDLE_MS);
  expect(first.sources.openNow()).toEqual([]);
  expect(first.core.INFLIGHT.get(S)?.reattach).toBe(true);
  expect(second.sources.openNow()).toHaveLength(1);
});

it("does not take a slot back from a tab in sight when it is seen again: it follows, and nothing goes to and fro", async () => {
  const [first, second] = await tabs(2, 1);
  if (first === undefined || second === undefined) throw new Error("two tabs");
  first.sources.last().frame({ from: 1, seq: 2, events: [queued(turn(1)), started(turn(1))] });
  first.page.hide();
  await first.clock.advance(FOLLOW_IDLE_MS);
  second.greet(second.sources.last(), S, 0);
  first.page.show();
  for (let round = 0; round < 12; round += 1) {
    await first.clock.advance(5_000);
    second.sources.last().control({ name: "ping", tail: 0 });
  }
  expect(second.sources.all).toHaveLength(1);
  expect(first.sources.all).toHaveLength(1);
  expect(first.core.view(S)?.connection.kind).toBe("live");
});

it("one hidden tab yields to one that waits, the others keep their running turns", async () => {
  const all = await tabs(4, 3);
  const waiting = all[3];
  if (waiting === undefined) throw new Error("four tabs");
  for (const h of all.slice(1, 3)) {
    h.sources.last().frame({ from: 1, seq: 2, events: [queued(turn(1)), started(turn(1))] });
    h.page.hide();
  }
  await waiting.clock.advance(3 * FOLLOW_IDLE_MS);
  expect(all.map((h) => h.sources.openNow().length)).toEqual([1, 0, 1, 1]);
});

it("a hidden tab does not stand in the queue: a lock granted to a frozen page would be held by nobody", async () => {
  const waiting: number[] = [];
  const [first, second, third] = await tabs(3, 1, (tab, isWaiting) => {
    if (isWaiting) waiting.push(tab);
    else waiting.splice(waiting.indexOf(tab), 1);
  });
  if (first === undefined || second === undefined || third === undefined) throw new Error("three tabs");
  await first.clock.advance(2_000);
  expect(waiting).toEqual([2, 3]);
  second.page.hide();
  await first.clock.settle();
  // In the order of the queue the second one would come next; granted, it would hand the lock on only while it runs.
  expect(waiting).toEqual([3]);
  first.core.dispose();
  await first.clock.settle();
  expect(third.sources.openNow()).toHaveLength(1);
});

it.each(["freeze", "pagehide"] as const)(
  "gives its slot back at %s, also when it was in sight",
  async (event) => {
    const [first, second] = await tabs(2, 1);
    if (first === undefined || second === undefined) throw new Error("two tabs");
    first.sources.last().frame({ from: 1, seq: 2, events: [queued(turn(1)), started(turn(1))] });
    first.page.emit(event);
    await first.clock.settle();
    expect(first.sources.openNow()).toEqual([]);
    expect(second.sources.openNow()).toHaveLength(1);
    first.page.emit("resume");
    await first.clock.advance(1_000);
    expect(first.core.view(S)?.connection.kind, "back, it follows within a second").toBe("live");
  },
);
