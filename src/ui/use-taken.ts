import { effect, untracked, type ReadonlySignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";

/** What was taken, by whichever component: what comes back into the page later finds it done. */
const TAKEN = new WeakSet<object>();

/**
 * Calls `take` with what a signal asks for, until a component answers that it has done it. At once, with each: the effect
 * of the signals' own hook comes after a paint, and of two that were asked for before it would see the last alone.
 */
export function useTaken<Asked extends object>(
  asked: ReadonlySignal<Asked | undefined>,
  take: (asked: Asked) => boolean,
): void {
  const latest = useRef(take);
  latest.current = take;
  useLayoutEffect(
    () =>
      effect(() => {
        const now = asked.value;
        if (now === undefined || TAKEN.has(now)) return;
        if (untracked(() => latest.current(now))) TAKEN.add(now);
      }),
    [asked],
  );
}
