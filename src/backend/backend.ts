import type { LogEvent } from "../protocol/events.ts";
import { DEFAULT_HEARTBEAT_MS } from "../protocol/limits.ts";
import type { SessionId } from "../protocol/ids.ts";
import { problem, type Problem } from "../protocol/problems.ts";
import { err, ok, type Result } from "../protocol/result.ts";
import type { Backend, BackendOptions } from "./backend-types.ts";
import { Compaction } from "./compaction.ts";
import { readEventsPage } from "./events-page.ts";
import { deletedProblem, LogWriter } from "./log-writer.ts";
import { recoverSessions } from "./recovery.ts";
import { RunRegistry } from "./run-registry.ts";
import { searchTurns } from "./search.ts";
import { SessionCommands } from "./session-commands.ts";
import { Sessions } from "./session-list.ts";
import type { SessionLog } from "./session-log.ts";
import { Snapshots, snapshotPage } from "./snapshots.ts";
import { closedSubscription, StreamHub } from "./stream-hub.ts";
import { TurnCommands } from "./turn-commands.ts";
import { TurnScheduler } from "./turn-scheduler.ts";

const DEFAULT_MAX_SESSIONS = 10_000;
const DEFAULT_MAX_QUEUED_TURNS = 100;
const DEFAULT_STALLED_READER_MS = 60_000;
const DEFAULT_GROUP_COMMIT_MS = 10;

/** How long a planned end waits for the store before it leaves the rest to the next start. Unit: ms. */
const DRAIN_MS = 5_000;

/**
 * The whole product over ports. Opens the store, ends what the last life left running as `interrupted`,
 * and lets queued turns go on. Rejects when the store can't be opened, with the store's own sentence.
 */
