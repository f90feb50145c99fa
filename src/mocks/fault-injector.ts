import {
  NO_FAULTS,
  splitBlocks,
  stepLine,
  WHOLE_LINE,
  WRONG_CURSOR,
  type FaultModes,
  type LineInput,
} from "./faults.ts";
import type { MockFetch } from "./mock-fetch.ts";

/** What a developer or a test may provoke. */
export interface FaultControl {
  modes(): FaultModes;
  setModes(modes: Partial<FaultModes>): void;
  /** Breaks every open stream: the browser sees an error. */
  dropStreams(): void;
  /** Leaves every open stream half-open: no byte comes any more and no error. New streams are whole. */
  stallStreams(): void;
  /** Cuts every open stream in the middle of its next log frame. */
  truncateStreams(): void;
  /** Streams open in this tab now. */
  openStreams(): number;
  /** Told after every change of modes or of the number of streams. Returns a disposer. */
  watch(listener: () => void): () => void;
}

type Wait = (ms: number) => Promise<void>;

const waitWithTimer: Wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Puts a breakable line between `inner` and the browser. */
export function createFaultInjector(
  inner: MockFetch,
  wait: Wait = waitWithTimer,
): { readonly fetch: MockFetch; readonly control: FaultControl } {
  let modes = NO_FAULTS;
  const lines = new Set<(input: LineInput) => void>();
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  const setModes = (news: Partial<FaultModes>): void => {
    modes = { ...modes, ...news };
    tell();
  };
  const provoke = (input: LineInput): void => {
    for (const line of lines) line(input);
  };

  const fetch: MockFetch = async (request) => {
    if (modes.latencyMs > 0) await wait(modes.latencyMs);
    if (modes.badGateways > 0) {
      setModes({ badGateways: modes.badGateways - 1 });
      return badGateway();
    }
    const isStream = new URL(request.url).pathname.endsWith("/stream");
    if (!isStream) return inner(request);
    const isMisled = modes.wrongEpochs > 0;
    if (isMisled) setModes({ wrongEpochs: modes.wrongEpochs - 1 });
    const response = await inner(isMisled ? withWrongCursor(request) : request);
    if (response.body === null) return response;
    const body = breakable(response.body, {
      modes: () => modes,
      wait,
      opened(line) {
        lines.add(line);
        tell();
      },
      closed(line) {
        lines.delete(line);
        tell();
      },
    });
    return new Response(body, response);
  };

  const control: FaultControl = {
    modes: () => modes,
    setModes,
    dropStreams: () => provoke({ kind: "drop" }),
    stallStreams: () => provoke({ kind: "stall" }),
    truncateStreams: () => provoke({ kind: "truncate" }),
    openStreams: () => lines.size,
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return { fetch, control };
}

interface LineHolder {
  readonly wait: Wait;
  modes(): FaultModes;
  opened(line: (input: LineInput) => void): void;
  closed(line: (input: LineInput) => void): void;
}

/**
 * The body of a stream, on its way through a line that can break. Reads no faster than it is read,
 * so a slow line (`latencyMs` a block) lets the backend merge what waits.
 */
function breakable(source: ReadableStream<Uint8Array>, holder: LineHolder): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let line = WHOLE_LINE;
  let rest = "";
  let fail: ((error: Error) => void) | undefined;

  const isBroken = (): boolean => line.kind === "cut" || line.kind === "stalled";
  const release = (): void => {
    holder.closed(provoke);
    // The backend is told at once; that its stream ends in an error here is the point.
    void reader.cancel().catch(() => undefined);
  };
  const provoke = (input: LineInput): void => {
    line = stepLine(line, input, holder.modes()).line;
    if (!isBroken()) return;
    release();
    if (line.kind === "cut") fail?.(new TypeError("The connection was dropped by a fault of the mock."));
  };

  /** A dropped line has failed already; on a stalled one the pull never ends, so the reader waits for ever. */
  const broken = (): Promise<void> =>
    line.kind === "stalled" ? new Promise<never>(() => undefined) : Promise.resolve();
  const finish = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    if ("held" in line && line.held !== undefined) controller.enqueue(encoder.encode(line.held));
    holder.closed(provoke);
    controller.close();
  };

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        fail = (error) => controller.error(error);
        holder.opened(provoke);
      },
      async pull(controller) {
        // Until something was given: a pull that gives nothing is not called again.
        for (;;) {
          const { done, value } = await reader.read();
          if (isBroken()) return broken();
          if (done) {
            finish(controller);
            return;
          }
          const split = splitBlocks(rest + decoder.decode(value, { stream: true }));
          rest = split.rest;
          let given = 0;
          for (const text of split.blocks) {
            const { latencyMs } = holder.modes();
            if (latencyMs > 0) await holder.wait(latencyMs);
            if (isBroken()) return broken();
            const step = stepLine(line, { kind: "block", text }, holder.modes());
            line = step.line;
            for (const out of step.texts) controller.enqueue(encoder.encode(out));
            given += step.texts.length;
            if (line.kind !== "cut") continue;
            release();
            // A clean end in the middle of a frame, as a proxy makes it: the rest never comes.
            controller.close();
            return;
          }
          if (given > 0) return;
        }
      },
      cancel() {
        release();
      },
    },
    { highWaterMark: 0 },
  );
}

function badGateway(): Response {
  return new Response("<html><body><h1>502 Bad Gateway</h1></body></html>", {
    status: 502,
    statusText: "Bad Gateway",
    headers: { "content-type": "text/html" },
  });
}

function withWrongCursor(request: Request): Request {
  const url = new URL(request.url);
  url.searchParams.set("after", WRONG_CURSOR);
  const headers = new Headers(request.headers);
  headers.delete("last-event-id");
  return new Request(url, { method: request.method, headers, signal: request.signal });
}
