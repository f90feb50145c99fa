import type { AgentList, AgentSummary } from "../protocol/agents.ts";
import type { ApprovalOption, Attachment, PlanEntry, TurnError, Usage } from "../protocol/events.ts";
import type { AgentId, Epoch, SessionId, TurnId } from "../protocol/ids.ts";
import type { StreamMessage } from "../protocol/sse.ts";
import type { SessionSummary } from "../protocol/snapshot.ts";

/** All that the backend needs of the world. Server, mock and simulation each bring their own. */

/** Ends a subscription or a timer. Calling it again does nothing. */
export type Disposer = () => void;

export interface Clock {
  /** Wall-clock time. Unit: ms since 1970. May jump. */
  now(): number;
  /** Runs `run` once, after at least `delayMs`. Never runs it synchronously. */
  setTimer(delayMs: number, run: () => void): Disposer;
}

export interface Random {
  /** 64 random bits as lower-case letters and digits: the epoch of a new log. */
  epoch(): Epoch;
  /** A fraction in [0, 1), for jitter. */
  fraction(): number;
}

/** A session as it is kept: its row in the list, and where its log stands. */
export interface SessionRecord {
  readonly summary: SessionSummary;
  readonly epoch: Epoch;
  /** The newest seq of its log; 0 when empty. */
  readonly tail: number;
  /** Whether the title was given by a person; an automatic one gives way to it. */
  readonly titledByHand: boolean;
  /** Turns queued or running at this tail, so that a restart knows which logs to mend without reading all. */
  readonly openTurns: readonly TurnId[];
}

/** A stretch of the log as it is kept: the text of one log frame (`encodeLogFrame`), at most MAX_FRAME_BYTES where it can be. */
export interface LogRow {
  readonly from: number;
  readonly seq: number;
  readonly data: string;
}

export type StoreWrite =
  /** A new session with an empty log. */
  | { readonly kind: "create"; readonly record: SessionRecord }
  /** Rows that continue the log of `record`, or none where only the record changed. */
  | {
      readonly kind: "append";
      readonly record: SessionRecord;
      readonly expectedTail: number;
      readonly rows: readonly LogRow[];
    }
  /** Replaces all rows that lie within `from`..`seq` by `rows`, which cover the same range. */
  | {
      readonly kind: "compact";
      readonly session: SessionId;
      readonly from: number;
      readonly seq: number;
      readonly rows: readonly LogRow[];
    }
  /** Removes record and log; the id is remembered for good. */
  | { readonly kind: "delete"; readonly session: SessionId };

/**
 * Where logs are kept. An implementer must not resolve `commit` before everything in it is durable,
 * must not apply a part of it, must not accept rows whose `from` is not `expectedTail + 1`,
 * and must not buffer reads across commits.
 */
export interface LogStore {
  /** Everything known, once, at start. Rejects with a sentence a person can act on when the store can't be used. */
  open(): Promise<{ readonly sessions: readonly SessionRecord[]; readonly deleted: readonly SessionId[] }>;
  /** All or nothing, durable when resolved. Rejects with {@link StoreFullError} when there is no space. */
  commit(writes: readonly StoreWrite[]): Promise<void>;
  /** Rows that hold events after `afterSeq`, in order, about `maxBytes` of them but at least one if there is any. */
  read(session: SessionId, afterSeq: number, maxBytes: number): Promise<readonly LogRow[]>;
  close(): Promise<void>;
}

/** The store has no space left: nothing was written, later writes may succeed. */
export class StoreFullError extends Error {
  override readonly name = "StoreFullError";
}

/** Told when the turn is to stop. A DOM `AbortSignal` is one. */
export interface StopSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** One earlier message, as a model is told of it. */
export interface HistoryMessage {
  readonly role: "user" | "assistant";
  readonly text: string;
  readonly attachments?: readonly Attachment[];
}

export interface AgentRequest {
  readonly session: SessionId;
  readonly turn: TurnId;
  readonly text: string;
  readonly attachments: readonly Attachment[];
  /** What had ended when the turn was sent, oldest first. */
  readonly history: readonly HistoryMessage[];
  /** The partial answer to go on from, when the turn `continues` another; the last message of `history` is then its question. */
  readonly continuesFrom: string | undefined;
  readonly signal: StopSignal;
  /**
   * Asks a person. Resolves with the option chosen, by a user or by `expiresInMs` running out
   * (then `timeoutOption`); rejects when the turn is stopped.
   */
  ask(question: AgentQuestion): Promise<string>;
  /** True while the agent, in a run taken up again, still says what the log has: it need not take its time. */
  isReplaying?(): boolean;
}

export interface AgentQuestion {
  readonly id: string;
  readonly prompt: string;
  readonly options: readonly ApprovalOption[];
  /** The tool call that waits for it. */
  readonly part?: string;
  readonly expiresInMs?: number;
  /** The option taken when time runs out. Default: the first of kind `deny`, else the last. */
  readonly timeoutOption?: string;
}

/** What an agent says. `part` names a buffer within the turn; a delta needs no offset, the run keeps it. */
export type AgentEvent =
  | { readonly type: "started"; readonly model: string }
  | { readonly type: "text"; readonly part: string; readonly delta: string }
  | { readonly type: "reasoning"; readonly part: string; readonly delta: string }
  | {
      readonly type: "tool-started";
      readonly part: string;
      readonly name: string;
      readonly title?: string;
      readonly kind?: string;
      readonly input?: unknown;
    }
  | { readonly type: "tool-output"; readonly part: string; readonly delta: string }
  | {
      readonly type: "tool-ended";
      readonly part: string;
      readonly status: "complete" | "failed" | "denied";
      readonly output?: unknown;
    }
  | { readonly type: "plan"; readonly entries: readonly PlanEntry[] }
  | { readonly type: "usage"; readonly usage: Usage }
  /** Ends the turn as `failed`; nothing after it counts. */
  | { readonly type: "error"; readonly error: TurnError };

/**
 * What answers. `run` ends normally when the answer is complete. It must stop soon after `signal` aborts,
 * and must not hold state between turns. A throw ends the turn as `failed` in words of the run registry's.
 */
export interface Agent {
  readonly summary: AgentSummary;
  /** Whether a second run of one turn says the same from the beginning, so that an interrupted one can be taken up again. */
  readonly isRepeatable?: boolean;
  run(request: AgentRequest): AsyncIterable<AgentEvent>;
}

/** Which agents there are. */
export interface AgentDirectory {
  list(): Promise<AgentList>;
  /** Undefined when there is none of that name. */
  find(id: AgentId): Promise<Agent | undefined>;
  /** The agent of a session that names none; never waits for a network. */
  defaultId(): AgentId;
  /** Resolves, within seconds, once `defaultId` knows what there is; without it, it does from the start. Never rejects. */
  ready?(): Promise<void>;
}

/**
 * Where a subscriber's messages go: an HTTP response, a mock's stream.
 * Must not queue without bound: `write` answers false when it is full and then calls `onDrain` once there is room.
 */
export interface StreamSink {
  write(message: StreamMessage): boolean;
  /** Ends the connection after what was written. */
  end(): void;
  /** Drops the connection at once: the reader takes nothing, so what was written would never leave. Without it, `end` is called. */
  cut?(): void;
}

/** Where the backend says what an operator should know. Must not throw. */
export interface Reporter {
  warn(message: string, detail?: unknown): void;
}