export async function createBackend(options: BackendOptions): Promise<Backend> {
  const { store, agents, clock, random, reporter } = options;
  const found = await store.open();
  const sessions = new Sessions(random.epoch(), found.deleted);
  const snapshots = new Snapshots(store, reporter);
  let draining: { readonly retryMs: number; hasClosed: boolean } | undefined;

  const writer = new LogWriter({
    store,
    clock,
    reporter,
    groupCommitMs: options.groupCommitMs ?? DEFAULT_GROUP_COMMIT_MS,
    hooks: {
      onCommitted: (log, events) => {
        snapshots.committed(log, events);
        afterCommit(log, events);
      },
      onLost: (log, turn) => runs.find(log.id, turn)?.breakOff(),
      onRecovered: () => {
        for (const log of sessions.all()) void scheduler.schedule(log);
      },
    },
  });
  const runs = new RunRegistry({ writer, clock, reporter });
  const scheduler = new TurnScheduler({ writer, snapshots, runs, agents, clock, reporter });
  const compaction = new Compaction({ store, clock, writer });
  const hub = new StreamHub({
    store,
    clock,
    reporter,
    heartbeatMs: options.heartbeatMs ?? DEFAULT_HEARTBEAT_MS,
    stalledReaderMs: options.stalledReaderMs ?? DEFAULT_STALLED_READER_MS,
    version: options.version,
  });
  const maxQueuedTurns = options.maxQueuedTurns ?? DEFAULT_MAX_QUEUED_TURNS;
  const turns = new TurnCommands({ writer, snapshots, runs, scheduler, agents, clock, maxQueuedTurns });
  const maxSessions = options.maxSessions ?? DEFAULT_MAX_SESSIONS;
  const commands = new SessionCommands({
    sessions,
    writer,
    runs,
    snapshots,
    hub,
    agents,
    clock,
    random,
    maxSessions,
  });

  function afterCommit(log: SessionLog, events: readonly LogEvent[]): void {
    let hasEnded = false;
    let isListed = false;
    for (const event of events) {
      if (event.type === "turn-ended") {
        hasEnded = true;
        runs.release(log.id, event.turn);
      }
      isListed ||= movesList(event);
    }
    if (isListed) sessions.changed();
    if (!hasEnded) return;
    if (log.head.open.size === 0) compaction.whenIdle(log);
    else void scheduler.schedule(log);
  }

  /** Finds the session, unless nothing may change any more. */
  function forChange(sid: SessionId): Result<SessionLog, Problem> {
    return draining === undefined ? sessions.find(sid) : err(drainingProblem(draining.retryMs));
  }

  /** Finds the session, unless its log can't be read any more. */
  function forReading(sid: SessionId): Result<SessionLog, Problem> {
    return draining?.hasClosed === true ? err(drainingProblem(draining.retryMs)) : sessions.find(sid);
  }

  const recovery = options.recovery ?? "interrupt";
  await recoverSessions({
    records: found.sessions,
    sessions,
    snapshots,
    writer,
    scheduler,
    reporter,
    recovery,
  });

  return {
    agents: () => agents.list(),
    listSessions: (page) => sessions.page(page),

    async createSession(sid, body) {
      return draining === undefined ? commands.create(sid, body) : err(drainingProblem(draining.retryMs));
    },
    async updateSession(sid, body) {
      const log = forChange(sid);
      return log.ok ? commands.update(log.value, body) : log;
    },
    async deleteSession(sid) {
      const log = forChange(sid);
      return log.ok ? commands.remove(log.value) : log;
    },

    async snapshot(sid, page) {
      const log = forReading(sid);
      if (!log.ok) return log;
      if (page.from !== undefined && page.before !== undefined) {
        const detail = "from and before name two pages. Ask for one of them.";
        return err(problem("bad-request", detail, { field: "from" }));
      }
      const loaded = await snapshots.load(log.value);
      if (log.value.isDeleted) return err(deletedProblem());
      const snapshot = snapshotPage(log.value, loaded, page);
      return snapshot === undefined
        ? err(problem("turn-not-found", "There is no such turn in this session to page from."))
        : ok(snapshot);
    },
    snapshotVersion(sid) {
      const log = sessions.find(sid);
      return log.ok ? ok(`${log.value.epoch}.${log.value.tail}`) : log;
    },
    async events(sid, page) {
      const log = forReading(sid);
      return log.ok ? readEventsPage(store, log.value, page) : log;
    },

    async search(sid, request) {
      const log = forReading(sid);
      if (!log.ok) return log;
      const loaded = await snapshots.load(log.value);
      if (log.value.isDeleted) return err(deletedProblem());
      const pause = (): Promise<void> =>
        new Promise((resolve) => {
          clock.setTimer(0, resolve);
        });
      const found = await searchTurns(loaded, request, pause);
      return found === undefined
        ? err(problem("turn-not-found", "There is no such turn in this session to search before."))
        : ok(found);
    },

    openStream(sid, start, sink) {
      if (draining !== undefined) {
        return closedSubscription(sink, [{ name: "bye", reason: "draining", retryMs: draining.retryMs }]);
      }
      const log = sessions.find(sid);
      if (log.ok) return hub.open(log.value, start, sink);
      const reason = sessions.isDeleted(sid) ? "deleted" : "not-found";
      return closedSubscription(sink, [{ name: "bye", reason }]);
    },
    openStreams: () => hub.size,

    async sendTurn(sid, body) {
      const log = forChange(sid);
      return log.ok ? turns.send(log.value, body) : log;
    },
    async editTurn(sid, tid, body) {
      const log = forChange(sid);
      return log.ok ? turns.edit(log.value, tid, body) : log;
    },
    async withdrawTurn(sid, tid) {
      const log = forChange(sid);
      return log.ok ? turns.withdraw(log.value, tid) : log;
    },
    async stopTurn(sid, tid) {
      const log = forChange(sid);
      return log.ok ? turns.stop(log.value, tid) : log;
    },
    async resolveApproval(sid, aid, body) {
      const log = forChange(sid);
      return log.ok ? turns.resolveApproval(log.value, aid, body) : log;
    },

    async drain(retryMs) {
      if (draining !== undefined) return;
      draining = { retryMs, hasClosed: false };
      scheduler.stop();
      hub.endAll({ reason: "draining", retryMs });
      const deadline = Promise.withResolvers<void>();
      const stopWaiting = clock.setTimer(DRAIN_MS, () => {
        reporter.warn("The store did not take everything in time; the rest is mended at the next start.");
        deadline.resolve();
      });
      const settle = async (): Promise<void> => {
        // Commands under way go first: a turn that is just beginning must be in the log before its end is.
        await Promise.all([...sessions.all()].map((log) => log.exclusive(async () => undefined)));
        const interrupted = runs.interruptAll();
        await writer.flush();
        await interrupted;
      };
      await Promise.race([settle(), deadline.promise]);
      stopWaiting();
      writer.stop();
      draining.hasClosed = true;
      await store.close();
    },
  };
}

/** Whether a row of `GET /sessions` shows it: deltas and edits don't. */
function movesList(event: LogEvent): boolean {
  switch (event.type) {
    case "text-delta":
    case "reasoning-delta":
    case "tool-delta":
    case "tool-started":
    case "tool-ended":
    case "plan-updated":
    case "turn-edited":
      return false;
    case "turn-queued":
    case "turn-withdrawn":
    case "turn-started":
    case "turn-ended":
    case "approval-requested":
    case "approval-resolved":
    case "session-updated":
      return true;
  }
}

function drainingProblem(retryMs: number): Problem {
  return problem("draining", "The server is restarting. Try again in a moment.", { retryMs });
}
