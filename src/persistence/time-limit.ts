import type { Clock, Disposer } from "../streaming/ports.ts";

export class TimeLimitError extends Error {
  override readonly name = "TimeLimitError";
}

/**
 * Settles as `promise` does, or rejects with a {@link TimeLimitError} after about `limitMs`. Counted in two halves:
 * a page that wakes from a freeze finds its timer overdue, and the answer deserves the time to arrive first.
 */
export async function withinLimit<Value>(
  clock: Clock,
  limitMs: number,
  promise: Promise<Value>,
): Promise<Value> {
  let stop: Disposer = () => undefined;
  const limit = new Promise<never>((_, reject) => {
    const giveUp = (): void => reject(new TimeLimitError(`no answer within ${limitMs} ms`));
    stop = clock.setTimer(limitMs / 2, () => {
      stop = clock.setTimer(limitMs / 2, giveUp);
    });
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    stop();
  }
}
