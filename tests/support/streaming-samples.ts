import * as v from "valibot";
import type { LogEvent, Outcome } from "../../src/protocol/events.ts";
import {
  AgentIdSchema,
  EpochSchema,
  PartIdSchema,
  SessionIdSchema,
  TurnIdSchema,
  type Epoch,
  type PartId,
  type SessionId,
  type TurnId,
} from "../../src/protocol/ids.ts";
import type { SessionSummary, Snapshot, TurnSnapshot } from "../../src/protocol/snapshot.ts";

const uuid = (kind: string, number: number): string =>
  `00000000-0000-7000-${kind}-${number.toString(16).padStart(12, "0")}`;

export const session = (number: number): SessionId => v.parse(SessionIdSchema, uuid("8000", number));
export const turn = (number: number): TurnId => v.parse(TurnIdSchema, uuid("9000", number));
export const part = (name: string): PartId => v.parse(PartIdSchema, name);
export const epoch = (name: string): Epoch => v.parse(EpochSchema, name);
export const demo = v.parse(AgentIdSchema, "demo");

export function sampleSummary(sid: SessionId, fields: Partial<SessionSummary> = {}): SessionSummary {
  return {
    id: sid,
    title: "A conversation",
    createdAt: 1,
    updatedAt: 1,
    agent: demo,
    pinned: false,
    archived: false,
    status: "idle",
    running: 0,
    queued: 0,
    ...fields,
  };
}

export function sampleTurn(id: TurnId, fields: Partial<TurnSnapshot> = {}): TurnSnapshot {
  return {
    id,
    text: "A question",
    mode: "queue",
    agent: demo,
    status: "ended",
    outcome: "complete",
    queuedAt: 1,
    startedAt: 2,
    endedAt: 3,
    parts: [{ id: part("a"), type: "text", text: "An answer" }],
    ...fields,
  };
}

export function sampleSnapshot(sid: SessionId, fields: Partial<Snapshot> = {}): Snapshot {
  return {
    session: sampleSummary(sid),
    cursor: { epoch: epoch("e1"), seq: 0 },
    turns: [],
    hasMore: false,
    ...fields,
  };
}

export const queued = (id: TurnId, at = 10): LogEvent => ({
  type: "turn-queued",
  at,
  turn: id,
  text: "A question",
  mode: "queue",
  agent: demo,
});
export const started = (id: TurnId, at = 11): LogEvent => ({
  type: "turn-started",
  at,
  turn: id,
  agent: demo,
});
export const said = (id: TurnId, offset: number, delta: string, name = "a"): LogEvent => ({
  type: "text-delta",
  at: 12,
  turn: id,
  part: part(name),
  offset,
  delta,
});
export const ended = (id: TurnId, at = 13, outcome: Outcome = "complete"): LogEvent => ({
  type: "turn-ended",
  at,
  turn: id,
  outcome,
});
