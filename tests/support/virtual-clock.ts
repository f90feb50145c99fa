import { setImmediate } from "node:timers/promises";

export interface VirtualClock {
  now(): number;
  setTimer(delayMs: number, run: () => void): () => void;
  /** Lets `ms` pass: timers run in order of their time, and all microtasks settle before and after each. */
  advance(ms: number): Promise<void>;
  /** Lets everything settle that needs no time. */
  settle(): Promise<void>;
  /** Moves the wall clock without letting time pass: what sleep, or a person, does. */
  jump(ms: number): void;
  /** Timers that have neither run nor been disposed. */
  pendingTimers(): number;
}

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that stands still until it is told to move. Starts at `startMs` by the wall. */
export function createVirtualClock(startMs = 1_700_000_000_000): VirtualClock {
  const timers = new Set<Timer>();
  let elapsed = 0;
  let offset = startMs;
  let orders = 0;

  const next = (): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) {
      const isEarlier =
        first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order);
      if (isEarlier) first = timer;
    }
    return first;
  };
  // One turn of the event loop empties the queue of microtasks, however long their chain.
  const settle = async (): Promise<void> => {
    await setImmediate();
  };

  return {
    now: () => offset + elapsed,
    setTimer(delayMs, run) {
      const timer: Timer = { at: elapsed + Math.max(0, delayMs), order: orders++, run };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    async advance(ms) {
      const end = elapsed + ms;
      await settle();
      for (let timer = next(); timer !== undefined && timer.at <= end; timer = next()) {
        timers.delete(timer);
        elapsed = timer.at;
        timer.run();
        await settle();
      }
      elapsed = end;
    },
    settle,
    jump(ms) {
      offset += ms;
    },
    pendingTimers: () => timers.size,
  };
}
