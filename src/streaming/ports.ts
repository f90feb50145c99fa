import type { AgentList } from "../protocol/agents.ts";
import type { ConversationState, TurnState } from "../protocol/conversation.ts";
import type { Cursor } from "../protocol/cursor.ts";
import type { LogPage } from "../protocol/events-page.ts";
import type { ControlName, LogFrame } from "../protocol/frames.ts";
import type { ApprovalId, Epoch, SessionId, TurnId } from "../protocol/ids.ts";
import type { Problem } from "../protocol/problems.ts";
import type { CreateSession, EditTurn, SendTurn, UpdateSession } from "../protocol/requests.ts";
import type { Result } from "../protocol/result.ts";
import type { Measures } from "./measures.ts";
import type {
  PageRequest,
  SessionList,
  SessionSummary,
  Snapshot,
  TurnSnapshot,
} from "../protocol/snapshot.ts";
import type { SearchPage } from "../protocol/text-search.ts";

/** All that the streaming core needs of the browser. `src/platform`, `src/api` and `src/persistence` bring it. */

/** Ends a subscription or a timer. Calling it again does nothing. */
export type Disposer = () => void;

export interface Clock {
  /** Wall-clock time. Unit: ms since 1970. May jump, and does when a phone wakes. */
  now(): number;
  /** Runs `run` once, after at least `delayMs`; much later when the page is hidden or frozen. */
  setTimer(delayMs: number, run: () => void): Disposer;
}

export interface Random {
  /** A fraction in [0, 1). */
  fraction(): number;
  /** A new UUIDv7. */
  uuid(): string;
}

export interface SourceHandlers {
  onOpen(): void;
  /** A message without a name (a log frame), or a named one (a control frame). */
  onMessage(name: ControlName | undefined, data: string): void;
  /** The source failed, whatever its `readyState`; the core closes it. */
  onError(): void;
}

/** An open `EventSource`. */
export interface Source {
  /** Idempotent. No handler is called afterwards. */
  close(): void;
}

export interface EventSourcePort {
  /** Never throws: what can't be opened reports `onError` later. */
  open(url: string, handlers: SourceHandlers): Source;
}

/** What happened to the page; see docs/STREAMING.md for what each engine fires when. */
export type PageEvent =
  | "hidden"
  | "visible"
  | "focus"
  | "freeze"
  | "resume"
  /** Back from the back-forward cache (`pageshow` with `persisted`). */
  | "restored"
  | "pagehide"
  | "online"
  | "offline";

export interface Page {
  isHidden(): boolean;
  /** A hint only: `true` promises nothing. */
  isOnline(): boolean;
  subscribe(listener: (event: PageEvent) => void): Disposer;
}

/** Why a request brought no answer that can be used. */
export type ApiFailure =
  /** The server refused, in its own words. */
  | { readonly kind: "problem"; readonly problem: Problem }
  /** 401: the sign-in is over. */
  | { readonly kind: "signed-out" }
  /** No connection, a time limit, a proxy's page, a captive portal: nothing is known of what the server did. */
  | {
      readonly kind: "unreachable";
      readonly message: string;
      /** Something answered, in JSON, that is none of the protocol: asking again may bring the same. */
      readonly isUnreadable?: true;
    }
  /** The server speaks another major version of the protocol. */
  | { readonly kind: "update-needed"; readonly version: string };

export type ApiAnswer<Value> = Promise<Result<Value, ApiFailure>>;

/** Requests of the wire. Every one has a time limit; none retries by itself. */
export interface Api {
  /**
   * The line died and lives again: what has no answer yet may hang on the dead connection. It is given up and asked once
   * more, within its time limit; only what may reach the server twice.
   */
  askAgain(): void;
  /** Whether the server itself is there and this browser signed in: looked at after a stream died without `hello`. */
  probe(): ApiAnswer<void>;
  agents(): ApiAnswer<AgentList>;
  /** The first page answers `unchanged` when the server says 304; a later one is asked for with `before`. */
  listSessions(page?: {
    readonly before: SessionId;
    readonly limit: number;
  }): ApiAnswer<SessionList | "unchanged">;
  snapshot(sid: SessionId, page?: PageRequest): ApiAnswer<Snapshot>;
  /** A page of the log from `after` on; undefined: from its beginning. What a tab reads that has no stream. */
  events(sid: SessionId, after: Cursor | undefined, limit?: number): ApiAnswer<LogPage>;
  /** Turns that hold a text, newest first; with `before`, of those before that one. */
  search(sid: SessionId, request: { readonly q: string; readonly before?: TurnId }): ApiAnswer<SearchPage>;
  createSession(sid: SessionId, body: CreateSession): ApiAnswer<SessionSummary>;
  updateSession(sid: SessionId, body: UpdateSession): ApiAnswer<SessionSummary>;
  deleteSession(sid: SessionId): ApiAnswer<void>;
  sendTurn(sid: SessionId, body: SendTurn): ApiAnswer<void>;
  editTurn(sid: SessionId, tid: TurnId, body: EditTurn): ApiAnswer<void>;
  withdrawTurn(sid: SessionId, tid: TurnId): ApiAnswer<void>;
  stopTurn(sid: SessionId, tid: TurnId): ApiAnswer<void>;
  resolveApproval(sid: SessionId, aid: ApprovalId, option: string): ApiAnswer<void>;
  signIn(password: string): ApiAnswer<void>;
  signOut(): ApiAnswer<void>;
}

