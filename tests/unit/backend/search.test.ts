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

test("reasoning and the output of tools are not searched", async () => {
  const conversation = loaded(["words"]);
  const [turn] = conversation.conversation.turns.values();
  if (turn === undefined) throw new Error("no turn");
  addPart(turn, { ...partState("r", "needle"), type: "reasoning" });
  addPart(turn, { ...partState("t", "needle"), type: "tool" });
  const found = await searchTurns(conversation, { query: "needle" }, () => Promise.resolve());
  expect(found?.matches).toEqual([]);
});
