import { expect, it } from "vitest";
import { RunEvents } from "../../../src/backend/run-events.ts";
import { createConversation, foldEvent } from "../../../src/protocol/conversation.ts";
import { queued, started, turnId } from "../../support/wire-samples.ts";

it("keeps a plan that goes back to what it was within one millisecond", () => {
  const events = new RunEvents(turnId(1));
  const conversation = createConversation();
  for (const event of [queued(1), started(1)]) foldEvent(conversation, event);
  for (const text of ["A", "B", "A"]) {
    const translated = events.translate({ type: "plan", entries: [{ text, status: "pending" }] }, 2_000);
    if (!translated.ok) throw new Error(translated.error);
    for (const event of translated.value) foldEvent(conversation, event);
  }
  const plans = conversation.turns.get(turnId(1))?.plans ?? [];
  expect(plans.map((plan) => plan.entries[0]?.text)).toEqual(["A", "B", "A"]);
});
