import type { Attachment, LogEvent, Outcome, SendMode, TurnError, UnknownEvent, Usage } from "./events.ts";
import type { AgentId, PartId, TurnId } from "./ids.ts";
import type { ApprovalSnapshot, PartSnapshot, PlanVersion } from "./snapshot.ts";

/**
 * What a log means. Browser and backend fold by this one file, so a snapshot and a stream can't tell two stories.
 *
 *   turn:  queued ──turn-started──▶ running ──turn-ended──▶ ended     (queued ──turn-withdrawn──▶ gone)
 *
 * Every event is idempotent (PROTOCOL §3): folding one twice, or folding a merged range that
 * begins before what is known, changes nothing.
 */
export interface ConversationState {
  /** In the order in which they are shown. */
  readonly turns: Map<TurnId, TurnState>;
}

export interface TurnState {
  readonly id: TurnId;
  text: string;
  readonly mode: SendMode;
  readonly attachments: readonly Attachment[] | undefined;
  agent: AgentId;
  model: string | undefined;
  readonly replaces: TurnId | undefined;
  readonly continues: TurnId | undefined;
  status: "queued" | "running" | "ended";
  outcome: Outcome | undefined;
  error: TurnError | undefined;
  usage: Usage | undefined;
  readonly queuedAt: number;
  startedAt: number | undefined;
  endedAt: number | undefined;
  /** Every version of the plan, oldest first; the last is the plan. */
  readonly plans: PlanVersion[];
  readonly approvals: ApprovalSnapshot[];
  /** In the order in which they began. */
  readonly parts: Map<PartId, PartState>;
}

export interface PartState {
  readonly id: PartId;
  readonly type: "text" | "reasoning" | "tool";
  readonly buffer: TextBuffer;
  readonly name: string | undefined;
  readonly title: string | undefined;
  readonly kind: string | undefined;
  readonly input: unknown;
  output: unknown;
  status: PartSnapshot["status"];
}

/**
 * An append-only text. Kept as chunks: reading the joined text per token costs the square of its length.
 * A follower remembers how many chunks it has taken.
 */
export interface TextBuffer {
  readonly chunks: string[];
  /** UTF-16 code units in all chunks. */
  length: number;
}

export function bufferText(buffer: TextBuffer): string {
  return buffer.chunks.join("");
}

export function createBuffer(text = ""): TextBuffer {
  return text === "" ? { chunks: [], length: 0 } : { chunks: [text], length: text.length };
}

/**
 * What folding an event did.
 * `hole`: something before it is missing; nothing was changed, and the log must be read again.
 */
export type FoldOutcome =
  | { readonly kind: "unchanged" }
  | { readonly kind: "grown"; readonly turn: TurnId; readonly part: PartId }
  | { readonly kind: "changed"; readonly turn: TurnId }
  | { readonly kind: "ended"; readonly turn: TurnId }
  | { readonly kind: "removed"; readonly turn: TurnId }
  | { readonly kind: "session"; readonly update: Extract<LogEvent, { type: "session-updated" }> }
  | { readonly kind: "hole"; readonly why: string };

const UNCHANGED: FoldOutcome = { kind: "unchanged" };

export function createConversation(): ConversationState {
  return { turns: new Map() };
}

