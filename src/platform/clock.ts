import type { Clock } from "../streaming/ports.ts";

/** The browser's clock. A timer longer than the 24.8 days a browser can count fires at that bound instead of at once. */
export function createClock(): Clock {
  return {
    now: () => Date.now(),
    setTimer(delayMs, run) {
      const timer = setTimeout(run, Math.min(Math.max(0, delayMs), MAX_DELAY_MS));
      return () => clearTimeout(timer);
    },
  };
}

/** Longest delay of `setTimeout`; beyond it every engine fires at once. Unit: ms. */
const MAX_DELAY_MS = 2_147_483_647;
