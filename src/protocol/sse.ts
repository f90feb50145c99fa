import { formatCursor } from "./cursor.ts";
import { encodeControlFrame, encodeLogFrame, type ControlFrame, type LogFrame } from "./frames.ts";
import type { Epoch } from "./ids.ts";

/**
 * One message of an event stream, before it is text.
 * `data` is JSON on one line, so no CR or LF can break the framing; a message with `id` has no `event`, and the other way round.
 */
export interface StreamMessage {
  readonly id?: string;
  readonly event?: string;
  readonly data: string;
}

export function logMessage(epoch: Epoch, frame: LogFrame): StreamMessage {
  return { id: formatCursor({ epoch, seq: frame.seq }), data: encodeLogFrame(frame) };
}

export function controlMessage(frame: ControlFrame): StreamMessage {
  return { event: frame.name, data: encodeControlFrame(frame) };
}

/** The text of one message, its blank line included. */
export function encodeStreamMessage(message: StreamMessage): string {
  const event = message.event === undefined ? "" : `event: ${message.event}\n`;
  const id = message.id === undefined ? "" : `id: ${message.id}\n`;
  return `${event}${id}data: ${message.data}\n\n`;
}

/** The text that tells the browser's own retry how long to wait. Unit: ms. */
export function encodeRetry(retryMs: number): string {
  return `retry: ${retryMs}\n\n`;
}