/** Folds one event into `conversation`, in place. Never throws. */
export function foldEvent(conversation: ConversationState, event: LogEvent | UnknownEvent): FoldOutcome {
  if (event.type === "unknown") return UNCHANGED;
  if (event.type === "session-updated") return { kind: "session", update: event };
  if (event.type === "turn-queued") return foldQueued(conversation, event);
  const turn = conversation.turns.get(event.turn);
  // Unknown turn: withdrawn (its replayed edits mean nothing), or out of the window of turns this holder keeps.
  if (turn === undefined) return UNCHANGED;
  // "A stopped turn never grows again": what a merged range repeats of an ended turn is known already.
  if (turn.status === "ended") return UNCHANGED;
  switch (event.type) {
    case "turn-edited":
      if (turn.status !== "queued" || turn.text === event.text) return UNCHANGED;
      turn.text = event.text;
      return changed(turn);
    case "turn-withdrawn":
      if (turn.status !== "queued") return UNCHANGED;
      conversation.turns.delete(turn.id);
      return { kind: "removed", turn: turn.id };
    case "turn-started":
      if (turn.status !== "queued") return UNCHANGED;
      turn.status = "running";
      turn.agent = event.agent;
      turn.model = event.model;
      turn.startedAt = event.at;
      moveBeforeQueued(conversation, turn);
      return changed(turn);
    case "text-delta":
      return foldDelta(turn, event, "text");
    case "reasoning-delta":
      return foldDelta(turn, event, "reasoning");
    case "tool-delta":
      return foldDelta(turn, event, "tool");
    case "tool-started":
      if (turn.parts.has(event.part)) return UNCHANGED;
      turn.parts.set(event.part, {
        id: event.part,
        type: "tool",
        buffer: createBuffer(),
        name: event.name,
        title: event.title,
        kind: event.kind,
        input: event.input,
        output: undefined,
        status: "running",
      });
      return changed(turn);
    case "tool-ended": {
      const part = turn.parts.get(event.part);
      if (part === undefined) return { kind: "hole", why: `tool-ended for unknown part ${event.part}` };
      if (part.status !== "running") return UNCHANGED;
      part.status = event.status;
      part.output = event.output;
      return changed(turn);
    }
    case "plan-updated": {
      const text = JSON.stringify(event.entries);
      const isKnown = (plan: PlanVersion): boolean =>
        plan.at === event.at && JSON.stringify(plan.entries) === text;
      if (turn.plans.some(isKnown)) return UNCHANGED;
      turn.plans.push({ at: event.at, entries: event.entries });
      return changed(turn);
    }
    case "approval-requested":
      if (turn.approvals.some((approval) => approval.id === event.approval)) return UNCHANGED;
      turn.approvals.push({
        id: event.approval,
        prompt: event.prompt,
        options: [...event.options],
        ...(event.part === undefined ? {} : { part: event.part }),
        ...(event.expiresAt === undefined ? {} : { expiresAt: event.expiresAt }),
      });
      return changed(turn);
    case "approval-resolved": {
      const index = turn.approvals.findIndex((approval) => approval.id === event.approval);
      const known = turn.approvals[index];
      if (known === undefined) return { kind: "hole", why: `answer to unknown approval ${event.approval}` };
      if (known.resolved !== undefined) return UNCHANGED;
      turn.approvals[index] = { ...known, resolved: { option: event.option, by: event.by, at: event.at } };
      return changed(turn);
    }
    case "turn-ended":
      turn.status = "ended";
      turn.outcome = event.outcome;
      turn.error = event.error;
      turn.usage = event.usage;
      turn.endedAt = event.at;
      return { kind: "ended", turn: turn.id };
  }
}

function changed(turn: TurnState): FoldOutcome {
  return { kind: "changed", turn: turn.id };
}

function foldQueued(
  conversation: ConversationState,
  event: Extract<LogEvent, { type: "turn-queued" }>,
): FoldOutcome {
  if (conversation.turns.has(event.turn)) return UNCHANGED;
  conversation.turns.set(event.turn, {
    id: event.turn,
    text: event.text,
    mode: event.mode,
    attachments: event.attachments,
    agent: event.agent,
    model: undefined,
    replaces: event.replaces,
    continues: event.continues,
    status: "queued",
    outcome: undefined,
    error: undefined,
    usage: undefined,
    queuedAt: event.at,
    startedAt: undefined,
    endedAt: undefined,
    plans: [],
    approvals: [],
    parts: new Map(),
  });
  return { kind: "changed", turn: event.turn };
}

/** A turn that starts ahead of the queue (`steer`, `parallel`) is shown ahead of it. */
function moveBeforeQueued(conversation: ConversationState, turn: TurnState): void {
  const waiting: TurnState[] = [];
  for (const other of conversation.turns.values()) {
    if (other === turn) break;
    if (other.status === "queued") waiting.push(other);
  }
  if (waiting.length === 0) return;
  const rest = [...conversation.turns.values()];
  const first = waiting[0];
  conversation.turns.clear();
  for (const other of rest) {
    if (other === turn) continue;
    if (other === first) conversation.turns.set(turn.id, turn);
    conversation.turns.set(other.id, other);
  }
}

function foldDelta(
  turn: TurnState,
  event: { readonly part: PartId; readonly offset: number; readonly delta: string },
  type: PartState["type"],
): FoldOutcome {
  let part = turn.parts.get(event.part);
  const known = part?.buffer.length ?? 0;
  if (event.offset > known) {
    return { kind: "hole", why: `delta of ${event.part} at ${event.offset}, known up to ${known}` };
  }
  // Overlap: cut off what is known, never double it.
  const news = event.delta.slice(known - event.offset);
  if (news === "") return UNCHANGED;
  if (part === undefined) {
    if (type === "tool") return { kind: "hole", why: `output of unknown tool ${event.part}` };
    part = {
      id: event.part,
      type,
      buffer: createBuffer(),
      name: undefined,
      title: undefined,
      kind: undefined,
      input: undefined,
      output: undefined,
      status: undefined,
    };
    turn.parts.set(part.id, part);
  }
  part.buffer.chunks.push(news);
  part.buffer.length += news.length;
  return { kind: "grown", turn: turn.id, part: part.id };
}
