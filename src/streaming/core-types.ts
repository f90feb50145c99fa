import type { TurnState } from "../protocol/conversation.ts";
import type { Epoch, SessionId, TurnId } from "../protocol/ids.ts";
import type { CreateSession, SendTurn, UpdateSession } from "../protocol/requests.ts";
import type { SessionSummary } from "../protocol/snapshot.ts";
import type { ApiFailure, CoreChange, Disposer, OutboxEntry, PauseReason, SessionView } from "./ports.ts";

/** The streams of one tab: what is open, what is unfinished, what is shown. */
export interface StreamingCore {
  /**
   * Shows a session: paints what is known at once (memory, else disk), marks the others for reattach and closes them,
   * then attaches its stream from the stored cursor; only without one is the snapshot fetched first.
   * Undefined: nothing is viewed. Resolves when what was known is painted and the stream is on its way;
   * a later call supersedes it, and the superseded one writes nothing (S6).
   */
  loadSession(sid: SessionId | undefined): Promise<void>;
  /** The only way to open a stream. Does nothing while a reason to pause holds or when one is open. */
  attachLiveStream(sid: SessionId): void;
  /** Closes the session's stream; with `source`, only if it is still that one. Marks reattach (S4). */
  closeLiveStream(sid: SessionId, source?: object): void;
  /** Closes all streams but those of the sessions being viewed. */
  closeOtherLiveStreams(sid: SessionId): void;
  viewed(): SessionId | undefined;
  view(sid: SessionId): SessionView | undefined;
  subscribe(listener: (change: CoreChange) => void): Disposer;
  /** "Retry now": reconnects at once, backoff set aside. */
  retryNow(sid: SessionId): void;
  /** Pages in turns before the first known one, `turns` of them (default: the protocol's). One page at a time per session. */
  loadEarlier(sid: SessionId, turns?: number): Promise<EarlierPage>;
  /**
   * Takes turns over that were loaded apart, contiguous with the first known one, `before`. Answers whether it did: not
   * where another turn is the first by now, or another log has taken this one's place. Keep the turns; never change them.
   */
  joinEarlier(sid: SessionId, page: JoinedTurns): boolean;
  /** Signed out (or 401): every stream pauses, everything shown stays. Signed in again: they go on. */
  setSignedOut(isSignedOut: boolean): void;
  /** Deleted here: closes the stream, drops buffers and records, leaves a tombstone. */
  forget(sid: SessionId): Promise<void>;
  /** A session made in this tab that the server does not know yet: an empty conversation, streamed once it is created. */
  begin(session: SessionSummary): void;
  /** The server has it now: streams may attach. */
  created(sid: SessionId): void;
  /** What this tab holds open and knows, for the streams panel. */
  report(): readonly StreamReport[];
  /** Writes everything unsaved to disk. */
  flush(): Promise<void>;
  dispose(): void;
}

/** Ended turns that stand directly before the turn `before`. */
export interface JoinedTurns {
  readonly epoch: Epoch;
  readonly before: TurnId;
  readonly turns: readonly TurnState[];
  /** Whether the server has turns before the first of these. */
  readonly hasMore: boolean;
}

/** What came of asking for earlier turns. */
export type EarlierPage =
  | { readonly kind: "loaded" }
  /** There is nothing to ask for, a page is on its way already, or the session has become another one meanwhile. */
  | { readonly kind: "none" }
  | { readonly kind: "failed"; readonly why: string };

/** One row of the streams panel. */
export interface StreamReport {
  readonly view: SessionView;
  readonly isOpen: boolean;
  readonly hasInflight: boolean;
  readonly reattach: boolean;
  /** UTF-16 code units held in buffers. */
  readonly heldChars: number;
  /** Newest last; bounded. For the panel's timeline. */
  readonly timeline: readonly TimelineEntry[];
}

export interface TimelineEntry {
  readonly atMs: number;
  readonly what:
    | "open"
    | "hello"
    | "caught-up"
    | "frame"
    | "drop"
    | "close"
    | "resync"
    | "hidden"
    | "visible"
    | "hole";
  /** Characters folded, for `frame`. */
  readonly chars?: number;
}

/** What was asked of the server and not yet acknowledged. Sends go in order per session, `create` first, once, over all tabs. */
export interface Outbox {
  entries(): readonly OutboxEntry[];
  subscribe(listener: () => void): Disposer;
  /** Resolves when the entry is kept (it survives the page from then on), not when it is sent. */
  create(sid: SessionId, body: CreateSession): Promise<void>;
  send(sid: SessionId, body: SendTurn): Promise<void>;
  update(sid: SessionId, body: UpdateSession): Promise<void>;
  /** Sends the deletion after `undoMs`, unless undone before. */
  delete(sid: SessionId, undoMs: number): Promise<void>;
  undoDelete(sid: SessionId): Promise<void>;
  /** Takes back what has not been sent yet, or was refused. Answers the text, so that it can go back into the composer. */
  discard(entryId: string): Promise<string | undefined>;
  /** Reads what all tabs keep, without sending any of it. Never rejects. */
  refresh(): Promise<void>;
  /** Reads what is kept and goes on sending; called at start, on `online` and on return. */
  resume(): void;
  /** Sending waits (offline, signed out). */
  setPaused(reason: Extract<PauseReason, "offline" | "signed-out">, isPaused: boolean): void;
  dispose(): void;
}

/** Keeps the session list current: every 5 s while something runs elsewhere, else every 30 s; never while hidden or offline. */
export interface SessionPoller {
  sessions(): readonly SessionSummary[];
  subscribe(listener: () => void): Disposer;
  /** Asks now, if no request is on its way. */
  refresh(): void;
  /** Folds in what a stream told of a session, so that the list and the page agree at once. */
  merge(summary: SessionSummary): void;
  remove(sid: SessionId): void;
  failure(): ApiFailure | undefined;
  setSignedOut(isSignedOut: boolean): void;
  dispose(): void;
}
