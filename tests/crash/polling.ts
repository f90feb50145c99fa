import { setTimeout as sleep } from "node:timers/promises";

/** Asks until the answer is not undefined; undefined after `limitMs`. */
export async function poll<Found>(
  limitMs: number,
  ask: () => Promise<Found | undefined> | Found | undefined,
): Promise<Found | undefined> {
  const deadlineMs = performance.now() + limitMs;
  for (;;) {
    const found = await ask();
    if (found !== undefined || performance.now() > deadlineMs) return found;
    await sleep(20);
  }
}
