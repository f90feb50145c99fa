import { bufferText, type ConversationState, type TurnState } from "../protocol/conversation.ts";
import type { TurnId } from "../protocol/ids.ts";
import type { HistoryMessage } from "./ports.ts";

/** What a model is told before a turn's own message. */
export interface TurnHistory {
  readonly history: readonly HistoryMessage[];
  /** The text that answers; that of the continued turn when the turn itself says nothing. */
  readonly continuesFrom: string | undefined;
}

/** One place in the conversation: a turn, and whatever replaces or continues it. */
interface Place {
  readonly turns: TurnState[];
}

/**
 * What `turn` is told of its conversation, oldest first. Pure.
 * - queued and steering turns: what stands before it and has ended;
 * - `parallel`: what had ended when it was sent (`endedAtSend`);
 * - `replaces`: what stood before the replaced one;
 * - `continues`: what stood before the continued one, then its question; its partial answer is `continuesFrom`.
 *
 * Of a place with alternatives the newest that has ended is told; a continued answer is told as one.
 */
export function buildHistory(
  conversation: ConversationState,
  turn: TurnState,
  endedAtSend: ReadonlySet<TurnId> | undefined,
): TurnHistory {
  const places = placesOf(conversation);
  const own = rootOf(conversation, turn).id;
  const history: HistoryMessage[] = [];
  for (const [root, place] of places) {
    if (root === own) break;
    const ended = place.turns.filter((other) => isTold(other, endedAtSend));
    appendPlace(history, conversation, ended);
  }
  const continued = turn.continues === undefined ? undefined : conversation.turns.get(turn.continues);
  if (continued === undefined) return { history, continuesFrom: undefined };
  const question = questionOf(conversation, continued);
  history.push(userMessage(question));
  return { history, continuesFrom: answerThrough(conversation, continued) };
}

function isTold(turn: TurnState, endedAtSend: ReadonlySet<TurnId> | undefined): boolean {
  return turn.status === "ended" && (endedAtSend === undefined || endedAtSend.has(turn.id));
}

/** The turn whose place this one takes: what it replaces or continues, all the way. */
function rootOf(conversation: ConversationState, turn: TurnState): TurnState {
  let root = turn;
  const seen = new Set<TurnId>();
  while (!seen.has(root.id)) {
    seen.add(root.id);
    const before = root.replaces ?? root.continues;
    const next = before === undefined ? undefined : conversation.turns.get(before);
    if (next === undefined) return root;
    root = next;
  }
  return root;
}

function placesOf(conversation: ConversationState): Map<TurnId, Place> {
  const places = new Map<TurnId, Place>();
  for (const turn of conversation.turns.values()) {
    const root = rootOf(conversation, turn).id;
    const place = places.get(root);
    if (place === undefined) places.set(root, { turns: [turn] });
    else place.turns.push(turn);
  }
  return places;
}

/** The newest of a place speaks for it. */
function appendPlace(
  history: HistoryMessage[],
  conversation: ConversationState,
  ended: readonly TurnState[],
): void {
  const newest = ended.at(-1);
  if (newest === undefined) return;
  history.push(userMessage(questionOf(conversation, newest)));
  const answer = answerThrough(conversation, newest);
  if (answer !== "") history.push({ role: "assistant", text: answer });
}

/** The question a chain of continuations goes back to. */
function questionOf(conversation: ConversationState, turn: TurnState): TurnState {
  const continued = continuedBy(conversation, turn);
  return continued === undefined ? turn : questionOf(conversation, continued);
}

/** The answer so far, over a chain of continuations. */
function answerThrough(conversation: ConversationState, turn: TurnState): string {
  const continued = continuedBy(conversation, turn);
  return (continued === undefined ? "" : answerThrough(conversation, continued)) + answerOf(turn);
}

function continuedBy(conversation: ConversationState, turn: TurnState): TurnState | undefined {
  return turn.continues === undefined ? undefined : conversation.turns.get(turn.continues);
}

/** The answer's text alone: reasoning and tools are not told again. */
function answerOf(turn: TurnState): string {
  return [...turn.parts.values()]
    .filter((part) => part.type === "text")
    .map((part) => bufferText(part.buffer))
    .join("\n\n");
}

function userMessage(turn: TurnState): HistoryMessage {
  return {
    role: "user",
    text: turn.text,
    ...(turn.attachments === undefined ? {} : { attachments: turn.attachments }),
  };
}
