import type { Clock, Disposer, Page, Reporter } from "../streaming/ports.ts";

/** Longest a visible page waits for a frame: a covered window is visible and gets none. Unit: ms. */
const LATEST_FRAME_MS = 250;

/** The pixels' side of data that is folded at once: many changes, one paint. */
export interface FrameScheduler {
  /**
   * Runs `run` in the next frame; a later call with the same key before then replaces it. While the page is
   * hidden nothing runs; all that waits runs once when it is seen again. The disposer takes it back.
   */
  schedule(key: unknown, run: () => void): Disposer;
  dispose(): void;
}

export interface FrameSchedulerPorts {
  readonly page: Page;
  readonly clock: Clock;
  readonly reporter: Reporter;
  /** Asks for an animation frame; answers how to take that back. */
  requestFrame(run: () => void): Disposer;
}

/** The browser's animation frame. */
export function requestBrowserFrame(run: () => void): Disposer {
  const frame = requestAnimationFrame(run);
  return () => cancelAnimationFrame(frame);
}

/** Made once for the whole app, so that all regions of the page change in the same frame. */
export function createFrameScheduler(ports: FrameSchedulerPorts): FrameScheduler {
  const { page, clock, reporter } = ports;
  let waiting = new Map<unknown, () => void>();
  let cancel: Disposer | undefined;

  function flush(): void {
    stop();
    // Hidden since it was asked for: what waits is painted on return.
    if (page.isHidden()) return;
    const due = waiting;
    // What is scheduled while painting belongs to the next frame.
    waiting = new Map();
    for (const run of due.values()) {
      try {
        run();
      } catch (error) {
        reporter.warn("Painting failed in one place; the others go on.", error);
      }
    }
  }

  function stop(): void {
    cancel?.();
    cancel = undefined;
  }

  function arm(): void {
    if (cancel !== undefined || waiting.size === 0 || page.isHidden()) return;
    const cancelFrame = ports.requestFrame(flush);
    const cancelTimer = clock.setTimer(LATEST_FRAME_MS, flush);
    cancel = () => {
      cancelFrame();
      cancelTimer();
    };
  }

  const unsubscribe = page.subscribe((event) => {
    if (event === "hidden") stop();
    else if (event === "visible" || event === "restored") flush();
  });

  return {
    schedule(key, run) {
      waiting.set(key, run);
      arm();
      return () => {
        if (waiting.get(key) === run) waiting.delete(key);
      };
    },
    dispose() {
      unsubscribe();
      stop();
      waiting.clear();
    },
  };
}
