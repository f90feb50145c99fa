/** Text that may be formatted and laid out in one frame, all answers of the page together. Unit: UTF-16 code units; about 20 ms of a slow laptop. */
const FRAME_CHARS = 48 * 1024;

/** A covered window is visible and gets no frames: then this long. Unit: ms. */
const LATEST_FRAME_MS = 250;

/** Bounds what answers write in one frame: a catch-up of a megabyte must not hold the page up. */
export interface WriteBudget {
  /** How many of `wanted` characters may be written now. */
  take(wanted: number): number;
  /** Runs in the next frame; whoever asked last comes first, for the end of a conversation is what is read. Answers how to take that back. */
  whenRefilled(run: () => void): () => void;
}

/** For whoever writes alone. */
export const UNBOUNDED: WriteBudget = {
  take: (wanted) => wanted,
  whenRefilled(run) {
    run();
    return () => undefined;
  },
};

/** @param requestFrame Runs `run` once, in the next frame. */
export function createWriteBudget(
  requestFrame: (run: () => void) => void = requestPageFrame,
  frameChars = FRAME_CHARS,
): WriteBudget {
  let left = frameChars;
  let isRefillDue = false;
  const waiting: (() => void)[] = [];

  function refillSoon(): void {
    if (isRefillDue) return;
    isRefillDue = true;
    requestFrame(refill);
  }

  function refill(): void {
    isRefillDue = false;
    left = frameChars;
    for (let run = next(); run !== undefined; run = next()) run();
  }

  const next = (): (() => void) | undefined => (left > 0 ? waiting.pop() : undefined);

  return {
    take(wanted) {
      const taken = Math.min(wanted, left);
      left -= taken;
      if (taken > 0) refillSoon();
      return taken;
    },
    whenRefilled(run) {
      waiting.push(run);
      refillSoon();
      return () => {
        const at = waiting.indexOf(run);
        if (at >= 0) waiting.splice(at, 1);
      };
    },
  };
}

function requestPageFrame(run: () => void): void {
  const once = (): void => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    run();
  };
  const frame = requestAnimationFrame(once);
  const timer = setTimeout(once, LATEST_FRAME_MS);
}
