import { expect, test } from "vitest";
import { searchTurns } from "../../../src/backend/search.ts";
import type { LoadedConversation } from "../../../src/backend/snapshots.ts";
import { addPart, partState, turnId, turnState } from "../state/samples.ts";

function loaded(texts: readonly string[]): LoadedConversation {
  const turns = texts.map((text, at) => {
    const turn = turnState(at + 1, { text: `question ${at + 1}` });
    addPart(turn, partState("a", text));
    return [turn.id, turn] as const;
  });
  return {
    conversation: { turns: new Map(turns) },
    accepted: new Map(),
    endedAtSend: new Map(),
    lastOutcome: undefined,
    foldedTo: 0,
  };
}

test("a search through a long log stops early, lets others have their turn, and goes on where it stopped", async () => {
  const megabyte = "x".repeat(1024 * 1024);
  const conversation = loaded(Array.from({ length: 20 }, (_, at) => `${megabyte} needle${at}`));
  let pauses = 0;
  const pause = async (): Promise<void> => void (pauses += 1);
  const first = await searchTurns(conversation, { query: "needle" }, pause);
  expect(first?.matches.map(({ turn }) => turn)).toEqual(
    Array.from({ length: 16 }, (_, at) => turnId(20 - at)),
  );
  expect([first?.hasMore, first?.next, pauses]).toEqual([true, turnId(5), 16]);
  const rest = await searchTurns(conversation, { query: "needle", before: first?.next }, pause);
  expect(rest).toMatchObject({ hasMore: false });
  expect(rest?.matches.map(({ turn }) => turn)).toEqual([4, 3, 2, 1].map(turnId));
});

test("reasoning is searched, and of tools all that is shown, in the order in which it is", async () => {
  const conversation = loaded(["words"]);
  const [turn] = conversation.conversation.turns.values();
  if (turn === undefined) throw new Error("no turn");
  addPart(turn, { ...partState("r", "a needle thought"), type: "reasoning" });
  addPart(turn, {
    ...partState("t", "live needle, needle"),
    type: "tool",
    title: "Needle search",
    name: "find_needle",
    input: { query: ["a needle"], depth: 3 },
    output: "no needle found",
  });
  const find = (query: string) => searchTurns(conversation, { query }, () => Promise.resolve());
  const found = await find("needle");
  expect(found?.matches.map(({ count }) => count)).toEqual([7]);
  expect(found?.matches[0]?.excerpt).toEqual({ before: "a ", match: "needle", after: " thought" });
  // What is no text is searched as it is shown, and nothing is found across two texts.
  expect((await find('"depth": 3'))?.matches).toHaveLength(1);
  expect((await find("thought Needle"))?.matches).toEqual([]);
});
