import type { Clock } from "../src/backend/ports.ts";

/** The longest time that `setTimeout` keeps; anything longer it runs at once. Unit: ms; 24.8 days. */
const MAX_TIMEOUT_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(delayMs, run) {
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      timer =
        leftMs > MAX_TIMEOUT_MS
          ? setTimeout(() => wait(leftMs - MAX_TIMEOUT_MS), MAX_TIMEOUT_MS)
          : setTimeout(run, leftMs);
    };
    wait(delayMs);
    return () => clearTimeout(timer);
  },
};
