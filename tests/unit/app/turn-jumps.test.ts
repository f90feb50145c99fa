import { expect, test, vi } from "vitest";
import { err, ok } from "../../../src/protocol/result.ts";
import type { TurnState } from "../../../src/protocol/conversation.ts";
import { FAR_PAGE_TURNS, SEARCH_AGAIN_MS, SEARCH_DELAY_MS } from "../../../src/app/delays-and-limits.ts";
import { loadConversationSearch } from "../../../src/app/late-conversation-search.ts";
import { toTurnSnapshot } from "../../../src/protocol/conversation-snapshot.ts";
import { problem } from "../../../src/protocol/problems.ts";
import type { JoinedTurns } from "../../../src/streaming/core-types.ts";
import { epoch } from "../../support/wire-samples.ts";
import { addPart, partState, sessionId, sessionView, summary, turnId, turnState } from "../state/samples.ts";
import { createFakeWorld, type FakeWorld } from "./fakes.ts";

const S = sessionId(1);

function answered(number: number, text = `answer ${number}`): TurnState {
  const turn = turnState(number, { text: `question ${number}`, status: "ended", outcome: "complete" });
  addPart(turn, partState("a", text));
  return turn;
}
const turns = (first: number, last: number): readonly TurnState[] =>
  Array.from({ length: last - first + 1 }, (_, at) => answered(first + at));

/** A session of a hundred turns, of which the last fifty are loaded and the rest comes in pages of 25; far pages can't be had. */
async function longSession(path = `/s/${S}`, target = ""): Promise<FakeWorld> {
  const world = createFakeWorld((before) => {
    before.listed.set(S, summary(1));
    before.views.set(S, sessionView(1, turns(51, 100), { hasMore: true }));
    before.path = path;
    before.target = target;
    before.answers.set("snapshot", err({ kind: "unreachable", message: "It hangs." }));
    for (const first of [26, 1]) {
      before.earlierPages.push(() => {
        const page = { earlier: turns(first, 50), hasMore: first > 1 };
        before.views.set(S, sessionView(1, turns(51, 100), page));
        return { kind: "loaded" };
      });
    }
  });
  world.app.start();
  await world.settle();
  return world;
}

const asked = (world: FakeWorld): number => world.calls.filter((call) => call.startsWith("earlier")).length;
const shownTarget = (world: FakeWorld) => world.app.state.conversation.target.value?.turn;

test("a jump to a turn that is loaded asks for nothing", async () => {
  const world = await longSession();
  await world.app.actions.jumpToTurn(turnId(60));
  expect([shownTarget(world), asked(world)]).toEqual([turnId(60), 0]);
});

test("a jump to a turn that is not loaded asks page by page until it is there", async () => {
  const world = await longSession();
  await world.app.actions.jumpToTurn(turnId(30));
  expect([shownTarget(world), asked(world)]).toEqual([turnId(30), 1]);
  await world.app.actions.jumpToStart();
  expect([shownTarget(world), asked(world)]).toEqual([turnId(1), 2]);
});

test("an address that names a turn shows it once, and then names the session alone", async () => {
  const world = await longSession(`/s/${S}`, `#t=${turnId(3)}`);
  await world.settle();
  expect(shownTarget(world)).toBe(turnId(3));
  expect(world.calls).toContain(`replace /s/${S}`);
});

test("a jump to a turn that there is not says so, and stops at the beginning", async () => {
  const world = await longSession();
  await world.app.actions.jumpToTurn(turnId(999));
  expect([shownTarget(world), asked(world)]).toEqual([undefined, 2]);
  expect(world.app.state.shell.toast.value).toMatch(/no such message/);
});

test("what can't be loaded is said, not asked for again by itself, and again when the network is back", async () => {
  const world = await longSession();
  world.earlierPages.unshift(() => ({ kind: "failed", why: "The server can't be reached." }));
  await world.app.actions.jumpToTurn(turnId(30));
  expect(world.app.state.conversation.earlier.value).toMatchObject({
    kind: "failed",
    why: expect.stringContaining("can't be reached"),
  });
  world.app.actions.wantEarlier();
  expect(asked(world)).toBe(1);
  world.page("online");
  world.app.actions.wantEarlier();
  await world.settle();
  expect(asked(world)).toBe(2);
  expect(world.app.state.conversation.earlier.value).toEqual({ kind: "idle" });
});