/** A session's settled turns as the disk gives them back: the latest, and word whether there are others before them. */
export interface TranscriptRecord {
  readonly session: SessionSummary;
  /** Settled (ended) turns, in the order in which they are shown. */
  readonly turns: readonly TurnSnapshot[];
  /** Whether there are turns before the first of these, on the disk or the server. */
  readonly hasMore: boolean;
}

/** A session's unfinished turns as the disk gives them back. */
export interface InflightRecord {
  readonly turns: readonly TurnSnapshot[];
  /** Whether a stream was closed on them and is to be opened again. */
  readonly reattach: boolean;
  readonly startedAtMs: number;
  /** All these turns in the order in which they are shown, so that settled and unfinished ones interleave again. */
  readonly order: readonly TurnId[];
}

/** What a session looked like at `cursor`: both records describe that one moment (S3). */
export interface StoredConversation {
  readonly cursor: Cursor;
  readonly transcript: TranscriptRecord;
  readonly inflight: InflightRecord | undefined;
}

/** What was folded since the disk was last known to be current. */
export interface LogNews {
  /** `frames` leave out nothing from the event after this one up to the cursor. */
  readonly after: number;
  readonly frames: readonly LogFrame[];
  /** Whether more than text has changed since: turns, their states, or the pieces in which they are held. */
  readonly isReshaped: boolean;
  /** By what the keeper of the news knows this moment again. */
  readonly mark: {
    readonly earlier: readonly TurnState[];
    readonly conversation: ConversationState;
    readonly structure: number;
  };
}

/**
 * What this tab holds of a session at `cursor` (S3). The turns are the live ones: they are read in the task in which the
 * moment was taken, and never written; an ended turn never changes.
 */
export interface ConversationMoment {
  readonly cursor: Cursor;
  readonly session: SessionSummary;
  /** Whether the server has turns before the first of `earlier` and `conversation`. */
  readonly hasMore: boolean;
  /** Ended turns that stand before those of `conversation`. */
  readonly earlier: readonly TurnState[];
  readonly conversation: ConversationState;
  readonly news: LogNews;
  readonly inflight: { readonly reattach: boolean; readonly startedAtMs: number } | undefined;
  /** The epoch that the server names this tab now; undefined when it named it earlier: then no other one is replaced. */
  readonly confirmedEpoch: Epoch | undefined;
}

/** Settled turns that stand before those that were loaded. */
export interface EarlierTurns {
  readonly turns: readonly TurnSnapshot[];
  /** Whether there are others before them, on the disk or the server. */
  readonly hasMore: boolean;
}

/** `stale`: another tab has written something newer; `deleted`: a tombstone forbids it; `unavailable`: nothing is kept, the person is told. */
export type SaveOutcome = "written" | "stale" | "deleted" | "unavailable";

/**
 * What the browser keeps of sessions. An implementer writes text and cursor in one transaction,
 * never lets a lower seq of an epoch overwrite a higher one whichever tab writes (S3), lets another epoch replace
 * only when the moment's `confirmedEpoch` says that an open stream (or the snapshot being taken) names it, and never throws
 * or hangs: all answers come within a bound.
 */
export interface ConversationStore {
  /** The latest turns, and all that is unfinished. */
  load(sid: SessionId): Promise<StoredConversation | undefined>;
  /**
   * The turns of that epoch before the first one, `before`, that this store has loaded or answered here; undefined when
   * it can't say: then the server is asked.
   */
  loadEarlier(sid: SessionId, epoch: Epoch, before: TurnId, turns: number): Promise<EarlierTurns | undefined>;
  /** `take` is called right before a transaction or within it, maybe more than once: the last answer is the one that was kept. Undefined: there is nothing to keep any more (`stale`). */
  save(sid: SessionId, take: () => ConversationMoment | undefined): Promise<SaveOutcome>;
  /** Removes everything of the session and leaves a tombstone that late writes of any tab respect. */
  remove(sid: SessionId): Promise<void>;
  /** The session list as last seen, for a start without a network. */
  loadList(): Promise<readonly SessionSummary[]>;
  saveList(sessions: readonly SessionSummary[]): Promise<void>;
}

/** Something that is to reach the server once, in order, whatever happens to the page meanwhile. */
export type OutboxEntry = {
  /** A UUIDv7: the order of entries, over tabs too. */
  readonly id: string;
  readonly session: SessionId;
  readonly createdAtMs: number;
} & (
  | { readonly kind: "create"; readonly body: CreateSession }
  | { readonly kind: "send"; readonly body: SendTurn }
  | { readonly kind: "update"; readonly body: UpdateSession }
  | { readonly kind: "delete"; /** Not sent before: the time to undo it. */ readonly notBeforeMs: number }
  | {
      /** Refused by the server for good: kept until the person edits or discards it; nothing is lost. */
      readonly kind: "refused";
      readonly body: SendTurn;
      readonly why: string;
      /** Its session was deleted, or is none that the server knows: sooner or later no page of a session shows it. */
      readonly isGone?: true;
    }
);

