import type { Attachment, Outcome, SendMode, TurnError, Usage } from "../protocol/events.ts";
import type { AgentId, TurnId } from "../protocol/ids.ts";
import type { ApprovalSnapshot, PlanVersion } from "../protocol/snapshot.ts";
import type { PartState, TurnState } from "../protocol/conversation.ts";
import type { SendTurn } from "../protocol/requests.ts";
import type { OutboxEntry } from "../streaming/ports.ts";

/** A part as the page shows it. Its text stays in `buffer`, followed by a writer, never copied here. */
export type PartView = Readonly<PartState>;

/** How far a message has come on its way to the server. */
export type Delivery =
  | { readonly kind: "accepted" }
  /** Accepted; the stream has not brought it yet. */
  | { readonly kind: "sent" }
  /** In the outbox, not yet acknowledged. */
  | { readonly kind: "waiting"; readonly entry: string }
  | { readonly kind: "refused"; readonly entry: string; readonly why: string };

/** One turn at one moment. The same object as long as nothing but text has changed. */
export interface TurnView {
  readonly id: TurnId;
  readonly text: string;
  readonly mode: SendMode;
  readonly attachments: readonly Attachment[];
  readonly agent: AgentId | undefined;
  readonly model: string | undefined;
  readonly replaces: TurnId | undefined;
  readonly continues: TurnId | undefined;
  readonly status: "queued" | "running" | "ended";
  readonly outcome: Outcome | undefined;
  readonly error: TurnError | undefined;
  readonly usage: Usage | undefined;
  readonly queuedAt: number;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly plans: readonly PlanVersion[];
  readonly approvals: readonly ApprovalSnapshot[];
  readonly parts: readonly PartView[];
  readonly delivery: Delivery;
}

const ACCEPTED: Delivery = { kind: "accepted" };

/** The turn as it is now; `previous` itself when nothing but text has changed since, so that its row is not rendered again. */
export function toTurnView(turn: TurnState, previous: TurnView | undefined): TurnView {
  const parts = [...turn.parts.values()];
  if (previous !== undefined && isSameTurn(turn, parts, previous)) return previous;
  return {
    id: turn.id,
    text: turn.text,
    mode: turn.mode,
    attachments: turn.attachments ?? [],
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
    plans: [...turn.plans],
    approvals: [...turn.approvals],
    parts: parts.map((part) => reusePart(part, previous)),
    delivery: ACCEPTED,
  };
}

function reusePart(part: PartState, previous: TurnView | undefined): PartView {
  const known = previous?.parts.find((candidate) => candidate.id === part.id);
  return known !== undefined && isSamePart(part, known) ? known : { ...part };
}

function isSamePart(part: PartState, known: PartView): boolean {
  return (
    part.id === known.id &&
    part.buffer === known.buffer &&
    part.status === known.status &&
    part.output === known.output &&
    part.input === known.input
  );
}

function isSameTurn(turn: TurnState, parts: readonly PartState[], known: TurnView): boolean {
  return (
    known.delivery.kind === "accepted" &&
    turn.text === known.text &&
    turn.agent === known.agent &&
    turn.model === known.model &&
    turn.status === known.status &&
    turn.outcome === known.outcome &&
    turn.error === known.error &&
    turn.plans.length === known.plans.length &&
    turn.approvals.length === known.approvals.length &&
    turn.approvals.every((approval, index) => approval === known.approvals[index]) &&
    parts.length === known.parts.length &&
    parts.every((part, index) => {
      const other = known.parts[index];
      return other !== undefined && isSamePart(part, other);
    })
  );
}

/** A message that only the outbox knows, shown where its turn will stand. Undefined for entries that are no message. */
export function toWaitingTurnView(entry: OutboxEntry): TurnView | undefined {
  if (entry.kind !== "send" && entry.kind !== "refused") return undefined;
  const delivery: Delivery =
    entry.kind === "send"
      ? { kind: "waiting", entry: entry.id }
      : { kind: "refused", entry: entry.id, why: entry.why };
  return toSentTurnView(entry.body, entry.createdAtMs, delivery);
}

/** A message that the conversation does not hold yet. */
export function toSentTurnView(body: SendTurn, queuedAt: number, delivery: Delivery): TurnView {
  return {
    id: body.id,
    text: body.text,
    mode: body.mode,
    attachments: body.attachments ?? [],
    agent: body.agent,
    model: undefined,
    replaces: body.replaces,
    continues: body.continues,
    status: "queued",
    outcome: undefined,
    error: undefined,
    usage: undefined,
    queuedAt,
    startedAt: undefined,
    endedAt: undefined,
    plans: [],
    approvals: [],
    parts: [],
    delivery,
  };
}
