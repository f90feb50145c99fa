import type { AgentList } from "../protocol/agents.ts";
import type { Bye } from "../protocol/frames.ts";
import type { ApprovalId, SessionId, TurnId } from "../protocol/ids.ts";
import type { Problem } from "../protocol/problems.ts";
import type {
  CreateSession,
  EditTurn,
  ResolveApproval,
  SendTurn,
  UpdateSession,
} from "../protocol/requests.ts";
import type { Result } from "../protocol/result.ts";
import type { PageRequest, SessionList, SessionSummary, WireSnapshot } from "../protocol/snapshot.ts";
import type { SearchPage } from "../protocol/text-search.ts";
import type { SearchRequest } from "./search.ts";
import type { AgentDirectory, Clock, LogStore, Random, Reporter, StreamSink } from "./ports.ts";

type Answer<Value> = Promise<Result<Value, Problem>>;

/** A page of the log as `GET /sessions/:sid/events` answers it. */
export interface EventsPage {
  readonly frames: readonly {
    readonly from: number;
    readonly seq: number;
    readonly events: readonly unknown[];
  }[];
  /** `<epoch>.<seq>` to go on from. */
  readonly cursor: string;
  readonly hasMore: boolean;
}

/** One subscriber: a cursor into the log, pulled as the sink drains. */
export interface StreamSubscription {
  /** The sink has room again. */
  onDrain(): void;
  /** The other side is gone. Idempotent; whoever subscribes always calls it. */
  unsubscribe(): void;
  /** Says `bye` and ends the sink, after what was written. Idempotent. */
  end(bye: Bye): void;
  /** Resolves when everything due at the time of the call has been written, or the subscription has ended. */
  delivered(): Promise<void>;
}

/** Where a stream begins, as the request named it, unparsed. */
export interface StreamStart {
  readonly lastEventId: string | undefined;
  readonly after: string | undefined;
}

/**
 * The product without its edges: what PROTOCOL.md says, over ports. Bodies come parsed; ids come parsed.
 * Every promise that resolves with `ok` speaks of something durable.
 */
export interface Backend {
  agents(): Promise<AgentList>;
  /** Newest activity first. `version` changes whenever the list does: an ETag. */
  listSessions(page: {
    readonly limit?: number | undefined;
    readonly before?: SessionId | undefined;
  }): SessionList & { readonly version: string };
  createSession(
    sid: SessionId,
    body: CreateSession,
  ): Answer<{ readonly session: SessionSummary; readonly created: boolean }>;
  updateSession(sid: SessionId, body: UpdateSession): Answer<SessionSummary>;
  deleteSession(sid: SessionId): Answer<void>;
  snapshot(sid: SessionId, page: PageRequest): Answer<WireSnapshot>;
  /** Changes whenever the snapshot of the session would: an ETag without reading it. */
  snapshotVersion(sid: SessionId): Result<string, Problem>;
  events(
    sid: SessionId,
    page: { readonly after: string | undefined; readonly limit?: number | undefined },
  ): Answer<EventsPage>;
  /** Turns that hold a text, newest first (PX.19). */
  search(sid: SessionId, request: SearchRequest): Answer<SearchPage>;
  /** Never refuses: a refusal is a `bye` and the end. `hello` is written before this returns. */
  openStream(sid: SessionId, start: StreamStart, sink: StreamSink): StreamSubscription;
  sendTurn(sid: SessionId, body: SendTurn): Answer<{ readonly turn: TurnId; readonly isKnown: boolean }>;
  editTurn(sid: SessionId, tid: TurnId, body: EditTurn): Answer<void>;
  withdrawTurn(sid: SessionId, tid: TurnId): Answer<void>;
  stopTurn(sid: SessionId, tid: TurnId): Answer<void>;
  resolveApproval(sid: SessionId, aid: ApprovalId, body: ResolveApproval): Answer<void>;
  /** Streams open now, for limits and reports. */
  openStreams(): number;
  /**
   * The planned end: no new turns, `bye draining` to every stream, running turns end as `interrupted`,
   * queued ones stay queued for the next start, everything committed, the store closed.
   */
  drain(retryMs: number): Promise<void>;
}

export interface BackendOptions {
  readonly store: LogStore;
  readonly agents: AgentDirectory;
  readonly clock: Clock;
  readonly random: Random;
  readonly reporter: Reporter;
  /** Version of the build, told in `hello`. */
  readonly version: string;
  readonly heartbeatMs?: number;
  /** Sessions that may exist. Default 10,000. */
  readonly maxSessions?: number;
  /** Turns that may wait in one session. Default 100. */
  readonly maxQueuedTurns?: number;
  /** A reader that takes nothing for this long is cut off. Default 60,000 ms (PROTOCOL §3). */
  readonly stalledReaderMs?: number;
  /** How long events are gathered before they are committed together. Default 10 ms. */
  readonly groupCommitMs?: number;
  /**
   * What becomes of turns that the last life left running. `interrupt` (the default): they end as `interrupted`
   * (PROTOCOL §4). `resume`: those of a repeatable agent go on from where the log ends, as if nothing had been;
   * for a mock whose process is a page that is reloaded.
   */
  readonly recovery?: "interrupt" | "resume";
}
