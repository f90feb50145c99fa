import type { SessionId } from "../protocol/ids.ts";
import { SAVE_INTERVAL_MS } from "./delays.ts";
import type { Clock, Disposer, SaveOutcome } from "./ports.ts";

/**
 * Write-behind of conversations: coalesced, at most one write per 500 ms and session, one at a time per session.
 *
 *   clean ──touch──▶ due (500 ms) ──▶ writing ──▶ clean
 *                     │  saveNow ──────▲  │ touched or asked meanwhile: once more
 *
 * Knows nothing of what is written: `write` takes text and cursor of one moment when it is called (S3).
 */
export interface SaveScheduler {
  /** The session changed; it is written soon. */
  touch(sid: SessionId): void;
  /** Writes at once what is unsaved. Resolves when it is on disk, or cannot be. Never rejects. */
  saveNow(sid: SessionId): Promise<void>;
  saveAllNow(): Promise<void>;
  /** Nothing is begun until `release`: a write begun at `pagehide` hangs the next page in WebKit. */
  hold(): void;
  release(): void;
  /** The session is deleted: nothing of it is written any more. */
  forget(sid: SessionId): void;
  dispose(): void;
}

interface Pending {
  isDirty: boolean;
  isUrgent: boolean;
  timer: Disposer | undefined;
  writing: Promise<void> | undefined;
}

export function createSaveScheduler(
  clock: Clock,
  /** Must not reject. Undefined: there is nothing to write. */
  write: (sid: SessionId) => Promise<SaveOutcome | undefined>,
  intervalMs = SAVE_INTERVAL_MS,
): SaveScheduler {
  const all = new Map<SessionId, Pending>();
  let isHeld = false;
  let isDisposed = false;

  function pendingOf(sid: SessionId): Pending {
    const known = all.get(sid);
    if (known !== undefined) return known;
    const pending: Pending = { isDirty: false, isUrgent: false, timer: undefined, writing: undefined };
    all.set(sid, pending);
    return pending;
  }

  function arm(sid: SessionId, pending: Pending): void {
    if (pending.timer !== undefined || pending.writing !== undefined || isHeld || isDisposed) return;
    pending.timer = clock.setTimer(intervalMs, () => {
      pending.timer = undefined;
      if (all.get(sid) === pending) void start(sid, pending);
    });
  }

  function start(sid: SessionId, pending: Pending): Promise<void> {
    pending.timer?.();
    pending.timer = undefined;
    if (isHeld || isDisposed || !pending.isDirty) return Promise.resolve();
    pending.isDirty = false;
    pending.isUrgent = false;
    pending.writing = run(sid, pending);
    return pending.writing;
  }

  async function run(sid: SessionId, pending: Pending): Promise<void> {
    await write(sid);
    pending.writing = undefined;
    if (all.get(sid) !== pending) return;
    if (!pending.isDirty) {
      all.delete(sid);
      return;
    }
    if (pending.isUrgent) await start(sid, pending);
    else arm(sid, pending);
  }

  function saveNow(sid: SessionId): Promise<void> {
    const pending = all.get(sid);
    if (pending === undefined) return Promise.resolve();
    if (pending.writing === undefined) return start(sid, pending);
    // The write on its way took an older moment: once more behind it, never beside it.
    pending.isUrgent = pending.isDirty;
    return pending.writing;
  }

  return {
    touch(sid) {
      const pending = pendingOf(sid);
      pending.isDirty = true;
      arm(sid, pending);
    },
    saveNow,
    async saveAllNow() {
      await Promise.all([...all.keys()].map(saveNow));
    },
    hold() {
      isHeld = true;
      for (const pending of all.values()) {
        pending.timer?.();
        pending.timer = undefined;
      }
    },
    release() {
      isHeld = false;
      for (const [sid, pending] of all) {
        if (pending.isDirty) arm(sid, pending);
      }
    },
    forget(sid) {
      all.get(sid)?.timer?.();
      all.delete(sid);
    },
    dispose() {
      isDisposed = true;
      for (const pending of all.values()) pending.timer?.();
      all.clear();
    },
  };
}
