import type { StreamSubscription } from "../backend/backend-types.ts";
import type { StreamSink } from "../backend/ports.ts";
import { RETRY_MS } from "../protocol/limits.ts";
import { encodeRetry, encodeStreamMessage } from "../protocol/sse.ts";

/** Bytes that may wait for the reader before the backend is told to pause; four frames. */
const MAX_WAITING_BYTES = 64 * 1024;

/**
 * An event stream as a response. The body is pulled: what the reader does not take is not asked of the backend.
 * The pump runs beside the response and is never awaited, because MSW sends nothing before its resolver has returned.
 * Whoever stops reading (`cancel`, or the request's signal) unsubscribes.
 */
export function streamResponse(
  request: Request,
  subscribe: (sink: StreamSink) => StreamSubscription,
): { readonly response: Response; readonly subscription: StreamSubscription } {
  const encoder = new TextEncoder();
  let subscription: StreamSubscription | undefined;
  let isOver = false;
  let isFull = false;
  const over = (): void => {
    isOver = true;
    subscription?.unsubscribe();
  };
  const start = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    const hasRoom = (): boolean => (controller.desiredSize ?? 0) > 0;
    controller.enqueue(encoder.encode(encodeRetry(RETRY_MS)));
    const live = subscribe({
      write(message) {
        if (isOver) return true;
        controller.enqueue(encoder.encode(encodeStreamMessage(message)));
        isFull = !hasRoom();
        return !isFull;
      },
      end() {
        if (isOver) return;
        isOver = true;
        controller.close();
        // Not `over()`: the subscription may be in the middle of its own end, or not be made yet.
        queueMicrotask(() => subscription?.unsubscribe());
      },
      cut() {
        if (isOver) return;
        over();
        controller.error(new TypeError("The reader took nothing for too long."));
      },
    });
    subscription = live;
    const abort = (): void => {
      if (isOver) return;
      over();
      controller.error(request.signal.reason);
    };
    if (request.signal.aborted) abort();
    else request.signal.addEventListener("abort", abort, { once: true });
  };
  const body = new ReadableStream<Uint8Array>(
    {
      start,
      pull() {
        if (!isFull || isOver) return;
        isFull = false;
        subscription?.onDrain();
      },
      cancel: over,
    },
    { highWaterMark: MAX_WAITING_BYTES, size: (chunk) => chunk.byteLength },
  );
  if (subscription === undefined) throw new Error("A ReadableStream did not start at once.");
  return { response: new Response(body, { headers: STREAM_HEADERS }), subscription };
}

const STREAM_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
};
