import type { Clock } from "../backend/ports.ts";

/** The browser's clock with a plug to pull: what a crash does to a backend, for a restart without a reload. */
export interface StoppableClock {
  readonly clock: Clock;
  /** No timer of this clock fires any more, none set later either. */
  readonly stop: () => void;
}

export function createStoppableClock(): StoppableClock {
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let isStopped = false;
  return {
    clock: {
      now: () => Date.now(),
      setTimer(delayMs, run) {
        if (isStopped) return () => undefined;
        const timer = setTimeout(() => {
          timers.delete(timer);
          run();
        }, delayMs);
        timers.add(timer);
        return () => {
          clearTimeout(timer);
          timers.delete(timer);
        };
      },
    },
    stop() {
      isStopped = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
