import type { Disposer, Page } from "../streaming/ports.ts";
import { LeavingError } from "./storage-failure.ts";

/**
 * Keeps write transactions out of `pagehide`. Measured in WebKit: one in flight when the page is left enters the
 * back-forward cache with it and blocks the database for every later page; only `abort()` helps, `close()` and
 * `commit()` do not. What must survive is in localStorage by then.
 */
export interface LeaveGuard {
  /** Call at the begin of every write transaction, the disposer at its end. Throws {@link LeavingError} while leaving. */
  begin(transaction: IDBTransaction): Disposer;
  isLeaving(): boolean;
  dispose(): void;
}

export function createLeaveGuard(page: Page): LeaveGuard {
  let isLeaving = false;
  const live = new Set<IDBTransaction>();

  const unsubscribe = page.subscribe((event) => {
    if (event === "pagehide") {
      isLeaving = true;
      for (const transaction of live) abortIfAlive(transaction);
      live.clear();
    } else if (event === "restored" || event === "visible" || event === "focus" || event === "resume") {
      // Not every `pagehide` is followed by a `pageshow`: a page that is seen again has not left.
      isLeaving = false;
    }
  });

  return {
    begin(transaction) {
      if (isLeaving) {
        abortIfAlive(transaction);
        throw new LeavingError("The page is being left.");
      }
      live.add(transaction);
      return () => live.delete(transaction);
    },
    isLeaving: () => isLeaving,
    dispose: unsubscribe,
  };
}

function abortIfAlive(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch (error) {
    // Already finished or committing: then it does not linger either.
    if (!(error instanceof DOMException)) throw error;
  }
}
