import type { Bye, ControlFrame } from "../protocol/frames.ts";
import { controlMessage, type StreamMessage } from "../protocol/sse.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import type { StreamStart, StreamSubscription } from "./backend-types.ts";
import { storageNotice } from "./log-writer.ts";
import type { Clock, Disposer, LogStore, Reporter, StreamSink } from "./ports.ts";
import type { SessionLog } from "./session-log.ts";
import { startingSeq, StreamPump, type PumpHost } from "./stream-pump.ts";

/** How often within `stalledReaderMs` the readers are looked at. */
const STALL_TICKS = 4;

/** All open streams. One heartbeat and one stall timer serve them all, and none run while there are none. */
export class StreamHub implements PumpHost {
  readonly store: LogStore;
  readonly reporter: Reporter;
  readonly #clock: Clock;
  readonly #heartbeatMs: number;
  readonly #stalledReaderMs: number;
  readonly #version: string;
  readonly #pumps = new Set<StreamPump>();
  #heartbeat: Disposer | undefined;
  #stall: Disposer | undefined;

  constructor(ports: {
    readonly store: LogStore;
    readonly reporter: Reporter;
    readonly clock: Clock;
    readonly heartbeatMs: number;
    readonly stalledReaderMs: number;
    readonly version: string;
  }) {
    this.store = ports.store;
    this.reporter = ports.reporter;
    this.#clock = ports.clock;
    this.#heartbeatMs = ports.heartbeatMs;
    this.#stalledReaderMs = ports.stalledReaderMs;
    this.#version = ports.version;
  }

  get size(): number {
    return this.#pumps.size;
  }

  open(log: SessionLog, start: StreamStart, sink: StreamSink): StreamSubscription {
    const from = startingSeq(start, log);
    const hello: ControlFrame = {
      name: "hello",
      protocol: PROTOCOL_VERSION,
      session: log.id,
      epoch: log.epoch,
      tail: log.tail,
      heartbeatMs: this.#heartbeatMs,
      version: this.#version,
    };
    if (!from.ok) return closedSubscription(sink, [hello, { name: "resync", reason: from.error }]);
    const pump = new StreamPump(this, log, from.value, sink);
    this.#pumps.add(pump);
    log.viewers.add(pump);
    this.#startTimers();
    pump.start(log.owed.size > 0 ? [hello, storageNotice(true)] : [hello]);
    return pump;
  }

  closed(pump: StreamPump): void {
    this.#pumps.delete(pump);
    pump.log.viewers.delete(pump);
    if (pump.log.viewers.size === 0) pump.log.forgetRecent();
    if (this.#pumps.size > 0) return;
    this.#heartbeat?.();
    this.#stall?.();
    this.#heartbeat = undefined;
    this.#stall = undefined;
  }

  endAll(bye: Bye): void {
    for (const pump of this.#pumps) pump.end(bye);
  }

  endOf(log: SessionLog, bye: Bye): void {
    for (const pump of this.#pumps) if (pump.log === log) pump.end(bye);
  }

  #startTimers(): void {
    this.#heartbeat ??= this.#clock.setTimer(this.#heartbeatMs, () => {
      this.#heartbeat = undefined;
      this.#ping();
      if (this.#pumps.size > 0) this.#startTimers();
    });
    this.#stall ??= this.#clock.setTimer(this.#stalledReaderMs / STALL_TICKS, () => {
      this.#stall = undefined;
      for (const pump of this.#pumps) pump.tick(STALL_TICKS);
      if (this.#pumps.size > 0) this.#startTimers();
    });
  }

  #ping(): void {
    // Viewers of one session share the message.
    const messages = new Map<SessionLog, StreamMessage>();
    for (const pump of this.#pumps) {
      let message = messages.get(pump.log);
      if (message === undefined) {
        message = controlMessage({ name: "ping", tail: pump.log.tail });
        messages.set(pump.log, message);
      }
      pump.ping(message);
    }
  }
}

/** A refusal: a few frames and the end. An `EventSource` can't see a status, so this is how it is told. */
export function closedSubscription(sink: StreamSink, frames: readonly ControlFrame[]): StreamSubscription {
  for (const frame of frames) sink.write(controlMessage(frame));
  sink.end();
  return { onDrain() {}, unsubscribe() {}, end() {}, delivered: () => Promise.resolve() };
}