test("offline it says that earlier messages are on the server", async () => {
  const world = await longSession();
  world.isOnline = false;
  world.page("offline");
  world.earlierPages.unshift(() => ({ kind: "failed", why: "No network." }));
  await world.app.actions.loadEarlier();
  expect(world.app.state.conversation.earlier.value).toMatchObject({ why: expect.stringMatching(/offline/) });
});

test("a jump that was called off, or whose session was left, moves nothing", async () => {
  const world = await longSession();
  const jump = world.app.actions.jumpToTurn(turnId(2));
  world.app.actions.cancelJump();
  await jump;
  expect(shownTarget(world)).toBeUndefined();
  expect(asked(world)).toBeLessThanOrEqual(1);
  const other = world.app.actions.jumpToTurn(turnId(2));
  world.app.actions.openNewSession();
  await other;
  expect(shownTarget(world)).toBeUndefined();
});

test("keys that are pressed while a jump is under way count from where it ends", async () => {
  const world = await longSession();
  const { actions } = world.app;
  const start = actions.jumpToStart();
  actions.moveReader("next-question");
  actions.moveReader("next-question");
  expect(world.app.state.conversation.move.value).toBeUndefined();
  await start;
  expect(shownTarget(world)).toBe(turnId(3));
  actions.moveReader("next-question");
  expect(world.app.state.conversation.move.value).toEqual({ kind: "next-question" });
});

test("keys from a turn that is jumped to go either way, and no further than what is loaded", async () => {
  const world = await longSession();
  const { actions } = world.app;
  const jump = actions.jumpToTurn(turnId(30));
  actions.moveReader("previous-question");
  await jump;
  expect(shownTarget(world)).toBe(turnId(29));
  const start = actions.jumpToStart();
  actions.moveReader("previous-question");
  actions.moveReader("previous-question");
  await start;
  expect(shownTarget(world)).toBe(turnId(1));
});

test("who asks for the end, or for a turn that is there, is not drawn away by the jump he asked for before", async () => {
  const world = await longSession();
  const { actions } = world.app;
  const start = actions.jumpToStart();
  await actions.jumpToTurn(turnId(60));
  await start;
  expect(shownTarget(world)).toBe(turnId(60));
});

test("a key at the edge of what is loaded loads what is beyond, and goes there; with those pressed meanwhile", async () => {
  const world = await longSession();
  const { actions } = world.app;
  const step = actions.stepBeyond(turnId(51), -1);
  actions.moveReader("previous-question");
  await step;
  expect(shownTarget(world)).toBe(turnId(49));
});

const CURSOR = { epoch: epoch(), seq: 400 };

/** Three hundred turns, of which the last fifty are loaded; the server answers with pages of any of them. */
async function farSession(setup: (world: FakeWorld) => void = () => undefined): Promise<FakeWorld> {
  const world = createFakeWorld((before) => {
    before.listed.set(S, summary(1));
    before.views.set(S, sessionView(1, turns(251, 300), { hasMore: true, cursor: CURSOR }));
    before.path = `/s/${S}`;
    setup(before);
  });
  world.app.start();
  await world.settle();
  return world;
}

/** What the server answers to the next request for a page. */
function servePage(world: FakeWorld, first: number, last: number, cursor = CURSOR): void {
  const page = turns(first, last).map(toTurnSnapshot);
  world.answers.set("snapshot", ok({ cursor, turns: page, hasMore: first > 1, hasLater: last < 300 }));
}

const rows = (world: FakeWorld): readonly string[] =>
  world.app.state.conversation.rows.value.map((row) => row.key);
const numbered = (...ranges: readonly (readonly [number, number])[]): readonly string[] =>
  ranges.flatMap(([first, last]) => turns(first, last).map((turn) => turn.id));
const gapAt = (world: FakeWorld): string | undefined => {
  const { gapAfter, groups } = world.app.state.conversation;
  return groups.value.find((group) => group.key === gapAfter.value)?.rows.at(-1)?.key;
};

test("a jump far up brings its target with what follows it, and leaves out what lies between", async () => {
  const world = await farSession();
  servePage(world, 100, 160);
  await world.app.actions.jumpToTurn(turnId(100));
  expect([shownTarget(world), asked(world)]).toEqual([turnId(100), 0]);
  expect(rows(world)).toEqual(numbered([100, 160], [251, 300]));
  expect(gapAt(world)).toBe(turnId(160));
  expect(world.calls).toContain(
    `snapshot "${S}" ${JSON.stringify({ from: turnId(100), turns: FAR_PAGE_TURNS })}`,
  );
  // The beginning, in its place.
  servePage(world, 1, 60);
  await world.app.actions.jumpToStart();
  expect(rows(world)).toEqual(numbered([1, 60], [251, 300]));
  expect(world.app.state.conversation.hasMore.value).toBe(false);
});

