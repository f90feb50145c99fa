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

/** What a row says. Trusted: rows are written by the log writer only, so they are not validated on the hot path. */
export function decodeRow(row: LogRow): StoredFrame {
  return JSON.parse(row.data) as StoredFrame;
}

export function isKnownEvent(event: StoredEvent): event is LogEvent {
  return LOG_EVENT_TYPES.has(event.type);
}

export function isStoredDelta(event: StoredEvent): event is DeltaEvent {
  return isDelta(event as LogEvent);
}
