import { AWAY_MS } from "./delays.ts";
import type { Clock, Disposer, Page, PageEvent } from "./ports.ts";

/** The reasons to pause that the whole page shares. */
export type PageReason = "hidden" | "offline";

export interface GuardHooks {
  /** A reason holds now. */
  pause(reason: PageReason): void;
  /** It holds no longer. `isSuspect`: away for so long that an open socket is not believed. */
  release(reason: PageReason, isSuspect: boolean): void;
  /** Back without a reason having held: open sockets are not believed. */
  distrust(): void;
  /** The person looks: is anything silent? */
  look(): void;
  /** The page goes: what is unsaved is written, except at `pagehide`, when nothing may be begun. */
  leave(how: "hidden" | "freeze" | "pagehide"): void;
  back(): void;
}

export interface VisibilityGuard {
  readonly reasons: ReadonlySet<PageReason>;
  dispose(): void;
}

/**
 * Turns what happens to the page into reasons to pause, and tells how long it was away.
 * Away means hidden, frozen or offline; a window without focus is not away. All by wall clock: hidden timers fire once a minute.
 * Does not know of sessions, streams or polls.
 */
export function createVisibilityGuard(clock: Clock, page: Page, hooks: GuardHooks): VisibilityGuard {
  const reasons = new Set<PageReason>();
  let awaySinceMs: number | undefined;
  /** Since the page was last there in full: a device that comes back online is on another network, or in another state of it. */
  let wasOffline = false;

  function hold(reason: PageReason): void {
    awaySinceMs ??= clock.now();
    if (reason === "offline") wasOffline = true;
    if (reasons.has(reason)) return;
    reasons.add(reason);
    hooks.pause(reason);
  }

  function drop(reason: PageReason, isSuspect: boolean): boolean {
    if (!reasons.delete(reason)) return false;
    hooks.release(reason, isSuspect);
    return true;
  }

  /** Looks at the facts themselves: iOS fires no `online` on resume, and engines differ in which events come. */
  function comeBack(isLooking: boolean): void {
    const awayMs = awaySinceMs === undefined ? 0 : clock.now() - awaySinceMs;
    // A clock that was set back while away says nothing about how long it was.
    const isSuspect = awayMs > AWAY_MS || awayMs < 0 || wasOffline;
    const isOnline = page.isOnline();
    const isHidden = page.isHidden();
    if (!isOnline) hold("offline");
    if (isOnline && !isHidden) {
      awaySinceMs = undefined;
      wasOffline = false;
    }
    let hasReleased = false;
    if (isOnline) hasReleased = drop("offline", isSuspect) || hasReleased;
    if (!isHidden) {
      hooks.back();
      hasReleased = drop("hidden", isSuspect) || hasReleased;
    }
    if (hasReleased || isHidden || !isOnline) return;
    if (isSuspect) hooks.distrust();
    else if (isLooking) hooks.look();
  }

  function handle(event: PageEvent): void {
    switch (event) {
      case "hidden":
        hold("hidden");
        hooks.leave("hidden");
        break;
      case "freeze":
        // Also of a page in sight: whatever is open on it is as good as hidden until it resumes.
        hold("hidden");
        hooks.leave("freeze");
        break;
      case "pagehide":
        // Chromium fires it before `visibilitychange`, and on a page that is not hidden yet.
        hold("hidden");
        hooks.leave("pagehide");
        break;
      case "offline":
        hold("offline");
        break;
      case "online":
        comeBack(false);
        break;
      case "visible":
      case "focus":
      case "resume":
      case "restored":
        comeBack(true);
        break;
    }
  }

  if (page.isHidden()) reasons.add("hidden");
  if (!page.isOnline()) reasons.add("offline");
  if (reasons.size > 0) awaySinceMs = clock.now();
  const unsubscribe: Disposer = page.subscribe(handle);
  return { reasons, dispose: unsubscribe };
}
