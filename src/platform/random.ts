import type { Random } from "../streaming/ports.ts";

export interface RandomSources {
  now(): number;
  /** So many random bytes. `crypto.getRandomValues` exists in insecure contexts, where `crypto.randomUUID` does not. */
  bytes(count: number): Uint8Array<ArrayBuffer>;
}

const BROWSER: RandomSources = {
  now: () => Date.now(),
  bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
};

/** The 12 bits after the version count within one millisecond (RFC 9562 §6.2, method 1). */
const MAX_COUNTER = 0xfff;

/**
 * Randomness and ids. Ids of one `Random` only ever grow, even within a millisecond or when the clock is set
 * back, so that entries of the outbox sort in the order in which they were made.
 */
export function createRandom(sources: RandomSources = BROWSER): Random {
  let lastMs = 0;
  let counter = 0;

  function tick(seed: number): void {
    const nowMs = sources.now();
    if (nowMs > lastMs) {
      lastMs = nowMs;
      // The upper half stays free, so that counting up does not overflow at once.
      counter = seed & 0x7ff;
    } else if (counter < MAX_COUNTER) {
      counter += 1;
    } else {
      lastMs += 1;
      counter = seed & 0x7ff;
    }
  }

  return {
    fraction() {
      return new DataView(sources.bytes(4).buffer).getUint32(0) / 2 ** 32;
    },
    uuid() {
      const uuid = sources.bytes(16);
      const view = new DataView(uuid.buffer);
      tick(view.getUint16(6));
      view.setUint32(0, Math.floor(lastMs / 2 ** 16));
      view.setUint16(4, lastMs % 2 ** 16);
      view.setUint16(6, 0x7000 | counter);
      view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f));
      const hex = Array.from(uuid, (byte) => byte.toString(16).padStart(2, "0")).join("");
      return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join(
        "-",
      );
    },
  };
}
