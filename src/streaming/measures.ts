/**
 * What the app measures of itself: each a `performance.measure` of this very name, so that the browser's profiler, the
 * streams panel and the benchmark speak of the same. Names are stable; `detail` says what it was of.
 */
export const MEASURE_NAMES = {
  /** From the wish to see another session to its known text being in the page, in a frame that is painted. `source`. */
  switch: "holdfast:switch",
  /** From asking for a session's stream to its `hello`: the way to the server and back. `session`. */
  attach: "holdfast:attach",
  /** From asking for a session's stream to `caught-up`: nothing is missing any more. `session`, `events` that were. */
  reattach: "holdfast:reattach",
  /** From `hello` to `caught-up`: what was missed is read and folded. `session`, `events`. */
  catchUp: "holdfast:catch-up",
  /** From sending a message to the first text of its answer being folded. `turn`. */
  firstToken: "holdfast:first-token",
  /** One message of a stream: read, checked, folded, and told to followers. `chars`: of the message. */
  fold: "holdfast:fold",
  /** The text that one frame put into the page, without its layout. */
  write: "holdfast:write",
  /** From deciding to save a session to its being on disk; asynchronous, and mostly the disk's. `session`, `outcome`. */
  save: "holdfast:save",
  /** What the page itself did for one transaction that writes: decided, and copied the records. `records`. */
  diskWork: "holdfast:disk-work",
  /** From asking the disk for a session to having it. `session`, `turns`. */
  load: "holdfast:load",
} as const;

export type MeasureName = (typeof MEASURE_NAMES)[keyof typeof MEASURE_NAMES];

/** What is said of a span beside its name. Small: it is copied. */
export type MeasureDetail = Readonly<Record<string, string | number>>;

/** Spans of the app's own work. An implementer never throws, and keeps no more than a bounded number of them. */
export interface Measures {
  /** Now, by the clock that spans are told by. Unit: ms, fractions included. Means nothing but as a beginning. */
  now(): number;
  /** A span that began at `startMs` and ends now. */
  note(name: MeasureName, startMs: number, detail?: MeasureDetail): void;
}

/** Measures nothing, and asks no clock. */
export const NO_MEASURES: Measures = { now: () => 0, note: () => undefined };

/** The latest spans of one name. Unit: ms. */
export interface MeasureReport {
  readonly name: MeasureName;
  /** All there were since the page was loaded. */
  readonly count: number;
  readonly lastMs: number;
  /** Of the latest ones. */
  readonly medianMs: number;
  readonly longestMs: number;
}
