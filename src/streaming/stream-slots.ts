import { MAX_STREAMS } from "./delays.ts";
import type { Reporter, TabLock } from "./ports.ts";

/**
 * Leave to stream: so many tabs of one browser at once hold one, the others follow by polling (S1).
 * Over HTTP/1.1 an origin has six connections for everything; a stream occupies one for good.
 * A slot is a lock, so the browser takes it back from a tab that dies. Only tabs that want one now wait for it: a lock
 * granted to a frozen page would be held by nobody. Does not know of sessions, sources or visibility.
 */
export interface StreamSlots {
  /** Which one is held. */
  held(): number | undefined;
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
  /** Locks that were asked for and not granted yet, each with the way to leave the queue. */
  const asked = new Map<number, () => void>();
  let heldSlot: number | undefined;
  let letGo: (() => void) | undefined;

  async function ask(slot: number): Promise<void> {
    let giveUp = (): void => {};
    const givenUp = new Promise<void>((resolve) => {
      giveUp = resolve;
    });
    asked.set(slot, giveUp);
    try {
      await lock.withLock(`stream-${slot}`, () => hold(slot, giveUp), givenUp);
    } catch (error) {
      // Given up: the refusal is what was asked for.
      if (asked.get(slot) !== giveUp) return;
      asked.delete(slot);
      reporter.warn(`stream slot ${slot} could not be asked for`, error);
    }
  }

  function hold(slot: number, giveUp: () => void): Promise<void> {
    // Granted too late, or beside another one: handed on at once.
    if (asked.get(slot) !== giveUp) return Promise.resolve();
    asked.delete(slot);
    stopAsking();
    return new Promise((resolve) => {
      letGo = resolve;
      heldSlot = slot;
      onGranted();
    });
  }

  function stopAsking(): void {
    const all = [...asked.values()];
    asked.clear();
    for (const giveUp of all) giveUp();
  }

  const held = (): number | undefined => heldSlot;

  return {
    held,
    want() {
      for (let slot = 0; slot < count && held() === undefined; slot += 1) {
        if (!asked.has(slot)) void ask(slot);
      }
    },
    release() {
      stopAsking();
      letGo?.();
      letGo = undefined;
      heldSlot = undefined;
    },
  };
}