test("the gap is filled from the side that is read, and what has met becomes the core's own", async () => {
  const joined: JoinedTurns[] = [];
  const world = await farSession((before) => {
    before.joinEarlier = (_, page) => {
      joined.push(page);
      const view = sessionView(1, turns(201, 300), {
        earlier: page.turns,
        hasMore: page.hasMore,
        cursor: CURSOR,
      });
      before.views.set(S, view);
      return true;
    };
  });
  const { conversation } = world.app.state;
  servePage(world, 100, 160);
  await world.app.actions.jumpToTurn(turnId(100));
  const before = conversation.groups.value;
  servePage(world, 160, 220);
  await world.app.actions.loadBetween("above");
  expect(rows(world)).toEqual(numbered([100, 220], [251, 300]));
  // Pages of the core's own reach into it.
  world.earlierPages.push(() => {
    world.views.set(S, sessionView(1, turns(201, 300), { hasMore: true, cursor: CURSOR }));
    return { kind: "loaded" };
  });
  await world.app.actions.loadBetween("below");
  expect(joined.map(({ before: at, turns: taken }) => [at, taken.length])).toEqual([[turnId(201), 101]]);
  expect([rows(world), gapAt(world)]).toEqual([numbered([100, 300]), undefined]);
  // What was in the page stays there as it is.
  expect(conversation.groups.value.slice(0, 2)).toEqual(before.slice(0, 2));
  expect(conversation.groups.value[1]).toBe(before[1]);
  expect(new Set(conversation.groups.value.map(({ key }) => key)).size).toBe(
    conversation.groups.value.length,
  );
});

test("a key at the gap goes on with what is loaded there; a jump's keys end at the gap", async () => {
  const world = await farSession();
  const { actions } = world.app;
  servePage(world, 1, 4);
  const start = actions.jumpToStart();
  for (let keys = 0; keys < 9; keys += 1) actions.moveReader("next-question");
  await start;
  expect([shownTarget(world), gapAt(world)]).toEqual([turnId(4), turnId(4)]);
  servePage(world, 4, 60);
  const step = actions.stepBeyond(turnId(4), 1);
  actions.moveReader("next-question");
  await step;
  expect([shownTarget(world), gapAt(world)]).toEqual([turnId(6), turnId(60)]);
});

test("earlier turns come in before the far ones, and a target near by leaves no gap", async () => {
  const world = await farSession();
  servePage(world, 100, 160);
  await world.app.actions.jumpToTurn(turnId(100));
  servePage(world, 40, 99);
  await world.app.actions.loadEarlier();
  expect(rows(world)).toEqual(numbered([40, 160], [251, 300]));
  servePage(world, 200, 300);
  await world.app.actions.jumpToTurn(turnId(200));
  expect([rows(world), gapAt(world)]).toEqual([numbered([200, 300]), undefined]);
});

test("a page that is ahead of the stream waits for it, and one of another log is not shown", async () => {
  const world = await farSession();
  servePage(world, 100, 160, { ...CURSOR, seq: 401 });
  const jump = world.app.actions.jumpToTurn(turnId(100));
  await world.settle();
  expect(rows(world)).toEqual(numbered([251, 300]));
  const view = sessionView(1, turns(251, 300), { hasMore: true, cursor: { ...CURSOR, seq: 401 } });
  world.views.set(S, view);
  world.emit({ kind: "conversation", session: S });
  await jump;
  expect(rows(world)).toEqual(numbered([100, 160], [251, 300]));
  const other = { epoch: epoch("other"), seq: 1 };
  world.views.set(S, sessionView(1, turns(251, 300), { hasMore: true, cursor: other }));
  world.emit({ kind: "conversation", session: S });
  world.frame();
  expect(rows(world)).toEqual(numbered([251, 300]));
});

