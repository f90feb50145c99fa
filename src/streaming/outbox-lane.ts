import type { SessionId } from "../protocol/ids.ts";
import { sendVerdict, type SendVerdict } from "./api-verdict.ts";
import { ask } from "./ask.ts";
import type { OutboxHooks, OutboxPorts } from "./outbox.ts";
import type { OutboxEntries } from "./outbox-entries.ts";
import type { ApiFailure, Disposer, OutboxEntry } from "./ports.ts";
import { retryDelayMs } from "./reconnect-policy.ts";

/**
 * What one session has to send, one after the other, under the session's lock over tabs.
 *
 *   resting ──kick──▶ sending ──all sent, or paused──▶ resting
 *      ▲                │ may pass
 *      └── timer ◀── backing off
 *
 * A deletion that waits for its undo holds everything else of the session back.
 */
export interface OutboxLane {
  /** Something may be there to send. `isFresh`: the backoff is set aside. */
  kick(isFresh: boolean): void;
  /** Sending is paused: no timer fires a request. */
  rest(): void;
  /** Lets the lock go, whatever is on its way. */
  abandon(): void;
  isSending(id: string): boolean;
  /** Takes an entry back unless it has left. Answers its text. */
  discard(entry: OutboxEntry): Promise<string | undefined>;
}

export interface LaneContext {
  readonly ports: OutboxPorts;
  readonly entries: OutboxEntries;
  readonly hooks: OutboxHooks;
  isPaused(): boolean;
  onSignedOut(): void;
}

/** One holder of the lock. Its `isAbandoned` is its own: a later run must not revive an older one. */
interface Run {
  isAbandoned: boolean;
  /** Before that it stands in the queue, and another tab may be sending. */
  isHolding: boolean;
  readonly letGo: () => void;
}

