/** Small pieces of work for the time in which the page has nothing else to do. */
export interface IdleQueue {
  /**
   * Calls `step` again and again, in slices of a few milliseconds, until it answers false. Nothing runs while the
   * page is hidden. Returns an idempotent disposer. A step must return soon.
   */
  run(step: () => boolean): () => void;
}

/** What the queue needs of the world; tests bring their own. */
export interface IdlePorts {
  /** Unit: ms, fractions included. */
  now(): number;
  isHidden(): boolean;
  /** Called once whenever the page is seen again. */
  onVisible(run: () => void): void;
  /** Calls `run` once when the page has time, with how long it has. Unit: ms. */
  requestIdle(run: (leftMs: number) => void): void;
}

/** A third of a frame at most: what comes in meanwhile still makes its own frame. Unit: ms. */
const SLICE_MS = 4;

export function createIdleQueue(ports: IdlePorts): IdleQueue {
  const steps = new Set<() => boolean>();
  let isAsked = false;

  function ask(): void {
    if (isAsked || steps.size === 0 || ports.isHidden()) return;
    isAsked = true;
    ports.requestIdle(work);
  }

  function work(leftMs: number): void {
    isAsked = false;
    const until = ports.now() + Math.min(leftMs, SLICE_MS);
    // At least one step each time: a busy page must not starve it for good.
    do {
      const step = steps.values().next().value;
      if (step === undefined || ports.isHidden()) break;
      // To the end of the line, so that no block waits for another's last line.
      steps.delete(step);
      if (step()) steps.add(step);
    } while (ports.now() < until);
    ask();
  }

  ports.onVisible(ask);
  return {
    run(step) {
      steps.add(step);
      ask();
      return () => steps.delete(step);
    },
  };
}

/** Safari has no idle callbacks: then after a pause in which a frame and its input fit. Unit: ms. */
const PAUSE_MS = 24;
/** Even a page that is busy streaming comes to it after this. Unit: ms. */
const LATEST_MS = 500;

export const pageIdle: IdlePorts = {
  now: () => performance.now(),
  isHidden: () => document.hidden,
  onVisible(run) {
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) run();
    });
  },
  requestIdle(run) {
    if ("requestIdleCallback" in globalThis) {
      requestIdleCallback((deadline) => run(deadline.timeRemaining()), { timeout: LATEST_MS });
    } else setTimeout(() => run(SLICE_MS), PAUSE_MS);
  },
};
