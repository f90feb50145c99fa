import type { Disposer, Reporter } from "../streaming/ports.ts";

/**
 * What all text of the page may take in one frame. Layout of what was written comes on top, so it is less than half of
 * a frame; a processor of a quarter of the speed writes a quarter, and still has time for a frame. Unit: ms.
 */
const FRAME_BUDGET_MS = 6;

/** A frame that nobody asked for ends after this long. Unit: ms. */
const FRAME_MS = 16;

/** Work that took longer than this in one go can't be split: it waits four times as long, so that the page lives. Unit: ms. */
const LONG_WORK_MS = 8;
const PAUSE_FACTOR = 4;

/**
 * A long paragraph is laid out as a whole by whatever is added to it: 50 KB of one cost a frame 2 ms, and of a text without
 * a space up to 100. So such a text waits 24 times what its frames cost beyond the cheapest of this page, and all of
 * its layout takes a twenty-fifth of the time, 0.7 ms of a frame; ordinary ones are written in each frame, however slow
 * the device.
 */
const COST_PAUSE_FACTOR = 24;

/** Less than this beyond the cheapest is waited for by nothing. Unit: ms. */
const LITTLE_COST_MS = 1;

/** Up to here; and four times the cost in any case. Unit: ms. */
const MAX_COST_PAUSE_MS = 1_000;

/** So many of its last frames are looked at, for the one in their middle: a single long frame says nothing. */
const COSTS = 5;

/**
 * Does as much as there is time for, and something in any case.
 *
 * @returns Whether it is done; if not, it is called again. `long`: it is, and its last block is so long that each piece that
 * is added to it may be dear.
 */
export type TextWork = (hasTime: () => boolean) => boolean | "long";

/** What waits to be written, newest first, within the time of a frame. Knows neither frames nor visibility. */
export interface TextQueue {
  /** A later work with the same key takes the place of the one before. */
  add(key: unknown, work: TextWork): Disposer;
  /** The time of a new frame begins. */
  beginFrame(): void;
  /** Runs what waits, as far as there is time. */
  run(): void;
  /** The frame that began last has been laid out and painted. What was written in it to a long end waits as its cost asks. */
  endFrame(): void;
  /** How long until something may run, 0 for the next frame; undefined: nothing waits. Unit: ms. */
  pauseMs(): number | undefined;
  clear(): void;
}

export function createTextQueue({
  nowMs,
  reporter,
}: {
  readonly nowMs: () => number;
  readonly reporter: Reporter;
}): TextQueue {
  const waiting = new Map<unknown, TextWork>();
  /** Until when what took long waits. */
  const pausedUntilMs = new Map<unknown, number>();
  /** What the last frames cost in which it was written to its end. Unit: ms. */
  const costsMs = new Map<unknown, number[]>();
  /** Written to their ends in this frame, and whether those are long. */
  const written = new Map<unknown, boolean>();
  let leastCostMs = Number.POSITIVE_INFINITY;
  let spentMs = 0;
  let frameBeganMs = Number.NEGATIVE_INFINITY;

  function runOne(key: unknown, work: TextWork): void {
    const startedMs = nowMs();
    const spentBeforeMs = spentMs;
    const hasTime = (): boolean => spentBeforeMs + nowMs() - startedMs < FRAME_BUDGET_MS;
    waiting.delete(key);
    try {
      const done = work(hasTime);
      // What is behind is caught up with at once.
      if (done !== false) written.set(key, done === "long");
      else if (!waiting.has(key)) waiting.set(key, work);
    } catch (error) {
      reporter.warn("Writing failed in one place; the others go on.", error);
    }
    const tookMs = Math.max(0, nowMs() - startedMs);
    spentMs += tookMs;
    if (tookMs > LONG_WORK_MS) pausedUntilMs.set(key, startedMs + tookMs * (1 + PAUSE_FACTOR));
    else pausedUntilMs.delete(key);
  }

  /** @returns How long it waits after this frame. Unit: ms. */
  function noteCost(key: unknown, costMs: number): number {
    const costs = [...(costsMs.get(key) ?? []), costMs].slice(-COSTS);
    costsMs.set(key, costs);
    if (costs.length < COSTS) return 0;
    const usualMs = costs.toSorted((a, b) => a - b)[COSTS >> 1] ?? 0;
    const beyondMs = usualMs - leastCostMs;
    const pauseMs = Math.min(COST_PAUSE_FACTOR * beyondMs, MAX_COST_PAUSE_MS);
    return beyondMs < LITTLE_COST_MS ? 0 : Math.max(PAUSE_FACTOR * beyondMs, pauseMs);
  }

  const waitMs = (key: unknown, atMs: number): number => Math.max(0, (pausedUntilMs.get(key) ?? atMs) - atMs);

  return {
    add(key, work) {
      // Newest last, also where the key was there before.
      waiting.delete(key);
      waiting.set(key, work);
      return () => {
        if (waiting.get(key) === work) waiting.delete(key);
        if (waiting.has(key)) return;
        pausedUntilMs.delete(key);
        costsMs.delete(key);
      };
    },
    beginFrame() {
      written.clear();
      spentMs = 0;
      frameBeganMs = nowMs();
    },
    run() {
      const startedMs = nowMs();
      if (startedMs - frameBeganMs >= FRAME_MS) {
        spentMs = 0;
        frameBeganMs = startedMs;
      }
      for (const [key, work] of [...waiting].toReversed()) {
        if (spentMs >= FRAME_BUDGET_MS) return;
        if (waiting.get(key) === work && waitMs(key, startedMs) === 0) runOne(key, work);
      }
    },
    endFrame() {
      if (written.size === 0) return;
      const endMs = nowMs();
      const costMs = endMs - frameBeganMs;
      leastCostMs = Math.min(leastCostMs, costMs);
      for (const [key, isLong] of written) {
        if (!isLong) {
          costsMs.delete(key);
          continue;
        }
        const untilMs = endMs + noteCost(key, costMs);
        if (untilMs > (pausedUntilMs.get(key) ?? endMs)) pausedUntilMs.set(key, untilMs);
      }
      written.clear();
    },
    pauseMs() {
      if (waiting.size === 0) return undefined;
      const atMs = nowMs();
      return Math.min(...[...waiting.keys()].map((key) => waitMs(key, atMs)));
    },
    clear() {
      waiting.clear();
      pausedUntilMs.clear();
      costsMs.clear();
      written.clear();
    },
  };
}
