import { isDelta, LOG_EVENT_TYPES, type DeltaEvent, type LogEvent } from "../protocol/events.ts";
import type { LogRow } from "./ports.ts";

/** An event as a row holds it: one of this build's, or one of a later protocol, carried along unread. */
export type StoredEvent = LogEvent | { readonly type: string; readonly [field: string]: unknown };

/** A row's or a frame's content. */
export interface StoredFrame {
  readonly from: number;
  readonly seq: number;
  readonly events: readonly StoredEvent[];
}

/** A row of one delta without escapes, as `JSON.stringify` writes it: what a log that has not been merged is made of. */
const PLAIN_DELTA =
  /^\{"from":(\d+),"seq":(\d+),"events":\[\{"type":"(text|reasoning|tool)-delta","at":(\d+),"turn":"([^"\\]+)","part":"([^"\\]+)","offset":(\d+),"delta":"([^"\\]*)"\}\]\}$/;

/** What a row says. Trusted: rows are written by the log writer only, so they are not validated on the hot path. */
export function decodeRow(row: LogRow): StoredFrame {
  // A replay reads a hundred thousand of these: matching one costs a quarter of parsing it.
  const plain = PLAIN_DELTA.exec(row.data);
  if (plain === null) return JSON.parse(row.data) as StoredFrame;
  const [, from, seq, kind, at, turn, part, offset, delta] = plain;
  const event = { type: `${kind}-delta`, at: Number(at), turn, part, offset: Number(offset), delta };
  return { from: Number(from), seq: Number(seq), events: [event] };
}

export function isKnownEvent(event: StoredEvent): event is LogEvent {
  return LOG_EVENT_TYPES.has(event.type);
}

export function isStoredDelta(event: StoredEvent): event is DeltaEvent {
  return isDelta(event as LogEvent);
}
