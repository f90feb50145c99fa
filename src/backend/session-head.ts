import type { LogEvent, Outcome } from "../protocol/events.ts";
import type { ApprovalId, PartId, TurnId } from "../protocol/ids.ts";
import type { SessionStatus, SessionSummary } from "../protocol/snapshot.ts";
import type { SessionRecord } from "./ports.ts";

/** A turn that has not ended, as far as the list and a repair need to know it. */
export interface OpenTurn {
  /** `unknown`: its log can't be read; it is kept for a later start to mend, and is neither queued nor running now. */
  readonly status: "queued" | "running" | "unknown";
  /** What it asked a person and has no answer to. */
  readonly approvals: readonly ApprovalId[];
  /** Its tools that are still running. */
  readonly tools: readonly PartId[];
}

/** Where a session stands at its tail: its record, and what the record's numbers are made of. */
export interface SessionHead {
  readonly record: SessionRecord;
  readonly open: ReadonlyMap<TurnId, OpenTurn>;
  readonly lastOutcome: Outcome | undefined;
}

export function createHead(record: SessionRecord): SessionHead {
  return { record, open: new Map(), lastOutcome: record.summary.status === "failed" ? "failed" : undefined };
}

/** The head after `events`, which follow its tail. Deltas move nothing but the tail. Pure. */
export function advanceHead(head: SessionHead, events: readonly LogEvent[]): SessionHead {
  const tail = head.record.tail + events.length;
  let open: Map<TurnId, OpenTurn> | undefined;
  let summary: SessionSummary = head.record.summary;
  let lastOutcome = head.lastOutcome;
  for (const event of events) {
    switch (event.type) {
      case "text-delta":
      case "reasoning-delta":
      case "tool-delta":
      case "plan-updated":
      case "turn-edited":
        break;
      case "tool-started": {
        open ??= new Map(head.open);
        const turn = open.get(event.turn);
        if (turn) open.set(event.turn, { ...turn, tools: [...turn.tools, event.part] });
        break;
      }
      case "tool-ended": {
        open ??= new Map(head.open);
        const turn = open.get(event.turn);
        if (turn) open.set(event.turn, { ...turn, tools: turn.tools.filter((tool) => tool !== event.part) });
        break;
      }
      case "session-updated": {
        const { type: _type, at: _at, ...update } = event;
        summary = { ...summary, ...withoutUndefined(update) };
        break;
      }
      case "turn-queued":
        open ??= new Map(head.open);
        open.set(event.turn, { status: "queued", approvals: [], tools: [] });
        summary = { ...summary, updatedAt: event.at };
        break;
      case "turn-withdrawn":
        open ??= new Map(head.open);
        open.delete(event.turn);
        break;
      case "turn-started":
        open ??= new Map(head.open);
        open.set(event.turn, { status: "running", approvals: [], tools: [] });
        summary = { ...summary, updatedAt: event.at };
        break;
      case "approval-requested": {
        open ??= new Map(head.open);
        const turn = open.get(event.turn);
        if (turn) open.set(event.turn, { ...turn, approvals: [...turn.approvals, event.approval] });
        break;
      }
      case "approval-resolved": {
        open ??= new Map(head.open);
        const turn = open.get(event.turn);
        if (turn) {
          open.set(event.turn, {
            ...turn,
            approvals: turn.approvals.filter((approval) => approval !== event.approval),
          });
        }
        break;
      }
      case "turn-ended":
        open ??= new Map(head.open);
        open.delete(event.turn);
        lastOutcome = event.outcome;
        summary = { ...summary, updatedAt: event.at, lastEndedAt: event.at };
        break;
    }
  }
  if (open === undefined && summary === head.record.summary) {
    return { ...head, record: { ...head.record, tail } };
  }
  const turns = open ?? head.open;
  const running = countOf(turns, "running");
  const record: SessionRecord = {
    ...head.record,
    tail,
    openTurns: [...turns.keys()],
    summary: {
      ...summary,
      running,
      queued: countOf(turns, "queued"),
      status: statusOf(turns, lastOutcome),
    },
  };
  return { record, open: turns, lastOutcome };
}

/** Of a log that can't be read: nothing runs, nothing waits, and what was open stays on the record for a later start. */
export function unreadableHead(record: SessionRecord): SessionHead {
  const open = new Map(
    record.openTurns.map((turn) => [turn, { status: "unknown", approvals: [], tools: [] } as const]),
  );
  const summary: SessionSummary = { ...record.summary, running: 0, queued: 0, status: "failed" };
  return { record: { ...record, summary }, open, lastOutcome: "failed" };
}

function countOf(open: ReadonlyMap<TurnId, OpenTurn>, status: OpenTurn["status"]): number {
  let count = 0;
  for (const turn of open.values()) if (turn.status === status) count += 1;
  return count;
}

function statusOf(open: ReadonlyMap<TurnId, OpenTurn>, lastOutcome: Outcome | undefined): SessionStatus {
  const turns = [...open.values()];
  if (turns.some((turn) => turn.approvals.length > 0)) return "needs-you";
  if (turns.some((turn) => turn.status === "running")) return "running";
  if (turns.some((turn) => turn.status === "queued")) return "queued";
  return lastOutcome === "failed" ? "failed" : "idle";
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

function withoutUndefined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter((entry) => entry[1] !== undefined)) as Defined<T>;
}
