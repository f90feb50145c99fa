import { parseCursor, type Cursor } from "../protocol/cursor.ts";
import type { Bye, ControlFrame, ResyncReason } from "../protocol/frames.ts";
import { err, ok, type Result } from "../protocol/result.ts";
import { controlMessage, type StreamMessage } from "../protocol/sse.ts";
import type { StreamStart, StreamSubscription } from "./backend-types.ts";
import type { LogStore, Reporter, StreamSink } from "./ports.ts";
import type { LogViewer, PlacedMessage, SessionLog } from "./session-log.ts";

/** What all pumps share. */
export interface PumpHost {
  readonly store: LogStore;
  readonly reporter: Reporter;
  /** The pump will write nothing more. */
  closed(pump: StreamPump): void;
}

const NOTHING: readonly PlacedMessage[] = [];

/**
 * One subscriber: a cursor into the log. Holds no messages but the stretch being replayed, and drops even that when it stalls.
 * A class, and no timers of its own: a thousand idle viewers are a thousand small objects.
 *
 *   hello ─▶ replay up to the tail named in hello ─▶ caught-up ─▶ live ─▶ bye | cut off | gone
 */
export class StreamPump implements StreamSubscription, LogViewer {
  readonly log: SessionLog;
  readonly #host: PumpHost;
  readonly #sink: StreamSink;
  readonly #target: number;
  #seq: number;
  #isCaughtUp = false;
  #isBlocked = false;
  #isReading = false;
  #isPumping = false;
  #hasEnded = false;
  /** Ticks of the shared stall timer since the sink last took something. */
  #stalledTicks = 0;
  #replay = NOTHING;
  #replayed = 0;
  #waiting: { readonly seq: number; readonly resolve: () => void }[] | undefined;

  constructor(host: PumpHost, log: SessionLog, seq: number, sink: StreamSink) {
    this.#host = host;
    this.log = log;
    this.#seq = seq;
    this.#sink = sink;
    // The subscription is fixed to the tail before the replay is read. [PROTOCOL §3]
    this.#target = log.tail;
  }

  /** Writes the frames that come before anything is waited for, then as much of the log as there is room for. */
  start(first: readonly ControlFrame[]): void {
    for (const frame of first) this.#write(controlMessage(frame));
    this.#pump();
  }

  onCommitted(): void {
    this.#pump();
  }

  onDrain(): void {
    this.#isBlocked = false;
    this.#stalledTicks = 0;
    this.#pump();
  }

