import { DRAINING_RETRY_MS, FIRST_RETRY_MS, LAST_RETRY_MS } from "./delays.ts";

/**
 * How long to wait before the next try: full jitter below a ceiling that doubles from 0.5 s to 15 s.
 * Full jitter, because after a restart all tabs of all devices fail in the same instant. Never gives up.
 * `attempt` counts failures in a row, from 1; `fraction` is in [0, 1). Unit of the answer: ms.
 */
export function retryDelayMs(attempt: number, fraction: number): number {
  const doublings = Math.min(Math.max(attempt, 1) - 1, 30);
  return Math.round(fraction * Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** doublings));
}

/** How long a draining server is left alone: never less than it asked for, spread over twice that. Unit: ms. */
export function drainingDelayMs(retryMs: number | undefined, fraction: number): number {
  return Math.round((retryMs ?? DRAINING_RETRY_MS) * (1 + fraction));
}
