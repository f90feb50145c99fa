import { createConversation, type ConversationState, type TurnState } from "../protocol/conversation.ts";
import type { Cursor } from "../protocol/cursor.ts";
import type { Epoch, SessionId } from "../protocol/ids.ts";
import type { SessionSummary } from "../protocol/snapshot.ts";
import type { TimelineEntry } from "./core-types.ts";
import { MAX_TIMELINE } from "./delays.ts";
import { earlierChars, turnChars } from "./earlier-turns.ts";
import { createNewsKeeper, type NewsKeeper } from "./log-news.ts";
import type { Disposer, PauseReason, SessionView } from "./ports.ts";
import { toConnectionState } from "./shown-connection.ts";
import { createStreamMachine, type StreamMachine } from "./stream-state.ts";

/** What this tab holds of one session in memory. Written by the streaming core only. */
export interface HeldSession {
  readonly id: SessionId;
  /** Ended turns before those of `conversation`, contiguous with them (earlier-turns.ts). Replaced, never changed in place. */
  earlier: readonly TurnState[];
  conversation: ConversationState;
  summary: SessionSummary | undefined;
  cursor: Cursor | undefined;
  /** The epoch that the latest `hello` or snapshot named; undefined while only the disk has spoken. */
  latestEpoch: Epoch | undefined;
  /** It was named by what is open now, or by the snapshot that is just being taken: it may replace another one on disk. */
  isEpochConfirmed: boolean;
  tail: number;
  hasMore: boolean;
  source: SessionView["source"];
  failure: string | undefined;
  machine: StreamMachine;
  /** The disk has been asked and has not answered: attaching waits for it. */
  isLoading: boolean;
  /** An earlier page is on its way. */
  isPaging: boolean;
  /** Was live since it is viewed: what ends from now on is news. */
  hasBeenLive: boolean;
  /** The cursor's seq at a ping that named a higher tail. */
  laggingAtSeq: number | undefined;
  /** Pages of the log in a row that came and could not be read. */
  unreadablePages: number;
  lastHeardAtMs: number | undefined;
  /** Streams opened since it is held. */
  opens: number;
  retryTimer: Disposer | undefined;
  readonly timeline: TimelineEntry[];
  /** What the disk does not have yet. */
  readonly news: NewsKeeper;
}

export function createHeldSession(
  id: SessionId,
  reasons: ReadonlySet<PauseReason>,
  source: SessionView["source"],
): HeldSession {
  return {
    id,
    earlier: [],
    conversation: createConversation(),
    summary: undefined,
    cursor: undefined,
    latestEpoch: undefined,
    isEpochConfirmed: false,
    tail: 0,
    hasMore: false,
    source,
    failure: undefined,
    machine: createStreamMachine({ reasons }),
    isLoading: false,
    isPaging: false,
    hasBeenLive: false,
    laggingAtSeq: undefined,
    unreadablePages: 0,
    lastHeardAtMs: undefined,
    opens: 0,
    retryTimer: undefined,
    timeline: [],
    news: createNewsKeeper(),
  };
}

/** UTF-16 code units in the buffers, the questions included. */
export function heldChars(held: HeldSession): number {
  let chars = earlierChars(held.earlier);
  for (const turn of held.conversation.turns.values()) chars += turnChars(turn);
  return chars;
}

/** Notes what happened for the streams panel; frames of one second are counted together, so that the bound spans minutes. */
export function noteTimeline(
  held: HeldSession,
  atMs: number,
  what: TimelineEntry["what"],
  chars?: number,
): void {
  const last = held.timeline.at(-1);
  if (what === "frame" && last?.what === "frame" && atMs - last.atMs < 1_000) {
    held.timeline[held.timeline.length - 1] = { ...last, chars: (last.chars ?? 0) + (chars ?? 0) };
    return;
  }
  held.timeline.push({ atMs, what, ...(chars === undefined ? {} : { chars }) });
  if (held.timeline.length > MAX_TIMELINE) held.timeline.shift();
}

export function toView(held: HeldSession): SessionView {
  return {
    session: held.id,
    earlier: held.earlier,
    conversation: held.conversation,
    summary: held.summary,
    cursor: held.cursor,
    tail: Math.max(held.tail, held.cursor?.seq ?? 0),
    hasMore: held.hasMore,
    connection: toConnectionState(held.machine),
    reasons: held.machine.reasons,
    lastHeardAtMs: held.lastHeardAtMs,
    reattachments: Math.max(held.opens - 1, 0),
    source: held.source,
    failure: held.source === "loading" ? held.failure : undefined,
  };
}
