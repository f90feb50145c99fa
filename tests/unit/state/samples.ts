import * as v from "valibot";
import {
  createBuffer,
  createConversation,
  type PartState,
  type TurnState,
} from "../../../src/protocol/conversation.ts";
import { AgentIdSchema, PartIdSchema, SessionIdSchema, TurnIdSchema } from "../../../src/protocol/ids.ts";
import type { SessionId, TurnId } from "../../../src/protocol/ids.ts";
import type { SessionSummary } from "../../../src/protocol/snapshot.ts";
import type { SessionView } from "../../../src/streaming/ports.ts";
import { toTurnView, type TurnView } from "../../../src/state/turn-view.ts";

const uuid = (prefix: string, n: number): string =>
  `${prefix.padEnd(8, "0")}-0000-7000-8000-${String(n).padStart(12, "0")}`;

export const sessionId = (n: number): SessionId => v.parse(SessionIdSchema, uuid("5e551000", n));
export const turnId = (n: number): TurnId => v.parse(TurnIdSchema, uuid("70000000", n));
export const DEMO = v.parse(AgentIdSchema, "demo");

export function summary(n: number, fields: Partial<SessionSummary> = {}): SessionSummary {
  return {
    id: sessionId(n),
    title: `Session ${n}`,
    createdAt: n,
    updatedAt: n,
    agent: DEMO,
    pinned: false,
    archived: false,
    status: "idle",
    running: 0,
    queued: 0,
    ...fields,
  };
}

export function turnState(n: number, fields: Partial<TurnState> = {}): TurnState {
  return {
    id: turnId(n),
    text: `question ${n}`,
    mode: "queue",
    attachments: undefined,
    agent: DEMO,
    model: undefined,
    replaces: undefined,
    continues: undefined,
    status: "running",
    outcome: undefined,
    error: undefined,
    usage: undefined,
    queuedAt: n,
    startedAt: n,
    endedAt: undefined,
    plans: [],
    approvals: [],
    parts: new Map(),
    ...fields,
  };
}

export function turnView(n: number, fields: Partial<TurnState> = {}): TurnView {
  return toTurnView(turnState(n, fields), undefined);
}

export function partState(id: string, text: string, type: PartState["type"] = "text"): PartState {
  return {
    id: v.parse(PartIdSchema, id),
    type,
    buffer: createBuffer(text),
    name: undefined,
    title: undefined,
    kind: undefined,
    input: undefined,
    output: undefined,
    status: undefined,
  };
}

export function addPart(turn: TurnState, part: PartState): void {
  turn.parts.set(part.id, part);
}

export function sessionView(
  n: number,
  turns: readonly TurnState[],
  fields: Partial<SessionView> = {},
): SessionView {
  const conversation = createConversation();
  for (const turn of turns) conversation.turns.set(turn.id, turn);
  return {
    session: sessionId(n),
    earlier: [],
    conversation,
    summary: summary(n),
    cursor: undefined,
    tail: 0,
    hasMore: false,
    connection: { kind: "live", sinceMs: 0 },
    reasons: new Set(),
    lastHeardAtMs: undefined,
    reattachments: 0,
    source: "server",
    failure: undefined,
    ...fields,
  };
}