test("a turn that the server does not know is said at once, and an older server is paged through", async () => {
  const world = await farSession();
  const unknown = problem("turn-not-found", "No such turn.");
  world.answers.set("snapshot", err({ kind: "problem", problem: unknown }));
  await world.app.actions.jumpToTurn(turnId(999));
  expect([world.app.state.shell.toast.value, asked(world)]).toEqual([
    expect.stringMatching(/no such message/),
    0,
  ]);
  world.answers.set(
    "snapshot",
    ok({ cursor: CURSOR, turns: turns(251, 300).map(toTurnSnapshot), hasMore: true }),
  );
  world.earlierPages.push(() => {
    world.views.set(S, sessionView(1, turns(251, 300), { earlier: turns(1, 250), cursor: CURSOR }));
    return { kind: "loaded" };
  });
  await world.app.actions.jumpToTurn(turnId(100));
  expect([shownTarget(world), asked(world), gapAt(world)]).toEqual([turnId(100), 1, undefined]);
});

test("an occurrence is found in its part, in what another answer has replaced, and far up without the server", async () => {
  const world = await farSession((before) => {
    const replaced = answered(299, "a Zebra");
    addPart(replaced, { ...partState("t", "zebra"), type: "tool", name: "zebra", input: { zebra: "ZEBRA" } });
    const instead = { ...answered(300), replaces: turnId(299) };
    before.views.set(
      S,
      sessionView(1, [...turns(251, 298), replaced, instead], { hasMore: true, cursor: CURSOR }),
    );
  });
  servePage(world, 100, 160);
  await world.app.actions.jumpToTurn(turnId(100));
  world.answers.set("search", err({ kind: "unreachable", message: "It hangs." }));
  const { search } = world.app.state;
  await searchFor(world, "zebra");
  expect([search.total.value, search.place.value]).toEqual([5, { turn: turnId(299), part: "t", index: 3 }]);
  world.app.actions.goToOccurrence(1);
  await world.settle();
  expect(search.place.value).toEqual({ turn: turnId(299), part: "a", index: 0 });
  await searchFor(world, "question 123");
  expect(search.total.value).toBe(1);
});

async function searchFor(world: FakeWorld, query: string): Promise<void> {
  world.app.actions.openSearch();
  await loadConversationSearch();
  await world.settle();
  world.app.actions.searchFor(query);
  world.pass(SEARCH_DELAY_MS);
  await world.settle();
}

test("a search looks through what is loaded here and asks the server for what stands before it", async () => {
  const world = await longSession();
  const excerpt = { before: "", match: "ANSWER 7", after: "" };
  world.answers.set("search", ok({ matches: [{ turn: turnId(7), count: 2, excerpt }], hasMore: false }));
  await searchFor(world, "answer 7");
  const { search } = world.app.state;
  expect(world.calls).toContain(`search "${S}" ${JSON.stringify({ q: "answer 7", before: turnId(51) })}`);
  expect(search.found.value.map(({ turn, count }) => [turn, count])).toEqual([
    [turnId(7), 2],
    ...[70, 71, 72, 73, 74, 75, 76, 77, 78, 79].map((number) => [turnId(number), 1]),
  ]);
  // The last, as he reads at the end; from there all around.
  expect([search.position.value, search.total.value]).toEqual([12, 12]);
  world.app.actions.goToOccurrence(1);
  await vi.waitFor(() => expect(shownTarget(world)).toBe(turnId(7)));
  expect(search.position.value).toBe(1);
  world.app.actions.goToOccurrence(-1);
  expect(search.position.value).toBe(12);
});

test("without the server what is loaded is searched, and it is said", async () => {
  const world = await longSession();
  world.answers.set("search", err({ kind: "unreachable", message: "It hangs." }));
  await searchFor(world, "question 60");
  expect(world.app.state.search.total.value).toBe(1);
  expect(world.app.state.search.shortfall.value).toMatch(/Only what is loaded/);
});

test("a search follows an answer that grows, and is over with its session", async () => {
  const world = await longSession();
  const running = turnState(101);
  const part = partState("a", "nothing yet");
  addPart(running, part);
  world.views.set(S, sessionView(1, [...turns(51, 100), running]));
  world.emit({ kind: "conversation", session: S });
  world.frame();
  await searchFor(world, "quokka");
  const { search } = world.app.state;
  expect(search.total.value).toBe(0);
  part.buffer.chunks.push(" but a QUOKKA");
  world.emit({ kind: "grown", session: S, turn: running.id, part: "a" });
  world.pass(SEARCH_AGAIN_MS);
  expect(search.total.value).toBe(1);
  world.listed.set(sessionId(2), summary(2));
  world.app.actions.openSession(sessionId(2));
  expect(search.isOpen.value).toBe(false);
});
