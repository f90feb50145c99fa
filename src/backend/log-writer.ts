import type { LogEvent, TurnError } from "../protocol/events.ts";
import type { ControlFrame } from "../protocol/frames.ts";
import type { TurnId } from "../protocol/ids.ts";
import { problem, type Problem } from "../protocol/problems.ts";
import { err, ok, type Result } from "../protocol/result.ts";
import { withEndedTools } from "./ended-tools.ts";
import { buildRows } from "./merge-frames.ts";
import {
  StoreFullError,
  type Clock,
  type Disposer,
  type LogRow,
  type LogStore,
  type Reporter,
  type StoreWrite,
} from "./ports.ts";
import { advanceHead, type SessionHead } from "./session-head.ts";
import type { SessionLog } from "./session-log.ts";

/** `ok` speaks of something durable. */
export type Written = Result<void, Problem>;

export interface LogWriterHooks {
  /** Durable, and the heads moved; before any viewer is woken. Must not throw. */
  onCommitted(log: SessionLog, events: readonly LogEvent[]): void;
  /** Events of this running turn are lost: it must say nothing more; the writer ends it when it can. */
  onLost(log: SessionLog, turn: TurnId): void;
  /** Something could be written again. */
  onRecovered(): void;
}

interface Pending {
  readonly log: SessionLog;
  kind: "create" | "append" | "delete";
  events: LogEvent[];
  titledByHand: boolean | undefined;
  readonly done: Promise<Written>;
  readonly settle: (written: Written) => void;
}

interface Prepared {
  readonly pending: Pending;
  readonly events: readonly LogEvent[];
  readonly head: SessionHead;
  readonly rows: readonly LogRow[];
}

const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 10_000;

/** Events of one session that may wait for the store before its agents are made to wait too. */
const CONGESTED_EVENTS = 5_000;

/**
 * Group commit across all sessions: what comes within `groupCommitMs` is made durable together, one commit in flight
 * at a time. A seq is given at commit, so a failed one leaves no hole.
 *
 *   append ─▶ pending ─(groupCommitMs)─▶ commit ─ok─▶ heads, fold, viewers, callers
 *                ▲                          └─failed─▶ pending dropped; its running turns are owed an end
 *                └───(retry, backoff)── owed ends ◀───┘
 */
export class LogWriter {
  readonly #store: LogStore;
  readonly #clock: Clock;
  readonly #reporter: Reporter;
  readonly #hooks: LogWriterHooks;
  readonly #groupCommitMs: number;
  #pending = new Map<SessionLog, Pending>();
  #owing = new Set<SessionLog>();
  #maintenance: (() => Promise<void>)[] = [];
  #isCommitting = false;
  #isDue = false;
  #isFailing = false;
  #isStopped = false;
  #timer: Disposer | undefined;
  #retryTimer: Disposer | undefined;
  #retryMs = FIRST_RETRY_MS;
  #idle: (() => void)[] = [];

  constructor(ports: {
    readonly store: LogStore;
    readonly clock: Clock;
    readonly reporter: Reporter;
    readonly groupCommitMs: number;
    readonly hooks: LogWriterHooks;
  }) {
    this.#store = ports.store;
    this.#clock = ports.clock;
    this.#reporter = ports.reporter;
    this.#hooks = ports.hooks;
    this.#groupCommitMs = ports.groupCommitMs;
  }

