import type { DeltaEvent, LogEvent } from "../protocol/events.ts";
import { MAX_FRAME_BYTES } from "../protocol/limits.ts";
import { jsonTextBytes, utf8Bytes } from "./json-bytes.ts";
import type { LogRow } from "./ports.ts";
import { decodeRow, isStoredDelta, type StoredEvent, type StoredFrame } from "./stored-event.ts";

/** `{"from":…,"seq":…,"events":[]}` with the longest numbers there can be. Unit: bytes. */
const ENVELOPE_BYTES = 64;

/** A row this full is passed on as it is: reading it to add a little to it is not worth the parse. Unit: UTF-16 code units. */
const FULL_ROW_CHARS = MAX_FRAME_BYTES * 0.75;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * Merges adjacent stretches of the log, greedily, into rows of at most MAX_FRAME_BYTES. [PROTOCOL §3]
 * A stretch is never split, so one that is larger is a row of its own. Within a row the deltas of one part
 * are merged into the first of them. Used alike by live rows, catch-up and compaction.
 */
export class FrameMerger {
  readonly rows: LogRow[] = [];
  #from = 0;
  #seq = 0;
  #events: StoredEvent[] = [];
  #bytes = ENVELOPE_BYTES;
  /** Where the buffer of a part begins in this row: key → the event that the part's next deltas are merged into. */
  #heads = new Map<string, Mutable<DeltaEvent>>();
  #lastHead: Mutable<DeltaEvent> | undefined;
  /** The row as it came, while it is the only one. */
  #original: LogRow | undefined;

  /** Seq of the last stretch added; 0 before the first. */
  get seq(): number {
    return this.#seq;
  }

  addRow(row: LogRow): void {
    if (row.data.length >= FULL_ROW_CHARS) {
      this.#close();
      this.rows.push(row);
      this.#seq = row.seq;
      return;
    }
    if (this.#add(decodeRow(row)) === "began") this.#original = row;
  }

  /** One event that has the number `seq`. */
  addEvent(seq: number, event: LogEvent): void {
    this.#add({ from: seq, seq, events: [event] });
  }

  /** The rows, the last one closed. */
  finish(): LogRow[] {
    this.#close();
    return this.rows;
  }

  #add(frame: StoredFrame): "began" | "joined" {
    const cost = this.#cost(frame);
    if (this.#events.length > 0 && this.#bytes + cost > MAX_FRAME_BYTES) this.#close();
    const isFirst = this.#events.length === 0;
    if (isFirst) {
      this.#from = frame.from;
      // The heads are gone: what would have been merged now begins anew.
      this.#bytes = ENVELOPE_BYTES + this.#cost(frame);
    } else {
      this.#bytes += cost;
      this.#original = undefined;
    }
    this.#seq = frame.seq;
    for (const event of frame.events) this.#take(event);
    return isFirst ? "began" : "joined";
  }

  /** An upper bound of what the frame adds: two halves of a surrogate pair shrink when they meet. */
  #cost(frame: StoredFrame): number {
    let bytes = 0;
    for (const event of frame.events) {
      bytes +=
        isStoredDelta(event) && this.#headOf(event) !== undefined
          ? jsonTextBytes(event.delta)
          : utf8Bytes(JSON.stringify(event)) + 1;
    }
    return bytes;
  }

  #headOf(event: DeltaEvent): Mutable<DeltaEvent> | undefined {
    // Mostly it is the part that grew last: two comparisons instead of a key made for each of ten thousand deltas.
    const last = this.#lastHead;
    const head =
      last !== undefined && last.part === event.part && last.turn === event.turn && last.type === event.type
        ? last
        : this.#heads.get(headKey(event));
    // Only what continues the buffer exactly may be merged: the offset of the rest is lost.
    return head !== undefined && head.offset + head.delta.length === event.offset ? head : undefined;
  }

  #take(event: StoredEvent): void {
    if (!isStoredDelta(event)) {
      this.#events.push(event);
      return;
    }
    const head = this.#headOf(event);
    if (head !== undefined) {
      head.delta += event.delta;
      this.#lastHead = head;
      return;
    }
    const copy = { ...event };
    this.#heads.set(headKey(event), copy);
    this.#lastHead = copy;
    this.#events.push(copy);
  }

  #close(): void {
    if (this.#events.length === 0) return;
    const frame: StoredFrame = { from: this.#from, seq: this.#seq, events: this.#events };
    this.rows.push(this.#original ?? { from: frame.from, seq: frame.seq, data: JSON.stringify(frame) });
    this.#events = [];
    this.#bytes = ENVELOPE_BYTES;
    this.#heads.clear();
    this.#lastHead = undefined;
    this.#original = undefined;
  }
}

function headKey(event: DeltaEvent): string {
  return `${event.type} ${event.turn} ${event.part}`;
}

/** Merges rows that follow one another. */
export function mergeRows(rows: Iterable<LogRow>): LogRow[] {
  const merger = new FrameMerger();
  for (const row of rows) merger.addRow(row);
  return merger.finish();
}

/** The rows of new events, numbered from `from` on. */
export function buildRows(from: number, events: readonly LogEvent[]): LogRow[] {
  const merger = new FrameMerger();
  for (const [index, event] of events.entries()) merger.addEvent(from + index, event);
  return merger.finish();
}
