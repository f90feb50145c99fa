import type { Epoch } from "../../../src/protocol/ids.ts";
import type { SessionSummary } from "../../../src/protocol/snapshot.ts";
import { createConversationStore } from "../../../src/persistence/conversation-store.ts";
import { REFERRING, type Referring } from "../../../src/persistence/plan-settled.ts";
import { agentId, epoch, sessionId } from "../../support/wire-samples.ts";
import type { FakeTab } from "./browser-fakes.ts";
import { createModelTab, type ModelTab } from "./model-tab.ts";

export const SID = sessionId(1);
export const E1: Epoch = epoch("e1");
export const E2: Epoch = epoch("e2");

/** Every settled turn keeps its text where it was written while it came. */
export const ALL_REFERRING: Referring = { minChars: 0, maxSpread: Number.POSITIVE_INFINITY };

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

export function storeOf(
  tab: FakeTab,
  referring: Referring = REFERRING,
): ReturnType<typeof createConversationStore> {
  const { records, clock, reporter, uuid } = tab;
  return createConversationStore({ records, clock, reporter, uuid, referring });
}

/** A tab that follows the model log, and keeps what it knows through the store of `tab`. */
export function modelOf(tab: FakeTab, referring: Referring = REFERRING): ModelTab {
  return createModelTab(SID, summary(), storeOf(tab, referring));
}