  /** Adds events to the log of a session. All of one call land in the same commit, in order. */
  append(
    log: SessionLog,
    events: readonly LogEvent[],
    change: { readonly titledByHand?: boolean } = {},
  ): Promise<Written> {
    if (log.isDeleted) return Promise.resolve(err(deletedProblem()));
    if (this.#isStopped) return Promise.resolve(err(storageProblem(false)));
    const pending = this.#pendingOf(log, "append");
    for (const event of events) pending.events.push(event);
    if (change.titledByHand !== undefined) pending.titledByHand = change.titledByHand;
    return pending.done;
  }

  /** Makes the empty log of a new session durable. */
  create(log: SessionLog): Promise<Written> {
    if (this.#isStopped) return Promise.resolve(err(storageProblem(false)));
    return this.#pendingOf(log, "create").done;
  }

  /** Removes the log for good. What was pending is dropped with it. */
  remove(log: SessionLog): Promise<Written> {
    if (this.#isStopped) return Promise.resolve(err(storageProblem(false)));
    const pending = this.#pendingOf(log, "delete");
    pending.kind = "delete";
    return pending.done;
  }

  /** Runs `job` while no commit is in flight; its failure costs no one anything. Must not append and wait. */
  whenFree(job: () => Promise<void>): void {
    this.#maintenance.push(job);
    this.#arm();
  }

  /** The turn is owed an end: it is written with the next commit that succeeds. */
  owe(log: SessionLog, turn: TurnId, end: { outcome: "failed" | "interrupted"; error?: TurnError }): void {
    if (log.isDeleted || log.owed.has(turn)) return;
    log.owed.set(turn, { outcome: end.outcome, error: end.error });
    this.#owing.add(log);
    this.#pendingOf(log, "append");
  }

  isCongested(log: SessionLog): boolean {
    return (this.#pending.get(log)?.events.length ?? 0) >= CONGESTED_EVENTS;
  }

  /** Resolves when what is pending for the session now has been committed or dropped. */
  async settled(log: SessionLog): Promise<void> {
    await this.#pending.get(log)?.done;
  }

  /** Commits what is pending without waiting for more. Resolves when nothing is pending and nothing in flight. */
  async flush(): Promise<void> {
    if (!this.#isCommitting && this.#pending.size === 0) return;
    const idle = new Promise<void>((resolve) => this.#idle.push(resolve));
    if (this.#isCommitting) this.#isDue = true;
    else void this.#run();
    await idle;
  }

  /** No timer fires and nothing is taken any more. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.();
    this.#retryTimer?.();
    this.#timer = undefined;
    this.#retryTimer = undefined;
  }

  #pendingOf(log: SessionLog, kind: Pending["kind"]): Pending {
    let pending = this.#pending.get(log);
    if (pending === undefined) {
      const { promise, resolve } = Promise.withResolvers<Written>();
      pending = { log, kind, events: [], titledByHand: undefined, done: promise, settle: resolve };
      this.#pending.set(log, pending);
      this.#arm();
    }
    return pending;
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#isDue || this.#isStopped) return;
    this.#timer = this.#clock.setTimer(this.#groupCommitMs, () => {
      this.#timer = undefined;
      if (this.#isCommitting) this.#isDue = true;
      else void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isCommitting = true;
    do {
      this.#isDue = false;
      await this.#commit();
      for (const job of this.#maintenance.splice(0)) {
        // Not storage that was promised to anyone: the log stays as it was.
        await job().catch((cause: unknown) =>
          this.#reporter.warn("Upkeep of a log failed; it is tried again later.", cause),
        );
      }
    } while (this.#isDue);
    this.#isCommitting = false;
    if (this.#pending.size > 0 || this.#maintenance.length > 0) this.#arm();
    // Upkeep that is still to come is promised to no one.
    if (this.#pending.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #commit(): Promise<void> {
    for (const log of this.#owing) {
      if (log.owed.size > 0 && !log.isDeleted) this.#pendingOf(log, "append");
    }
    const batch = [...this.#pending.values()];
    this.#pending = new Map();
    // What `#pendingOf` armed above is this very commit.
    this.#timer?.();
    this.#timer = undefined;
    const prepared = batch.filter((pending) => isWritable(pending)).map((pending) => this.#prepare(pending));
    const writes = prepared.map(toWrite);
    if (writes.length > 0) {
      try {
        await this.#store.commit(writes);
      } catch (cause) {
        this.#failed(prepared, cause);
        return;
      }
      this.#succeeded(prepared);
    }
    for (const pending of batch) {
      if (!isWritable(pending)) pending.settle(err(deletedProblem()));
    }
  }

  #prepare(pending: Pending): Prepared {
    const { log } = pending;
    const events = withEndedTools(log.head.open, [...this.#owedEvents(log), ...pending.events]);
    const advanced = events.length === 0 ? log.head : advanceHead(log.head, events);
    const head: SessionHead =
      pending.titledByHand === undefined
        ? advanced
        : { ...advanced, record: { ...advanced.record, titledByHand: pending.titledByHand } };
    return { pending, events, head, rows: buildRows(log.tail + 1, events) };
  }

  #owedEvents(log: SessionLog): LogEvent[] {
    const events: LogEvent[] = [];
    const at = this.#clock.now();
    for (const [turn, end] of log.owed) {
      const open = log.head.open.get(turn);
      if (open === undefined) continue;
      for (const approval of open.approvals) {
        events.push({ type: "approval-resolved", at, turn, approval, option: "", by: "stopped" });
      }
      const error = end.error === undefined ? {} : { error: end.error };
      events.push({ type: "turn-ended", at, turn, outcome: end.outcome, ...error });
    }
    return events;
  }

  #succeeded(prepared: readonly Prepared[]): void {
    const recovered: SessionLog[] = [];
    for (const { pending, head, rows } of prepared) {
      const { log } = pending;
      if (pending.kind === "delete") log.isDeleted = true;
      else log.committed(head, rows);
      if (log.owed.size > 0) recovered.push(log);
      log.owed.clear();
      this.#owing.delete(log);
    }
    const wasFailing = this.#isFailing;
    this.#isFailing = false;
    this.#retryTimer?.();
    this.#retryTimer = undefined;
    this.#retryMs = FIRST_RETRY_MS;
    for (const { pending, events } of prepared) {
      this.#hooks.onCommitted(pending.log, pending.kind === "delete" ? [] : events);
    }
    for (const { pending } of prepared) {
      if (pending.kind !== "delete") pending.log.wakeViewers();
      pending.settle(ok(undefined));
    }
    for (const log of recovered) notifyViewers(log, storageOk());
    if (!wasFailing) return;
    this.#reporter.warn("The store can be written again.");
    this.#hooks.onRecovered();
  }

  #failed(prepared: readonly Prepared[], cause: unknown): void {
    const isFull = cause instanceof StoreFullError;
    // Once for each time of trouble: what is tried again every few seconds must not fill the rest of the disk.
    if (!this.#isFailing) {
      this.#reporter.warn(
        isFull
          ? "The store is full; running turns end as failed."
          : "A commit failed; running turns end as failed.",
        cause,
      );
    }
    const error: TurnError = isFull
      ? {
          code: "storage-full",
          message: "There was no space left to store the answer. Free some space, then try again.",
        }
      : {
          code: "storage-failed",
          message: "The answer could not be stored. Try again; the server's log says why.",
        };
    for (const { pending } of prepared) {
      const { log } = pending;
      for (const event of pending.events) {
        if (!("turn" in event) || log.owed.has(event.turn)) continue;
        // A turn that never began in the log is still queued: it is started again, not ended.
        if (log.head.open.get(event.turn)?.status !== "running") continue;
        log.owed.set(event.turn, { outcome: "failed", error });
        this.#hooks.onLost(log, event.turn);
      }
      if (log.owed.size > 0) {
        this.#owing.add(log);
        this.#dropLost(log);
        notifyViewers(log, storageNotice(isFull));
      }
      pending.settle(err(storageProblem(isFull)));
    }
    this.#isFailing = true;
    if (this.#isStopped) return;
    this.#retryTimer?.();
    this.#retryTimer = this.#clock.setTimer(this.#retryMs, () => {
      this.#retryTimer = undefined;
      this.#arm();
      if (this.#owing.size === 0) this.#hooks.onRecovered();
    });
    this.#retryMs = Math.min(MAX_RETRY_MS, this.#retryMs * 2);
  }

  /** What a lost turn said since the failed commit began would leave a hole in its buffers. */
  #dropLost(log: SessionLog): void {
    const next = this.#pending.get(log);
    if (next === undefined) return;
    next.events = next.events.filter((event) => !("turn" in event) || !log.owed.has(event.turn));
  }
}

function isWritable(pending: Pending): boolean {
  return !pending.log.isDeleted;
}

function toWrite({ pending, head, rows }: Prepared): StoreWrite {
  switch (pending.kind) {
    case "create":
      return { kind: "create", record: head.record };
    case "delete":
      return { kind: "delete", session: pending.log.id };
    case "append":
      return { kind: "append", record: head.record, expectedTail: pending.log.tail, rows };
  }
}

function notifyViewers(log: SessionLog, frame: ControlFrame): void {
  for (const viewer of log.viewers) viewer.notify(frame);
}

/** Told to readers, again to each that joins, until something can be written. */
export function storageNotice(isFull: boolean): ControlFrame {
  return {
    name: "notice",
    code: "storage-full",
    message: isFull
      ? "The server has no space left to store answers. Running turns will end as failed."
      : "The server can't store answers at the moment. Running turns will end as failed.",
  };
}

function storageOk(): ControlFrame {
  return { name: "notice", code: "storage-ok", message: "The server can store answers again." };
}

export function deletedProblem(): Problem {
  return problem("session-deleted", "This session was deleted. Start a new one.");
}

function storageProblem(isFull: boolean): Problem {
  return isFull
    ? problem("storage-full", "The server has no space left. Free some space, then try again.")
    : problem("internal", "This could not be stored. Try again in a moment.");
}
