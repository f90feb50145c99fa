import type { TrueTime } from "./true-time.ts";

/** From the second minute hidden on, timers run once a minute (PLATFORM §1.3). Unit: ms. */
const THROTTLE_MS = 60_000;

/**
 * One page's event loop: everything that happens to the page comes through here.
 *
 *   running ⇄ frozen (what happens waits, and comes in one burst)      → dead (nothing runs any more)
 */
export interface TabLoop {
  readonly state: "running" | "frozen" | "dead";
  /** The last stretch in which it ran; `toMs` undefined: it runs. */
  readonly ran: { readonly fromMs: number; readonly toMs: number | undefined };
  /** Something happens to the page: at once, after the freeze, or never. */
  deliver(run: () => void): void;
  setTimer(delayMs: number, run: () => void): () => void;
  setHidden(isHidden: boolean): void;
  freeze(): void;
  /** What waited comes in order, each by itself. */
  thaw(): void;
  die(): void;
  /** Timers that have neither run nor been disposed. */
  timers(): number;
}

export function createTabLoop(time: TrueTime, onThrow: (error: unknown) => void): TabLoop {
  let state: TabLoop["state"] = "running";
  let ran: TabLoop["ran"] = { fromMs: time.now(), toMs: undefined };
  let hiddenSinceMs: number | undefined;
  let backlog: (() => void)[] = [];
  let timers = 0;
  /** Timers that are due and wait for the next minute. */
  const throttled = new Set<() => void>();

  function deliver(run: () => void): void {
    if (state === "dead") return;
    if (state === "frozen") {
      backlog.push(run);
      return;
    }
    try {
      run();
    } catch (error) {
      onThrow(error);
    }
  }

  return {
    get state() {
      return state;
    },
    get ran() {
      return ran;
    },
    deliver,
    setTimer(delayMs, run) {
      if (state === "dead") return () => undefined;
      let isOver = false;
      timers += 1;
      const end = (): boolean => {
        if (isOver) return false;
        isOver = true;
        timers -= 1;
        throttled.delete(fire);
        return true;
      };
      const fire = (): void => {
        throttled.delete(fire);
        deliver(() => {
          if (end()) run();
        });
      };
      const due = (): void => {
        if (isOver) return;
        const nowMs = time.now();
        if (hiddenSinceMs === undefined || nowMs - hiddenSinceMs < THROTTLE_MS) {
          fire();
          return;
        }
        throttled.add(fire);
        time.after(THROTTLE_MS - (nowMs % THROTTLE_MS), () => {
          if (throttled.has(fire)) fire();
        });
      };
      const stop = time.after(delayMs, due);
      return () => {
        if (end()) stop();
      };
    },
    setHidden(isHidden) {
      if (isHidden) {
        hiddenSinceMs ??= time.now();
        return;
      }
      hiddenSinceMs = undefined;
      for (const fire of Array.from(throttled)) {
        throttled.delete(fire);
        time.after(0, fire);
      }
    },
    freeze() {
      if (state !== "running") return;
      state = "frozen";
      ran = { ...ran, toMs: time.now() };
    },
    thaw() {
      if (state !== "frozen") return;
      state = "running";
      ran = { fromMs: time.now(), toMs: undefined };
      const burst = backlog;
      backlog = [];
      for (const run of burst) time.after(0, () => deliver(run));
    },
    die() {
      state = "dead";
      ran = { ...ran, toMs: ran.toMs ?? time.now() };
      backlog = [];
    },
    timers: () => timers,
  };
}
