import { MAX_STREAMS } from "./delays.ts";
import type { Reporter, TabLock } from "./ports.ts";

/**
 * Leave to stream: so many tabs of one browser at once hold one, the others follow by polling (S1).
 * Over HTTP/1.1 an origin has six connections for everything; a stream occupies one for good.
 * A slot is a lock, so the browser takes it back from a tab that dies. Does not know of sessions or sources.
 */
export interface StreamSlots {
  isHeld(): boolean;
  /** Asks for one, unless it is held or asked for. Told by `onGranted`, perhaps at once. */
  want(): void;
  /** Gives it back, or no longer wants it. */
  release(): void;
}

export function createStreamSlots(
  lock: TabLock,
  reporter: Reporter,
  onGranted: () => void,
  count = MAX_STREAMS,
): StreamSlots {
  /** Locks that were asked for and not granted yet. A grant that comes when nothing is wanted is handed on at once. */
  const asked = new Set<number>();
  let isWanted = false;
  let letGo: (() => void) | undefined;

  async function ask(slot: number): Promise<void> {
    asked.add(slot);
    try {
      await lock.withLock(`stream-${slot}`, () => hold(slot));
    } catch (error) {
      asked.delete(slot);
      reporter.warn(`stream slot ${slot} could not be asked for`, error);
    }
  }

  function hold(slot: number): Promise<void> {
    asked.delete(slot);
    if (!isWanted || letGo !== undefined) return Promise.resolve();
    return new Promise((resolve) => {
      letGo = resolve;
      onGranted();
    });
  }

  const isHeld = (): boolean => letGo !== undefined;

  return {
    isHeld,
    want() {
      isWanted = true;
      for (let slot = 0; slot < count && !isHeld(); slot += 1) {
        if (!asked.has(slot)) void ask(slot);
      }
    },
    release() {
      isWanted = false;
      letGo?.();
      letGo = undefined;
    },
  };
}
