import type { ConversationState, TurnState } from "../protocol/conversation.ts";
import type { LogEvent, UnknownEvent } from "../protocol/events.ts";
import type { SessionStatus, SessionSummary } from "../protocol/snapshot.ts";

/** The mark of a session by its turns: what it is doing now, else how its last turn ended. */
export function statusOf(conversation: ConversationState): SessionStatus {
  let isRunning = false;
  let isQueued = false;
  let last: TurnState | undefined;
  for (const turn of conversation.turns.values()) {
    if (turn.status === "running") {
      if (turn.approvals.some((approval) => approval.resolved === undefined)) return "needs-you";
      isRunning = true;
    }
    if (turn.status === "queued") isQueued = true;
    if (turn.status === "ended" && (last === undefined || (turn.endedAt ?? 0) >= (last.endedAt ?? 0)))
      last = turn;
  }
  if (isRunning) return "running";
  if (isQueued) return "queued";
  return last?.outcome === "failed" ? "failed" : "idle";
}

/**
 * The session's row after `events` were folded into `conversation`, so that list and page agree at once.
 * `updatedAt` moves at turn boundaries only (PROTOCOL §2). Answers the same object when nothing of it changed.
 */
export function followSummary(
  summary: SessionSummary,
  conversation: ConversationState,
  events: readonly (LogEvent | UnknownEvent)[],
): SessionSummary {
  let { title, agent, pinned, archived, updatedAt, lastEndedAt } = summary;
  for (const event of events) {
    switch (event.type) {
      case "session-updated":
        title = event.title ?? title;
        agent = event.agent ?? agent;
        pinned = event.pinned ?? pinned;
        archived = event.archived ?? archived;
        break;
      case "turn-queued":
      case "turn-started":
        updatedAt = Math.max(updatedAt, event.at);
        break;
      case "turn-ended":
        updatedAt = Math.max(updatedAt, event.at);
        lastEndedAt = Math.max(lastEndedAt ?? 0, event.at);
        break;
      case "turn-edited":
      case "turn-withdrawn":
      case "text-delta":
      case "reasoning-delta":
      case "tool-started":
      case "tool-delta":
      case "tool-ended":
      case "plan-updated":
      case "approval-requested":
      case "approval-resolved":
      case "unknown":
        break;
    }
  }
  let running = 0;
  let queued = 0;
  for (const turn of conversation.turns.values()) {
    if (turn.status === "running") running += 1;
    if (turn.status === "queued") queued += 1;
  }
  const next: SessionSummary = {
    ...summary,
    title,
    agent,
    pinned,
    archived,
    updatedAt,
    status: statusOf(conversation),
    running,
    queued,
    ...(lastEndedAt === undefined ? {} : { lastEndedAt }),
  };
  return isSameSummary(summary, next) ? summary : next;
}

export function isSameSummary(left: SessionSummary, right: SessionSummary): boolean {
  return (
    left.id === right.id &&
    left.title === right.title &&
    left.createdAt === right.createdAt &&
    left.updatedAt === right.updatedAt &&
    left.lastEndedAt === right.lastEndedAt &&
    left.agent === right.agent &&
    left.pinned === right.pinned &&
    left.archived === right.archived &&
    left.status === right.status &&
    left.running === right.running &&
    left.queued === right.queued
  );
}
