import { parseCursor } from "../../../src/protocol/cursor.ts";
import type { StreamMessage } from "../../../src/protocol/sse.ts";
import type { LogBook, LogHistory } from "../world/log-book.ts";
import { Violation } from "../world/violation.ts";

/** Looks at every message of one stream as the server writes it (PROTOCOL §3). What the browser makes of it is another's to check. */
export interface Reading {
  /** `hasRoom`: the reader takes more; else nothing is written until it has drained. */
  wrote(message: StreamMessage, hasRoom: boolean): void;
  drained(): void;
  /** Nothing more is written. */
  ended(): void;
  /** Complains of what is durable and was not told, though the reader has room. Looked at every second. */
  checkPace(nowMs: number): void;
}

/** What is durable is told at once; reading it from the store takes a moment. Unit: ms. */
const TOLD_WITHIN_MS = 3_000;
/** A message holds one event, or as many as fit into this (PROTOCOL §3): catch-up comes in pieces. Unit: UTF-16 code units. */
const MAX_MESSAGE_CHARS = 16 * 1_024;

export interface ReadingStart {
  readonly lastEventId: string | undefined;
  readonly after: string | undefined;
}

export function createReading(
  session: string,
  start: ReadingStart,
  book: LogBook,
  onViolation: (violation: Violation) => void,
): Reading {
  const log = book.current(session);
  const from = log === undefined ? undefined : startingSeq(start, log);
  let seq = from;
  let isFirst = true;
  let hasGreeted = false;
  let isOver = false;
  let hasRoom = true;
  let behindSinceMs: number | undefined;

  const wrong = (message: string): void => {
    isOver = true;
    onViolation(new Violation("wire", `a stream of ${session} ${message}`));
  };

  function frame(message: StreamMessage, history: LogHistory): void {
    const {
      from: first,
      seq: last,
      events,
    } = JSON.parse(message.data) as { from: number; seq: number; events: readonly unknown[] };
    if (events.length > 1 && message.data.length > MAX_MESSAGE_CHARS)
      return wrong(`tells ${events.length} events in one piece of ${message.data.length} characters`);
    if (seq === undefined)
      return wrong(`goes on from a cursor that can't be continued (${start.after ?? "none"})`);
    if (message.id !== `${history.epoch}.${last}`)
      return wrong(`has a frame up to ${last} under the id ${message.id}`);
    if (last > history.tail) return wrong(`tells ${last} of a log that is durable up to ${history.tail}`);
    if (last <= seq) return wrong(`tells ${last} again, after ${seq}`);
    // A cursor may lie inside a merged range; within one reading every seq is in exactly one frame.
    if (isFirst ? first > seq + 1 : first !== seq + 1) return wrong(`tells ${first} to ${last} after ${seq}`);
    isFirst = false;
    seq = last;
  }

  return {
    drained() {
      hasRoom = true;
    },
    ended() {
      isOver = true;
    },
    checkPace(nowMs) {
      const isBehind = !isOver && hasRoom && log !== undefined && seq !== undefined && seq < log.tail;
      if (!isBehind) behindSinceMs = undefined;
      else behindSinceMs ??= nowMs;
      const behindMs = nowMs - (behindSinceMs ?? nowMs);
      if (behindMs > TOLD_WITHIN_MS)
        wrong(`has told up to ${seq} where the log is at ${log?.tail}, for ${behindMs} ms`);
    },
    wrote(message, hasRoomNow) {
      hasRoom = hasRoomNow;
      if (isOver || log === undefined) return;
      if (message.event === "bye" || message.event === "resync") {
        isOver = true;
        return;
      }
      if (message.event === "hello") hasGreeted = true;
      else if (!hasGreeted) wrong(`begins with ${message.event ?? "a frame"}`);
      else if (message.event === undefined) frame(message, log);
      else if (seq === undefined)
        wrong(`says ${message.event} to a cursor that can't be continued (${start.after ?? "none"})`);
      else if (message.event === "caught-up" || message.event === "ping") {
        const { tail } = JSON.parse(message.data) as { tail: number };
        if (tail !== seq) wrong(`says ${message.event} at ${tail}, having told up to ${seq}`);
      }
    },
  };
}

/** Where the stream is to begin; undefined: a resync is due. */
function startingSeq({ lastEventId, after }: ReadingStart, log: LogHistory): number | undefined {
  const cursors = [lastEventId, after].filter((text) => text !== undefined).map(parseCursor);
  const named = cursors.flatMap((cursor) => (cursor.ok ? [cursor.value] : []));
  const [first] = named;
  if (named.length < cursors.length) return undefined;
  if (first === undefined) return 0;
  if (first.epoch !== log.epoch) return undefined;
  const seq = Math.max(...named.filter((cursor) => cursor.epoch === log.epoch).map((cursor) => cursor.seq));
  return seq > log.tail ? undefined : seq;
}
