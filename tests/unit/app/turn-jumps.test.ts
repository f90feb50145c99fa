import { expect, test, vi } from "vitest";
import { err, ok } from "../../../src/protocol/result.ts";
import type { TurnState } from "../../../src/protocol/conversation.ts";
import { SEARCH_AGAIN_MS, SEARCH_DELAY_MS } from "../../../src/app/delays-and-limits.ts";
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

/** A session of a hundred turns, of which the last fifty are loaded and the rest comes in pages of 25. */
async function longSession(path = `/s/${S}`, target = ""): Promise<FakeWorld> {
  const world = createFakeWorld((before) => {
    before.listed.set(S, summary(1));
    before.views.set(S, sessionView(1, turns(51, 100), { hasMore: true }));
    before.path = path;
    before.target = target;
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

async function searchFor(world: FakeWorld, query: string): Promise<void> {
  world.app.actions.openSearch();
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
