import type { Clock } from "../../src/backend/ports.ts";

/** A clock that stands until it is told to go on. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
  /** Timers that wait. */
  pending(): number;
}

export function createManualClock(startMs = 0): ManualClock {
  let nowMs = startMs;
  const timers = new Set<{ readonly dueMs: number; readonly run: () => void }>();
  return {
    now: () => nowMs,
    setTimer(delayMs, run) {
      const timer = { dueMs: nowMs + delayMs, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance(ms) {
      nowMs += ms;
      const due = [...timers].filter((timer) => timer.dueMs <= nowMs).sort((a, b) => a.dueMs - b.dueMs);
      for (const timer of due) if (timers.delete(timer)) timer.run();
    },
    pending: () => timers.size,
  };
}
