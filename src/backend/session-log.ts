import { formatCursor } from "../protocol/cursor.ts";
import type { Outcome, TurnError } from "../protocol/events.ts";
import type { ControlFrame } from "../protocol/frames.ts";
import type { Epoch, SessionId, TurnId } from "../protocol/ids.ts";
import { MAX_FRAME_BYTES } from "../protocol/limits.ts";
import type { StreamMessage } from "../protocol/sse.ts";
import { mergeRows } from "./merge-frames.ts";
import type { LogRow, LogStore, SessionRecord } from "./ports.ts";
import { createHead, type SessionHead } from "./session-head.ts";

/** What reads a log as it grows. Its methods must not throw. */
export interface LogViewer {
  /** The doorbell: the tail has moved. */
  onCommitted(): void;
  notify(frame: ControlFrame): void;
  /** Whether it has everything up to the tail. */
  isAtTail(): boolean;
}

/** A log message with its place. One object for all viewers that stand at the same position. */
export interface PlacedMessage {
  readonly from: number;
  readonly seq: number;
  readonly message: StreamMessage;
}

/** How a turn is to end whose events could not be written. */
export interface OwedEnd {
  readonly outcome: Outcome;
  readonly error: TurnError | undefined;
}

interface RecentRow extends PlacedMessage {
  readonly row: LogRow;
}

/** Rows kept for viewers that are a moment behind; whoever is further behind reads the store. */
const MAX_RECENT_ROWS = 64;
const MAX_RECENT_CHARS = 128 * 1024;

/** How much of the stored log one read of the replay takes. Unit: bytes; the merged frames of it are far smaller. */
const REPLAY_READ_BYTES = 256 * 1024;

/** The log of one session in memory: its head, the rows committed last, and who is reading. */
export class SessionLog {
  readonly id: SessionId;
  head: SessionHead;
  isDeleted = false;
  /** A set, not an emitter: a thousand viewers are a thousand entries. */
  readonly viewers = new Set<LogViewer>();
  /** Turns whose end could not be written yet. */
  readonly owed = new Map<TurnId, OwedEnd>();
  /** Set while stored rows are being merged for good; readers of the store wait for it. */
  compaction: Promise<void> | undefined;
  /** Up to where the stored rows are merged for good, as far as this process knows. */
  compactedTo: number;
  #recent: RecentRow[] = [];
  #recentChars = 0;
  #merged = new Map<number, PlacedMessage>();
  #reads = new Map<number, Promise<readonly PlacedMessage[]>>();
  #turnstile: Promise<unknown> = Promise.resolve();

  constructor(record: SessionRecord) {
    this.id = record.summary.id;
    this.head = createHead(record);
    this.compactedTo = record.tail;
  }

  get tail(): number {
    return this.head.record.tail;
  }

  get epoch(): Epoch {
    return this.head.record.epoch;
  }

  /** One command after the other: `run` sees what the commands before it have committed. */
  exclusive<Value>(run: () => Promise<Value>): Promise<Value> {
    const done = this.#turnstile.then(run);
    // The next in line goes on however this one ends; its caller is told by `done`.
    this.#turnstile = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  /** Takes over what has been made durable. Viewers are not woken: the writer does when every log of the commit stands. */
  committed(head: SessionHead, rows: readonly LogRow[]): void {
    this.head = head;
    this.#merged.clear();
    if (this.viewers.size === 0) {
      this.forgetRecent();
      return;
    }
    for (const row of rows) {
      this.#recent.push({ from: row.from, seq: row.seq, row, message: this.#message(row) });
      this.#recentChars += row.data.length;
    }
    let drop = 0;
    while (
      this.#recent.length - drop > MAX_RECENT_ROWS ||
      (this.#recentChars > MAX_RECENT_CHARS && this.#recent.length - drop > 1)
    ) {
      this.#recentChars -= this.#recent[drop]?.row.data.length ?? 0;
      drop += 1;
    }
    if (drop > 0) this.#recent.splice(0, drop);
  }

  forgetRecent(): void {
    this.#recent = [];
    this.#recentChars = 0;
    this.#merged.clear();
  }

  wakeViewers(): void {
    for (const viewer of this.viewers) viewer.onCommitted();
  }

  /** The message that follows `seq`, from memory; undefined when it has to be read from the store. */
  messageAfter(seq: number): PlacedMessage | undefined {
    const first = this.#recent[0];
    if (first === undefined || first.from > seq + 1) return undefined;
    const last = this.#recent[this.#recent.length - 1];
    if (last !== undefined && last.from <= seq + 1) return last;
    const known = this.#merged.get(seq);
    if (known !== undefined) return known;
    const index = this.#recent.findIndex((row) => row.seq > seq);
    if (index < 0) return undefined;
    const rows: LogRow[] = [];
    let chars = 0;
    for (let next = index; next < this.#recent.length && chars < MAX_FRAME_BYTES; next += 1) {
      const recent = this.#recent[next];
      if (recent === undefined) break;
      rows.push(recent.row);
      chars += recent.row.data.length;
    }
    const merged = mergeRows(rows)[0];
    if (merged === undefined) return undefined;
    const placed = { from: merged.from, seq: merged.seq, message: this.#message(merged) };
    this.#merged.set(seq, placed);
    return placed;
  }

  /** The merged messages that follow `seq`, from the store: a bounded stretch, none beyond the tail. Shared by all who ask at once. */
  readAfter(store: LogStore, seq: number): Promise<readonly PlacedMessage[]> {
    const running = this.#reads.get(seq);
    if (running !== undefined) return running;
    const read = this.readRows(store, seq, REPLAY_READ_BYTES)
      .then((rows) =>
        mergeRows(rows).map((row) => ({ from: row.from, seq: row.seq, message: this.#message(row) })),
      )
      .finally(() => this.#reads.delete(seq));
    this.#reads.set(seq, read);
    return read;
  }

  /** Stored rows that follow `seq`. A row that is durable but whose commit has not been told yet is left out. */
  async readRows(store: LogStore, seq: number, maxBytes: number): Promise<readonly LogRow[]> {
    while (this.compaction !== undefined) await this.compaction;
    const rows = await store.read(this.id, seq, maxBytes);
    const tail = this.tail;
    return (rows.at(-1)?.seq ?? 0) <= tail ? rows : rows.filter((row) => row.seq <= tail);
  }

  #message(row: LogRow): StreamMessage {
    return { id: formatCursor({ epoch: this.epoch, seq: row.seq }), data: row.data };
  }
}
