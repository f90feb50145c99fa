import type { Clock, StreamSink } from "../../src/backend/ports.ts";
import { RETRY_MS } from "../../src/protocol/limits.ts";
import { encodeRetry, encodeStreamMessage, type StreamMessage } from "../../src/protocol/sse.ts";
import type { NodeRequest, NodeResponse } from "./exchange.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";

/**
 * PROTOCOL §3. `no-transform` and `X-Accel-Buffering` keep proxies from holding a stream back.
 * Of the safe headers those that mean something here: a stream is no page, and Node keeps the text for as long as it lives.
 */
const STREAM_HEADERS = {
  "x-content-type-options": SECURITY_HEADERS["x-content-type-options"],
  "cross-origin-resource-policy": SECURITY_HEADERS["cross-origin-resource-policy"],
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
};

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

/**
 * One event stream. Its headers and `retry` leave at once, before anything is waited for.
 * Holds no queue: what Node's buffer does not take, `write` answers with false.
 * A class: a thousand idle viewers are a thousand small objects.
 */
export class SseSink implements StreamSink {
  readonly #response: NodeResponse;
  readonly #clock: Clock;
  readonly #lingerMs: number;
  #hasEnded = false;

  /** `lingerMs`: how long the end may take to be delivered. No header may have been set on `response`. */
  constructor(request: NodeRequest, response: NodeResponse, clock: Clock, lingerMs: number) {
    this.#response = response;
    this.#clock = clock;
    this.#lingerMs = lingerMs;
    request.resume();
    // A stream that breaks is an ordinary thing: `close` follows and is acted on.
    response.on("error", ignore);
    // All headers at once: Node keeps those set one by one for as long as the response lives.
    if ("stream" in response) {
      // HTTP/2 sends them with the first write, which follows.
      response.writeHead(200, STREAM_HEADERS);
    } else {
      response.writeHead(200, STREAM_HEADERS);
      response.flushHeaders();
    }
    this.#send(RETRY);
  }

  write(message: StreamMessage): boolean {
    return !this.#hasEnded && this.#send(bytesOf(message));
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#response.end();
    // A reader that takes nothing would hold the connection, and what is buffered, for ever.
    const forget = this.#clock.setTimer(this.#lingerMs, () => this.cut());
    this.#response.once("close", forget);
  }

  /** Ends it now, undelivered bytes and all. */
  cut(): void {
    this.#hasEnded = true;
    if ("stream" in this.#response) this.#response.stream.destroy();
    else this.#response.destroy();
  }

  /** Runs `run` whenever there is room again. */
  onDrain(run: () => void): void {
    this.#response.on("drain", run);
  }

  /** Runs `run` once, when the other side is gone or all is delivered. */
  onClose(run: () => void): void {
    this.#response.once("close", run);
  }

  #send(bytes: Buffer): boolean {
    // The two classes' overloads have no common signature.
    if ("stream" in this.#response) return this.#response.write(bytes);
    return this.#response.write(bytes);
  }
}

function ignore(): void {}