  notify(frame: ControlFrame): void {
    if (!this.#hasEnded && !this.#isBlocked) this.#write(controlMessage(frame));
  }

  isAtTail(): boolean {
    return this.#hasEnded || (this.#seq >= this.log.tail && !this.#isReading);
  }

  /** The shared heartbeat. Silent while anything else is on its way: that is a sign of life too, and in order. */
  ping(message: StreamMessage): void {
    if (this.#hasEnded || this.#isBlocked || this.#isReading || this.#seq < this.log.tail) return;
    this.#write(message);
  }

  /** The shared stall timer. A stalled reader keeps nothing but its cursor, and is cut off after `maxTicks`. */
  tick(maxTicks: number): void {
    if (!this.#isBlocked || this.#hasEnded) return;
    this.#stalledTicks += 1;
    this.#replay = NOTHING;
    if (this.#stalledTicks > maxTicks) this.#close("cut");
  }

  unsubscribe(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#leave();
  }

  end(bye: Bye): void {
    if (this.#hasEnded) return;
    this.#write(controlMessage({ name: "bye", ...bye }));
    this.#close();
  }

  async delivered(): Promise<void> {
    const seq = this.log.tail;
    if (this.#hasEnded || (this.#isCaughtUp && this.#seq >= seq)) return;
    await new Promise<void>((resolve) => {
      this.#waiting ??= [];
      this.#waiting.push({ seq, resolve });
    });
  }

  #pump(): void {
    // A sink may call `onDrain` from within `write`.
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      while (!this.#hasEnded && !this.#isBlocked && !this.#isReading && this.#step());
    } finally {
      this.#isPumping = false;
    }
    this.#settle();
  }

  /** Writes one message; false when there is nothing to write for now. */
  #step(): boolean {
    if (!this.#isCaughtUp && this.#seq >= this.#target) {
      this.#isCaughtUp = true;
      this.#write(controlMessage({ name: "caught-up", tail: this.#seq }));
      return true;
    }
    if (this.#seq >= this.log.tail) return false;
    const replay = this.#replay[this.#replayed];
    if (replay !== undefined) this.#replayed += 1;
    else this.#replay = NOTHING;
    const next = replay ?? this.log.messageAfter(this.#seq);
    if (next === undefined) {
      void this.#read();
      return false;
    }
    if (next.from > this.#seq + 1) {
      // What follows the cursor is no longer kept.
      this.#write(controlMessage({ name: "resync", reason: "trimmed" }));
      this.#close();
      return false;
    }
    this.#seq = next.seq;
    this.#write(next.message);
    return true;
  }

  async #read(): Promise<void> {
    this.#isReading = true;
    let messages = NOTHING;
    try {
      messages = await this.log.readAfter(this.#host.store, this.#seq);
      if (messages.length === 0 && !this.log.isDeleted)
        throw new Error("The store has nothing up to the tail.");
    } catch (cause) {
      if (this.#hasEnded) return;
      this.#host.reporter.warn(
        `The log of session ${this.log.id} can't be read; its reader is cut off.`,
        cause,
      );
      this.#close();
      return;
    } finally {
      this.#isReading = false;
    }
    this.#replay = messages;
    this.#replayed = 0;
    this.#pump();
  }

  #write(message: StreamMessage): void {
    try {
      if (!this.#sink.write(message)) this.#isBlocked = true;
    } catch (cause) {
      this.#host.reporter.warn("A stream could not be written; it is closed.", cause);
      this.#close();
    }
  }

  #close(how: "end" | "cut" = "end"): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    try {
      if (how === "cut" && this.#sink.cut !== undefined) this.#sink.cut();
      else this.#sink.end();
    } catch (cause) {
      // One broken socket must not keep the commit from waking the other viewers.
      this.#host.reporter.warn("A stream could not be ended; it is forgotten.", cause);
    }
    this.#leave();
  }

  #leave(): void {
    this.#replay = NOTHING;
    this.#host.closed(this);
    this.#settle();
  }

  #settle(): void {
    if (this.#waiting === undefined) return;
    const isDone = (seq: number): boolean => this.#hasEnded || (this.#isCaughtUp && this.#seq >= seq);
    const done = this.#waiting.filter((waiting) => isDone(waiting.seq));
    this.#waiting = this.#waiting.filter((waiting) => !isDone(waiting.seq));
    for (const waiting of done) waiting.resolve();
  }
}

/**
 * Where a stream begins: the larger of `Last-Event-ID` and `?after=` within one epoch, else the header, else `?after=`,
 * else the beginning. [PROTOCOL §3: a new EventSource sends no header, an old one repeats a stale `?after=`]
 */
export function startingSeq(
  start: StreamStart,
  log: { readonly epoch: Cursor["epoch"]; readonly tail: number },
): Result<number, ResyncReason> {
  const header = start.lastEventId ? parseCursor(start.lastEventId) : undefined;
  const after = start.after ? parseCursor(start.after) : undefined;
  if (header?.ok === false || after?.ok === false) return err("malformed");
  let cursor = header?.value ?? after?.value;
  if (cursor === undefined) return ok(0);
  if (after !== undefined && after.value.epoch === cursor.epoch && after.value.seq > cursor.seq)
    cursor = after.value;
  if (cursor.epoch !== log.epoch) return err("epoch");
  // Never clamped: a cursor beyond the tail would silence the stream for good.
  return cursor.seq > log.tail ? err("ahead") : ok(cursor.seq);
}
