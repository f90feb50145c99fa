import { describe, expect, it } from "vitest";
import { createReplay } from "../../../src/backend/replay.ts";
import { createConversation, foldEvent } from "../../../src/protocol/conversation.ts";
import { queued, started, textDelta, turnId } from "../../support/wire-samples.ts";

function replayOf(...deltas: readonly string[]) {
  const conversation = createConversation();
  foldEvent(conversation, queued(1));
  foldEvent(conversation, started(1));
  let offset = 0;
  for (const delta of deltas) {
    foldEvent(conversation, textDelta(1, offset, delta));
    offset += delta.length;
  }
  const turn = conversation.turns.get(turnId(1));
  if (turn === undefined) throw new Error("The turn is missing.");
  return createReplay(turn);
}

describe("a replay", () => {
  it("holds back what the log has, to the last character, and is caught up then", () => {
    const replay = replayOf("one ", "two");
    expect(replay.news(textDelta(1, 0, "one "))).toBeUndefined();
    expect(replay.isBehind()).toBe(true);
    expect(replay.news(textDelta(1, 4, "two"))).toBeUndefined();
    expect(replay.isBehind()).toBe(false);
  });

  it("lets the rest of a delta through that the log has a part of", () => {
    const replay = replayOf("one tw");
    expect(replay.news(textDelta(1, 0, "one two"))).toEqual(textDelta(1, 6, "o"));
    expect(replay.isBehind()).toBe(false);
  });

  it("takes something new for the end of the replay, even if not everything known was said", () => {
    const replay = replayOf("an answer of another build");
    expect(replay.news(textDelta(1, 0, "new part", "p2"))).toEqual(textDelta(1, 0, "new part", "p2"));
    expect(replay.isBehind()).toBe(false);
  });

  it("is caught up from the start where the log has nothing", () => {
    expect(replayOf().isBehind()).toBe(false);
  });
});
