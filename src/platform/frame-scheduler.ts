import { MEASURE_NAMES, NO_MEASURES, type Measures } from "../streaming/measures.ts";
import type { Clock, Disposer, Page, Reporter } from "../streaming/ports.ts";
import { createTextQueue, type TextWork } from "./text-queue.ts";

/** Longest a visible page waits for a frame: a covered window is visible and gets none. Unit: ms. */
const LATEST_FRAME_MS = 250;

/** The pixels' side of data that is folded at once: many changes, one paint. */
export interface FrameScheduler {
  /**
   * Runs `run` in the next frame; a later call with the same key before then replaces it. While the page is
   * hidden nothing runs; all that waits runs once when it is seen again. The disposer takes it back.
   */
  schedule(key: unknown, run: () => void): Disposer;
  /**
   * Runs `work` in frames, as often as it needs and as far as all text of the page has time in each; whoever asked last
   * comes first, for the end of a conversation is what is read. As `schedule` does with a hidden page and with keys.
   *
   * @param when `soon`: before the next paint, at the end of this task, for what has just been put into the page.
   */
  write(key: unknown, work: TextWork, when: "frame" | "soon"): Disposer;
  dispose(): void;
}

export interface FrameSchedulerPorts {
  readonly page: Page;
  readonly clock: Clock;
  readonly reporter: Reporter;
  /** Asks for an animation frame; answers how to take that back. */
  requestFrame(run: () => void): Disposer;
  /**
   * Calls `run` once the frame that is being made has been laid out and painted: its layout is the greater part of what a
   * text costs. Default: never, and text waits for its writing alone.
   */
  readonly afterFrame?: (run: () => void) => void;
  /** For measuring how long something took. Unit: ms, fractions included. Default: the clock. */
  readonly nowMs?: () => number;
  /** Without it nothing is measured. */
  readonly measures?: Measures;
}

/** The browser's animation frame. */
export function requestBrowserFrame(run: () => void): Disposer {
  const frame = requestAnimationFrame(run);
  return () => cancelAnimationFrame(frame);
}

/** A task that is asked for in a frame comes when that has been painted. [HTML §8.1.7.3: a frame's layout is of its own task] */
export function createAfterBrowserFrame(): (run: () => void) => void {
  const { port1, port2 } = new MessageChannel();
  let next: (() => void) | undefined;
  port1.addEventListener("message", () => {
    const run = next;
    next = undefined;
    run?.();
  });
  port1.start();
  return (run) => {
    next = run;
    port2.postMessage(undefined);
  };
}

/** Made once for the whole app, so that all regions of the page change in the same frame. */
export function createFrameScheduler(ports: FrameSchedulerPorts): FrameScheduler {
  const { page, clock, reporter, measures = NO_MEASURES } = ports;
  const texts = createTextQueue({ nowMs: ports.nowMs ?? (() => clock.now()), reporter });
  let waiting = new Map<unknown, () => void>();
  let cancel: Disposer | undefined;
  let cancelPause: Disposer | undefined;
  let isSoon = false;
  let isDisposed = false;

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
    texts.beginFrame();
    writeTexts();
    ports.afterFrame?.(() => texts.endFrame());
  }

  function writeTexts(): void {
    const startMs = measures.now();
    const hasWork = texts.pauseMs() === 0;
    texts.run();
    if (hasWork) measures.note(MEASURE_NAMES.write, startMs);
    arm();
  }

  function stop(): void {
    cancel?.();
    cancel = undefined;
    cancelPause?.();
    cancelPause = undefined;
  }

  function arm(): void {
    if (isDisposed || page.isHidden()) return;
    const pauseMs = texts.pauseMs();
    if (waiting.size === 0 && pauseMs === undefined) return;
    if (waiting.size === 0 && pauseMs !== undefined && pauseMs > 0) {
      // All that waits is what took long last time.
      cancelPause?.();
      cancelPause = clock.setTimer(pauseMs, arm);
      return;
    }
    if (cancel !== undefined) return;
    const cancelFrame = ports.requestFrame(flush);
    const cancelTimer = clock.setTimer(LATEST_FRAME_MS, flush);
    cancel = () => {
      cancelFrame();
      cancelTimer();
    };
  }

  /** At the end of the task, when all that it puts into the page has asked. */
  function runSoon(): void {
    if (isSoon) return;
    isSoon = true;
    queueMicrotask(() => {
      isSoon = false;
      if (!isDisposed && !page.isHidden()) writeTexts();
    });
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
    write(key, work, when) {
      const takeBack = texts.add(key, work);
      if (when === "soon") runSoon();
      else arm();
      return takeBack;
    },
    dispose() {
      isDisposed = true;
      unsubscribe();
      stop();
      waiting.clear();
      texts.clear();
    },
  };
}
