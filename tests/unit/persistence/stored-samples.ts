import type { Epoch } from "../../../src/protocol/ids.ts";
import type { SessionSummary, TurnSnapshot } from "../../../src/protocol/snapshot.ts";
import type { StoredConversation } from "../../../src/streaming/ports.ts";
import { createConversationStore } from "../../../src/persistence/conversation-store.ts";
import { agentId, epoch, partId, sessionId, turnId } from "../../support/wire-samples.ts";
import type { FakeTab } from "./browser-fakes.ts";

export const SID = sessionId(1);
export const E1 = epoch("e1");
export const E2 = epoch("e2");

export const summary = (number = 1): SessionSummary => ({
  id: sessionId(number),
  title: "Sums",
  createdAt: 1,
  updatedAt: 2,
  agent: agentId(),
  pinned: false,
  archived: false,
  status: "idle",
  running: 0,
  queued: 0,
});

export const turn = (number: number, status: "running" | "ended", text: string): TurnSnapshot => ({
  id: turnId(number),
  text: "question",
  mode: "queue",
  agent: agentId(),
  status,
  queuedAt: 1,
  ...(status === "ended" ? { endedAt: 9, outcome: "complete" as const } : {}),
  parts: [{ id: partId(), type: "text", text }],
});

/**
 * The conversation at `seq` of a log in which every event appends one letter, ten to a turn: what is stored
 * must be exactly this for the cursor it is stored under.
 */
export function conversationAt(of: Epoch, seq: number): StoredConversation {
  const letters = (count: number): string => of[1]?.repeat(count) ?? "";
  const settled = Math.floor(seq / 10);
  const open = seq % 10;
  const turns = Array.from({ length: settled }, (_, index) => turn(index + 1, "ended", letters(10)));
  return {
    cursor: { epoch: of, seq },
    transcript: { session: summary(), turns, hasMore: false },
    inflight:
      open === 0
        ? undefined
        : {
            turns: [turn(settled + 1, "running", letters(open))],
            reattach: true,
            startedAtMs: 5,
            order: Array.from({ length: settled + 1 }, (_, index) => turnId(index + 1)),
          },
  };
}

export function storeOf(tab: FakeTab): ReturnType<typeof createConversationStore> {
  const { records, clock, reporter, uuid } = tab;
  return createConversationStore({ records, clock, reporter, uuid });
}