export function createOutboxLane(sid: SessionId, context: LaneContext): OutboxLane {
  const { ports, entries, hooks } = context;
  const lockName = `outbox-${sid}`;
  let current: Run | undefined;
  let isAskedAgain = false;
  let sendingId: string | undefined;
  let attempt = 0;
  let timer: Disposer | undefined;
  /** The deletion whose time to be undone has passed, whatever the wall clock says. */
  let waitedOut: string | undefined;

  function rest(): void {
    timer?.();
    timer = undefined;
  }

  function wakeAfter(delayMs: number, before?: () => void): void {
    rest();
    timer = ports.clock.setTimer(delayMs, () => {
      timer = undefined;
      before?.();
      start();
    });
  }

  function kick(isFresh: boolean): void {
    if (context.isPaused()) return;
    if (isFresh) {
      attempt = 0;
      rest();
    }
    // Backing off: the entries behind the failed one wait with it.
    if (timer !== undefined && attempt > 0) return;
    start();
  }

  function start(): void {
    if (context.isPaused()) return;
    if (current !== undefined) {
      isAskedAgain = true;
      return;
    }
    if (entries.of(sid).every((entry) => entry.kind === "refused")) return;
    rest();
    void hold();
  }

  async function hold(): Promise<void> {
    let letGo = (): void => {};
    const released = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const run: Run = { isAbandoned: false, isHolding: false, letGo };
    current = run;
    isAskedAgain = false;
    try {
      await ports.lock.withLock(lockName, () => {
        if (run.isAbandoned) return Promise.resolve();
        run.isHolding = true;
        return Promise.race([drain(run), released]);
      });
    } catch (error) {
      ports.reporter.warn(`the outbox of session ${sid} stopped`, error);
      attempt += 1;
      if (!context.isPaused()) wakeAfter(retryDelayMs(attempt, ports.random.fraction()));
    }
    if (current !== run) return;
    current = undefined;
    if (isAskedAgain && timer === undefined) start();
  }

  async function drain(run: Run): Promise<void> {
    for (;;) {
      // Another tab may have sent what this one remembers.
      await entries.reload();
      if (run.isAbandoned || context.isPaused()) return;
      const entry = nextEntry();
      if (entry === undefined) return;
      sendingId = entry.id;
      const failure = await transmit(entry);
      if (sendingId === entry.id) sendingId = undefined;
      // Settled even when abandoned: what the server said is true whoever holds the lock.
      const goesOn = failure === undefined ? await accepted(entry) : await failed(entry, failure);
      if (!goesOn || run.isAbandoned) return;
    }
  }

  /** A deletion first: what it deletes is not sent any more. Then the creation, then the rest in order. */
  function nextEntry(): OutboxEntry | undefined {
    const mine = entries.of(sid).filter((entry) => entry.kind !== "refused");
    const deletion = mine.find((entry) => entry.kind === "delete");
    if (deletion === undefined) return mine.find((entry) => entry.kind === "create") ?? mine[0];
    const undoMs = deletion.notBeforeMs - deletion.createdAtMs;
    const waitMs = deletion.notBeforeMs - ports.clock.now();
    if (waitMs <= 0 || waitedOut === deletion.id) return deletion;
    // A clock that was set back must not hold the session back for an hour.
    wakeAfter(Math.min(waitMs, undoMs), () => {
      waitedOut = deletion.id;
    });
    return undefined;
  }

  /** Undefined: accepted. */
  async function transmit(entry: OutboxEntry): Promise<ApiFailure | undefined> {
    const { api, reporter } = ports;
    switch (entry.kind) {
      case "create": {
        const answer = await ask(reporter, () => api.createSession(sid, entry.body));
        if (!answer.ok) return answer.error;
        hooks.onCreated?.(sid, answer.value);
        return undefined;
      }
      case "send": {
        const answer = await ask(reporter, () => api.sendTurn(sid, entry.body));
        if (!answer.ok) return answer.error;
        hooks.onAccepted?.(sid, entry.body);
        return undefined;
      }
      case "update": {
        const answer = await ask(reporter, () => api.updateSession(sid, entry.body));
        if (!answer.ok) return answer.error;
        hooks.onUpdated?.(sid, answer.value);
        return undefined;
      }
      case "delete": {
        const answer = await ask(reporter, () => api.deleteSession(sid));
        return answer.ok ? undefined : answer.error;
      }
      case "refused":
        return undefined;
    }
  }

  async function accepted(entry: OutboxEntry): Promise<boolean> {
    attempt = 0;
    if (entry.kind !== "delete") {
      await entries.remove(entry.id);
      return true;
    }
    // Told first: without its entry here, its row would be shown once more.
    hooks.onDeleted?.(sid);
    await entries.removeSession(sid);
    return false;
  }

  /** Whether the lane goes on with what is behind it. */
  async function failed(entry: OutboxEntry, failure: ApiFailure): Promise<boolean> {
    const verdict = sendVerdict(failure);
    switch (verdict.kind) {
      case "retry":
        attempt += 1;
        if (!context.isPaused()) {
          wakeAfter(verdict.afterMs + retryDelayMs(attempt, ports.random.fraction()));
        }
        return false;
      case "signed-out":
        context.onSignedOut();
        return false;
      case "hold":
        // Asking again can't help before the page is updated.
        isAskedAgain = false;
        return false;
      case "refused":
        attempt = 0;
        return refuse(entry, verdict);
    }
  }

  async function refuse(
    entry: OutboxEntry,
    verdict: Extract<SendVerdict, { kind: "refused" }>,
  ): Promise<boolean> {
    switch (entry.kind) {
      case "send":
        await toRefused(entry, verdict.why, verdict.isGone);
        if (verdict.isGone) hooks.onGone?.(sid, verdict.isDeleted ? "deleted" : "not-found");
        return true;
      case "create":
        // Without its session nothing behind it can be sent; the words say why, the texts are kept.
        for (const other of entries.of(sid)) {
          if (other.kind === "send") await toRefused(other, verdict.why, true);
        }
        await entries.remove(entry.id);
        hooks.onRefused?.(sid, verdict.why);
        return false;
      case "update":
        await entries.remove(entry.id);
        // Of a session that is gone nobody misses a new name.
        if (!verdict.isGone) hooks.onRefused?.(sid, verdict.why);
        return true;
      case "delete":
        // 404 and 410: gone already, which is what was asked for.
        if (!verdict.isGone) {
          await entries.remove(entry.id);
          hooks.onRefused?.(sid, verdict.why);
          return true;
        }
        return accepted(entry);
      case "refused":
        return true;
    }
  }

  async function toRefused(
    entry: Extract<OutboxEntry, { kind: "send" }>,
    why: string,
    isGone: boolean,
  ): Promise<void> {
    // The same id: it takes the place of the entry in one write, so that no crash can lose the text.
    await entries.put({
      id: entry.id,
      session: entry.session,
      createdAtMs: entry.createdAtMs,
      kind: "refused",
      body: entry.body,
      why,
      ...(isGone ? { isGone } : {}),
    });
  }

  async function discard(entry: OutboxEntry): Promise<string | undefined> {
    if (entry.kind === "refused") {
      await entries.remove(entry.id);
      return entry.body.text;
    }
    const take = async (): Promise<string | undefined> => {
      await entries.reload();
      const isStillThere = entries.of(sid).some((known) => known.id === entry.id);
      if (!isStillThere || sendingId === entry.id) return undefined;
      await entries.remove(entry.id);
      return entry.kind === "send" ? entry.body.text : undefined;
    };
    // This tab's own run re-reads before each send; another tab's is waited for, as it may be sending this very entry.
    if (current?.isHolding === true) return take();
    if (current !== undefined) {
      // Its turn would come first: it stands in the queue anew, behind what is taken back.
      current.isAbandoned = true;
      isAskedAgain = true;
    }
    return ports.lock.withLock(lockName, take);
  }

  return {
    kick,
    rest,
    abandon() {
      rest();
      if (current === undefined) return;
      current.isAbandoned = true;
      current.letGo();
    },
    isSending: (id) => sendingId === id,
    discard,
  };
}
