import type { MeasureDetail, MeasureName, MeasureReport, Measures } from "../streaming/measures.ts";

/** Spans of each name that the panel's median and longest are of. */
const KEPT_SPANS = 100;

/**
 * Entries of one name in the browser's own list before they are cleared. Chromium keeps every entry for as long as the
 * page lives, and a day of streaming makes millions; observers and profiles get each one when it is made all the same.
 */
const MAX_ENTRIES = 250;

export interface ObservableMeasures extends Measures {
  /** What there was of each name so far, in the order in which they first came. */
  report(): readonly MeasureReport[];
}

/** What is needed of `performance`. */
export type Timeline = Pick<Performance, "now" | "measure" | "clearMeasures">;

interface Spans {
  count: number;
  /** The latest ones, as a ring. */
  readonly ring: number[];
}

/** Measures as entries of the browser's performance timeline, and as numbers for the streams panel. */
export function createMeasures(timeline: Timeline = performance): ObservableMeasures {
  const all = new Map<MeasureName, Spans>();

  function spansOf(name: MeasureName): Spans {
    const known = all.get(name);
    if (known !== undefined) return known;
    const spans: Spans = { count: 0, ring: [] };
    all.set(name, spans);
    return spans;
  }

  return {
    now: () => timeline.now(),
    note(name, startMs, detail) {
      const endMs = timeline.now();
      const spans = spansOf(name);
      spans.ring[spans.count % KEPT_SPANS] = endMs - startMs;
      spans.count += 1;
      if (spans.count % MAX_ENTRIES === 0) timeline.clearMeasures(name);
      tell(timeline, name, startMs, endMs, detail);
    },
    report: () => [...all].map(([name, spans]) => toReport(name, spans)),
  };
}

function tell(
  timeline: Timeline,
  name: MeasureName,
  start: number,
  end: number,
  detail: MeasureDetail | undefined,
): void {
  try {
    timeline.measure(name, detail === undefined ? { start, end } : { start, end, detail });
  } catch {
    // An engine without measures of level 3: the panel has the numbers all the same.
  }
}

function toReport(name: MeasureName, { count, ring }: Spans): MeasureReport {
  const sorted = ring.toSorted((left, right) => left - right);
  const last = ring[(count - 1) % KEPT_SPANS] ?? 0;
  return {
    name,
    count,
    lastMs: last,
    medianMs: sorted[Math.floor(sorted.length / 2)] ?? 0,
    longestMs: sorted.at(-1) ?? 0,
  };
}
