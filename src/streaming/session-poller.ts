import type { SessionId } from "../protocol/ids.ts";
import { MAX_SESSIONS_LIMIT } from "../protocol/limits.ts";
import { ok, type Result } from "../protocol/result.ts";
import type { SessionList, SessionSummary } from "../protocol/snapshot.ts";
import { ask } from "./ask.ts";
import type { SessionPoller } from "./core-types.ts";
import { POLL_BUSY_MS, POLL_IDLE_MS, SAVE_INTERVAL_MS } from "./delays.ts";
import type { ApiFailure, Disposer, PageEvent, StreamingPorts } from "./ports.ts";
import { retryDelayMs } from "./reconnect-policy.ts";
import { isSameSummary } from "./session-summary.ts";

export interface SessionPollerOptions {
  /** The session whose own stream tells of it. */
  readonly viewed: () => SessionId | undefined;
  /** Whether the server can't know the session yet (its creation waits in the outbox): its row stays. */
  readonly isPending?: (sid: SessionId) => boolean;
  /** 401: polling stops until `setSignedOut(false)`. */
  readonly onSignedOut?: () => void;
}

export type PollerPorts = Pick<StreamingPorts, "clock" | "random" | "page" | "api" | "store" | "reporter">;

/** S5: polls while nothing pauses it, fires at once on return, one request in flight at most; failures back off. */
export function createSessionPoller(ports: PollerPorts, options: SessionPollerOptions): SessionPoller {
  const { clock, page } = ports;
  const listeners = new Set<() => void>();
  const rows = new Map<SessionId, SessionSummary>();
  /** Deleted in this tab's life: a list that was on its way doesn't bring them back (S6). */
  const removed = new Set<SessionId>();
  /** Told by a stream while a request was on its way: newer than its answer. */
  let mergedMeanwhile = new Set<SessionId>();
  let hasServerList = false;
  let isAsking = false;
  /** Asked for while a request was on its way: its answer may be older than what was to be learnt. */
  let isAskedAgain = false;
  /** The whole list is read once, and again on every return; in between its first page tells what moves. */
  let isRestDue = true;
  /** What the server said last. "Unchanged" says it once more, of rows that were passed over then too. */
  let latest: SessionList | undefined;
  let isSignedOut = false;
  let isDisposed = false;
  let failures = 0;
  let failure: ApiFailure | undefined;
  let sorted: readonly SessionSummary[] | undefined;
  let pollTimer: Disposer | undefined;
  let saveTimer: Disposer | undefined;

  function isPaused(): boolean {
    return isDisposed || isSignedOut || page.isHidden() || !page.isOnline();
  }

  function tell(): void {
    sorted = undefined;
    for (const listener of listeners) listener();
  }

  /** Newest activity first; among equals the newer session. */
  function list(): readonly SessionSummary[] {
    sorted ??= [...rows.values()].sort(
      (left, right) => right.updatedAt - left.updatedAt || (left.id < right.id ? 1 : -1),
    );
    return sorted;
  }

  function isBusyElsewhere(): boolean {
    const viewed = options.viewed();
    return list().some((row) => row.id !== viewed && (row.running > 0 || row.queued > 0));
  }

  function schedule(): void {
    pollTimer?.();
    pollTimer = undefined;
    if (isPaused() || isAsking) return;
    const regularMs = isBusyElsewhere() ? POLL_BUSY_MS : POLL_IDLE_MS;
    const delayMs =
      failures === 0
        ? regularMs
        : Math.max(POLL_BUSY_MS, regularMs / 2) + retryDelayMs(failures, ports.random.fraction());
    pollTimer = clock.setTimer(delayMs, () => {
      pollTimer = undefined;
      refresh();
    });
  }

  function refresh(): void {
    if (isPaused()) return;
    if (isAsking) {
      isAskedAgain = true;
      return;
    }
    isAsking = true;
    isAskedAgain = false;
    mergedMeanwhile = new Set();
    pollTimer?.();
    pollTimer = undefined;
    void poll();
  }

  async function poll(): Promise<void> {
    const answer = await readList();
    isAsking = false;
    if (isDisposed) return;
    if (answer.ok) {
      failures = 0;
      const hadFailed = failure !== undefined;
      failure = undefined;
      hasServerList = true;
      latest = answer.value;
      const hasChanged = adopt(latest.sessions, latest.hasMore);
      if (hasChanged) save();
      if (hasChanged || hadFailed) tell();
    } else {
      failures += 1;
      failure = answer.error;
      if (answer.error.kind === "signed-out") {
        isSignedOut = true;
        options.onSignedOut?.();
      }
      tell();
    }
    if (isAskedAgain) refresh();
    else schedule();
  }

  /** The first page; where more is due, all of them. */
  async function readList(): Promise<Result<SessionList, ApiFailure>> {
    const first = await ask(ports.reporter, () => ports.api.listSessions());
    if (!first.ok) return first;
    const page = first.value === "unchanged" ? latest : first.value;
    // "Unchanged" without anything to be unchanged says nothing.
    if (page === undefined) return ok({ sessions: [], hasMore: true });
    if (!page.hasMore) isRestDue = false;
    if (!isRestDue) return ok(page);
    const all = new Map(page.sessions.map((row) => [row.id, row]));
    for (;;) {
      const before = [...all.keys()].at(-1);
      if (before === undefined || isPaused()) return ok(page);
      const next = await ask(ports.reporter, () =>
        ports.api.listSessions({ before, limit: MAX_SESSIONS_LIMIT }),
      );
      // The first page stands by itself; the rest stays due.
      if (!next.ok || next.value === "unchanged") return ok(page);
      const known = all.size;
      for (const row of next.value.sessions) if (!all.has(row.id)) all.set(row.id, row);
      if (next.value.hasMore && all.size > known) continue;
      isRestDue = false;
      // A page that brings nothing new would be asked for again for ever; what follows it stays unsaid.
      return ok({ sessions: [...all.values()], hasMore: next.value.hasMore });
    }
  }

  function adopt(sessions: readonly SessionSummary[], hasMore: boolean): boolean {
    const incoming = new Map(sessions.map((row) => [row.id, row]));
    const oldest = sessions.reduce((min, row) => Math.min(min, row.updatedAt), Number.POSITIVE_INFINITY);
    let hasChanged = false;
    for (const row of rows.values()) {
      if (incoming.has(row.id) || mergedMeanwhile.has(row.id) || options.isPending?.(row.id) === true)
        continue;
      // Beyond the first page nothing is said of it.
      if (hasMore && row.updatedAt <= oldest) continue;
      rows.delete(row.id);
      hasChanged = true;
    }
    for (const row of incoming.values()) {
      if (removed.has(row.id) || mergedMeanwhile.has(row.id)) continue;
      const known = rows.get(row.id);
      if (known !== undefined && isSameSummary(known, row)) continue;
      rows.set(row.id, row);
      hasChanged = true;
    }
    return hasChanged;
  }

  function save(): void {
    if (saveTimer !== undefined || isDisposed) return;
    saveTimer = clock.setTimer(SAVE_INTERVAL_MS, saveNow);
  }

  function saveNow(): void {
    saveTimer?.();
    saveTimer = undefined;
    ports.store.saveList(list()).catch((error: unknown) => {
      ports.reporter.warn("the session list could not be saved", error);
    });
  }

  async function loadFromDisk(): Promise<void> {
    try {
      const kept = await ports.store.loadList();
      if (hasServerList || isDisposed) return;
      for (const row of kept) {
        if (!rows.has(row.id) && !removed.has(row.id)) rows.set(row.id, row);
      }
      tell();
    } catch (error) {
      ports.reporter.warn("the session list could not be read from disk", error);
    }
  }

  function onPage(event: PageEvent): void {
    switch (event) {
      case "hidden":
      case "freeze":
        if (saveTimer !== undefined) saveNow();
        schedule();
        break;
      case "pagehide":
        // Nothing is begun at the last moment (WebKit hangs the next page on it).
        saveTimer?.();
        saveTimer = undefined;
        break;
      case "offline":
        schedule();
        break;
      case "visible":
      case "online":
      case "resume":
      case "restored":
        failures = 0;
        isRestDue = true;
        refresh();
        break;
      case "focus":
        break;
    }
  }

  const unsubscribe = page.subscribe(onPage);
  void loadFromDisk();
  refresh();

  return {
    sessions: list,
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    refresh,
    merge(summary) {
      removed.delete(summary.id);
      if (isAsking) mergedMeanwhile.add(summary.id);
      const known = rows.get(summary.id);
      if (known !== undefined && isSameSummary(known, summary)) return;
      const wasBusy = isBusyElsewhere();
      rows.set(summary.id, summary);
      tell();
      save();
      if (isBusyElsewhere() !== wasBusy) schedule();
    },
    remove(sid) {
      removed.add(sid);
      if (!rows.delete(sid)) return;
      tell();
      save();
    },
    failure: () => failure,
    setSignedOut(value) {
      if (isSignedOut === value) return;
      isSignedOut = value;
      failures = 0;
      if (value) schedule();
      else refresh();
    },
    dispose() {
      isDisposed = true;
      unsubscribe();
      pollTimer?.();
      saveTimer?.();
      listeners.clear();
    },
  };
}
