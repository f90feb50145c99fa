import type { TurnState } from "../protocol/conversation.ts";
import type { LogEvent } from "../protocol/events.ts";
import type { ApprovalId, PartId } from "../protocol/ids.ts";
import type { ApprovalSnapshot } from "../protocol/snapshot.ts";

/**
 * What the log already holds of a turn whose agent says it all once more. Lets the news through and nothing twice.
 *
 *   behind ──(everything known was said, or something new)──▶ caught up      (caught up: lets everything through)
 */
export interface Replay {
  /** Whether the agent is still saying what is known: it need not take its time. */
  isBehind(): boolean;
  /** The event, what of a delta is new, or undefined when the log has it. */
  news(event: LogEvent): LogEvent | undefined;
  /** A question as the log has it. */
  approval(id: ApprovalId): ApprovalSnapshot | undefined;
}

/** Takes note of `turn` as it is now; later changes to it don't count. */
export function createReplay(turn: TurnState): Replay {
  const lengths = new Map<PartId, number>();
  const startedTools = new Set<PartId>();
  const endedTools = new Set<PartId>();
  const approvals = new Map(turn.approvals.map((approval) => [approval.id, approval]));
  let plans = turn.plans.length;
  let unsaid = plans + approvals.size;
  for (const part of turn.parts.values()) {
    lengths.set(part.id, part.buffer.length);
    unsaid += part.buffer.length;
    if (part.type !== "tool") continue;
    startedTools.add(part.id);
    unsaid += 1;
    if (part.status === "running") continue;
    endedTools.add(part.id);
    unsaid += 1;
  }
  const said = (amount: number): undefined => {
    unsaid -= amount;
    return undefined;
  };
  const isNew = (event: LogEvent): LogEvent => {
    unsaid = 0;
    return event;
  };

  return {
    isBehind: () => unsaid > 0,
    approval: (id) => approvals.get(id),
    news(event) {
      switch (event.type) {
        case "text-delta":
        case "reasoning-delta":
        case "tool-delta": {
          const known = Math.max(0, (lengths.get(event.part) ?? 0) - event.offset);
          if (known >= event.delta.length) return said(event.delta.length);
          return isNew(
            known === 0 ? event : { ...event, offset: event.offset + known, delta: event.delta.slice(known) },
          );
        }
        case "tool-started":
          return startedTools.delete(event.part) ? said(1) : isNew(event);
        case "tool-ended":
          return endedTools.delete(event.part) ? said(1) : isNew(event);
        case "plan-updated":
          if (plans === 0) return isNew(event);
          plans -= 1;
          return said(1);
        case "approval-requested":
          return approvals.has(event.approval) ? said(1) : isNew(event);
        case "approval-resolved":
          return approvals.get(event.approval)?.resolved === undefined ? isNew(event) : undefined;
        case "turn-ended":
        case "turn-queued":
        case "turn-edited":
        case "turn-withdrawn":
        case "turn-started":
        case "session-updated":
          return isNew(event);
      }
    },
  };
}
