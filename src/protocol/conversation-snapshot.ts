import { bufferText, createBuffer, type PartState, type TurnState } from "./conversation.ts";
import type { PartSnapshot, TurnSnapshot } from "./snapshot.ts";

/** Drops keys without a value, so that JSON and `exactOptionalPropertyTypes` agree. */
function defined<T extends object>(fields: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  const entries = Object.entries(fields).filter((entry) => entry[1] !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof T]: Exclude<T[Key], undefined> };
}

export function toPartSnapshot(part: PartState): PartSnapshot {
  return {
    id: part.id,
    type: part.type,
    ...defined({
      text: part.type === "tool" && part.buffer.length === 0 ? undefined : bufferText(part.buffer),
      name: part.name,
      title: part.title,
      kind: part.kind,
      input: part.input,
      output: part.output,
      status: part.status,
    }),
  };
}

export function toTurnSnapshot(turn: TurnState): TurnSnapshot {
  return {
    id: turn.id,
    text: turn.text,
    mode: turn.mode,
    agent: turn.agent,
    status: turn.status,
    queuedAt: turn.queuedAt,
    parts: [...turn.parts.values()].map(toPartSnapshot),
    ...defined({
      attachments: turn.attachments === undefined ? undefined : [...turn.attachments],
      model: turn.model,
      replaces: turn.replaces,
      continues: turn.continues,
      outcome: turn.outcome,
      error: turn.error,
      usage: turn.usage,
      startedAt: turn.startedAt,
      endedAt: turn.endedAt,
      plan: turn.plans.at(-1)?.entries,
      plans: turn.plans.length === 0 ? undefined : [...turn.plans],
      approvals: turn.approvals.length === 0 ? undefined : [...turn.approvals],
    }),
  };
}

export function fromPartSnapshot(part: PartSnapshot): PartState {
  return {
    id: part.id,
    type: part.type,
    buffer: createBuffer(part.text),
    name: part.name,
    title: part.title,
    kind: part.kind,
    input: part.input,
    output: part.output,
    status: part.status,
  };
}

export function fromTurnSnapshot(turn: TurnSnapshot): TurnState {
  return {
    id: turn.id,
    text: turn.text,
    mode: turn.mode,
    attachments: turn.attachments,
    agent: turn.agent,
    model: turn.model,
    replaces: turn.replaces,
    continues: turn.continues,
    status: turn.status,
    outcome: turn.outcome,
    error: turn.error,
    usage: turn.usage,
    queuedAt: turn.queuedAt,
    startedAt: turn.startedAt,
    endedAt: turn.endedAt,
    plans: [
      ...(turn.plans ?? (turn.plan === undefined ? [] : [{ at: turn.startedAt ?? 0, entries: turn.plan }])),
    ],
    approvals: [...(turn.approvals ?? [])],
    parts: new Map(turn.parts.map((part) => [part.id, fromPartSnapshot(part)])),
  };
}
