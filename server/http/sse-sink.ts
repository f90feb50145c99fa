import type { Clock, StreamSink } from "../../src/backend/ports.ts";
import { RETRY_MS } from "../../src/protocol/limits.ts";
import { encodeRetry, encodeStreamMessage, type StreamMessage } from "../../src/protocol/sse.ts";
import type { NodeRequest, NodeResponse } from "./exchange.ts";

/** PROTOCOL §3. `no-transform` and `X-Accel-Buffering` keep proxies from holding a stream back. */
const STREAM_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
} as const;

const RETRY = Buffer.from(encodeRetry(RETRY_MS));

/** Thousands of viewers of one session get the same object: its bytes are made once. */
const encoded = new WeakMap<StreamMessage, Buffer>();

function bytesOf(message: StreamMessage): Buffer {
  const known = encoded.get(message);
  if (known !== undefined) return known;
  const bytes = Buffer.from(encodeStreamMessage(message));
  encoded.set(message, bytes);
  return bytes;
}

export interface SseSink extends StreamSink {
  /** Runs `run` whenever there is room again. */
  onDrain(run: () => void): void;
  /** Runs `run` once, when the other side is gone or all is delivered. */
  onClose(run: () => void): void;
}

/**
 * Begins an event stream: headers and `retry` leave at once, before anything is waited for.
 * Holds no queue: what Node's buffer does not take, `write` answers with false.
 */
export function openSseSink(
  request: NodeRequest,
  response: NodeResponse,
  clock: Clock,
  lingerMs: number,
): SseSink {
  for (const [name, value] of Object.entries(STREAM_HEADERS)) response.setHeader(name, value);
  response.statusCode = 200;
  request.resume();
  // A stream that breaks is an ordinary thing: `close` follows and is acted on.
  response.on("error", () => undefined);
  // HTTP/2's flushHeaders is there but not in its types; its first write sends the headers at once anyway.
  if (!("stream" in response)) response.flushHeaders();
  // One call for both sets of classes: their overloads have no common signature.
  const write =
    "stream" in response
      ? (bytes: Buffer) => response.write(bytes)
      : (bytes: Buffer) => response.write(bytes);
  write(RETRY);

  let isEnded = false;
  return {
    write(message) {
      if (isEnded || response.destroyed) return false;
      return write(bytesOf(message));
    },
    end() {
      if (isEnded) return;
      isEnded = true;
      response.end();
      // A reader that takes nothing would hold the connection, and what is buffered, for ever.
      const cancel = clock.setTimer(lingerMs, () => cut(response));
      response.once("close", cancel);
    },
    onDrain(run) {
      response.on("drain", run);
    },
    onClose(run) {
      response.once("close", run);
    },
  };
}

/** Ends it now, undelivered bytes and all. */
function cut(response: NodeResponse): void {
  if ("stream" in response) response.stream.destroy();
  else response.destroy();
}