/** Where the outbox is kept; mirrored so that an entry put just before the page dies is found again. */
export interface OutboxStore {
  /** All entries, oldest first. */
  load(): Promise<readonly OutboxEntry[]>;
  put(entry: OutboxEntry): Promise<void>;
  remove(id: string): Promise<void>;
  removeSession(sid: SessionId): Promise<void>;
  /** The latest id that can be known at once, without waiting for the disk: of any tab, in any life of the page. */
  latestId?(): string | undefined;
  /** Another tab changed the outbox. */
  subscribe(listener: () => void): Disposer;
}

/** One holder of a name over all tabs; where the browser has no Web Locks, over this tab. */
export interface TabLock {
  /**
   * Runs `work` while holding the lock; waits for it as long as it takes, or until `givenUp` resolves: then it rejects
   * without having run `work`. An implementer without that hands `work` the lock late; whoever gives up must bear it.
   */
  withLock<Value>(name: string, work: () => Promise<Value>, givenUp?: Promise<void>): Promise<Value>;
}

/** Word between the tabs of one browser about leave to stream. Best effort: a lost word costs time, nothing else. */
export interface SlotWord {
  /** A visible tab waits for this slot: whoever holds it hidden gives it up. Never told to this tab itself. */
  ask(slot: number): void;
  subscribe(listener: (slot: number) => void): Disposer;
}

/** Where the core says what a developer should know. Must not throw. */
export interface Reporter {
  warn(message: string, detail?: unknown): void;
}

export interface StreamingPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly sources: EventSourcePort;
  readonly page: Page;
  readonly api: Api;
  readonly store: ConversationStore;
  readonly outbox: OutboxStore;
  readonly lock: TabLock;
  /** Without it a hidden tab keeps its slot for as long as a turn runs. */
  readonly slotWord?: SlotWord;
  /** Without it nothing is measured. */
  readonly measures?: Measures;
  readonly reporter: Reporter;
}

/** Why a session's stream is not to be opened now. */
export type PauseReason = "hidden" | "offline" | "not-viewed" | "signed-out";

/** The connection of one session as the chip and the streams panel show it. */
export type ConnectionState =
  | { readonly kind: "idle" }
  | { readonly kind: "connecting"; readonly sinceMs: number; readonly attempt: number }
  | { readonly kind: "catching-up"; readonly sinceMs: number; readonly tail: number }
  | { readonly kind: "live"; readonly sinceMs: number }
  | { readonly kind: "waiting"; readonly retryAtMs: number; readonly attempt: number }
  | { readonly kind: "paused" }
  | { readonly kind: "closed"; readonly reason: "deleted" | "not-found" | "update-needed" };

/** What this tab knows of one session: read it, never write it. Text lies in the buffers of `conversation`. */
export interface SessionView {
  readonly session: SessionId;
  /** Ended turns that stand before those of `conversation`; another array whenever they are others. */
  readonly earlier: readonly TurnState[];
  readonly conversation: ConversationState;
  /** The session's row as the log or the list last told it; undefined while nothing is known. */
  readonly summary: SessionSummary | undefined;
  readonly cursor: Cursor | undefined;
  /** Newest seq the server named; equals the cursor's once caught up. */
  readonly tail: number;
  /** Whether the server has turns before the first of `earlier` and `conversation`. */
  readonly hasMore: boolean;
  readonly connection: ConnectionState;
  readonly reasons: ReadonlySet<PauseReason>;
  readonly lastHeardAtMs: number | undefined;
  readonly reattachments: number;
  /** Where what is shown came from. `loading`: neither memory nor disk had it yet. */
  readonly source: "loading" | "disk" | "memory" | "server";
  /** In words, when the last attempt to read it failed and nothing is shown. */
  readonly failure: string | undefined;
}

export type CoreChange =
  /** A part's buffer grew: pixels follow once a frame. */
  | { readonly kind: "grown"; readonly session: SessionId; readonly turn: TurnId; readonly part: string }
  /** Turns, their states, or their order changed. */
  | { readonly kind: "conversation"; readonly session: SessionId }
  /** A turn ended live (not during a catch-up from disk), for announcements. */
  | { readonly kind: "ended"; readonly session: SessionId; readonly turn: TurnId }
  | { readonly kind: "connection"; readonly session: SessionId }
  /** The session is gone (deleted here or elsewhere). */
  | { readonly kind: "gone"; readonly session: SessionId }
  /** The row of a session in the list changed by what its stream told. */
  | { readonly kind: "summary"; readonly session: SessionId }
  | { readonly kind: "notice"; readonly session: SessionId; readonly message: string };
