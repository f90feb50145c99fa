import type { Clock } from "../../src/backend/ports.ts";
import { errorWords, readModelChunk, readWholeAnswer, type ModelChunk } from "./model-chunk.ts";
import { networkReason, shorten, type ModelFailure } from "./model-failure.ts";
import { SseDataReader } from "./sse-data-reader.ts";

/** One request to a model, watched: the SDK behind it sees a clean stream, and how it went is known here. */
export interface WatchedFetch {
  readonly fetch: typeof globalThis.fetch;
  /** How the request failed; undefined while it runs and when the answer is complete. */
  failure(): ModelFailure | undefined;
}

export interface WatchOptions {
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  /** Longest time without a byte, before the first one and between any two. Unit: ms. */
  readonly silenceMs: number;
}

/** How long a server that has finished may still take to send its usage and close. Unit: ms. */
const GRACE_MS = 3_000;

const FINISH = { choices: [{ delta: {}, finish_reason: "stop" }] };

/**
 * Stands between the SDK and the network, for what the SDK can't tell or would drop:
 * whether the stream ended or was cut (it hides `[DONE]`), text that had arrived when a reset came
 * (an errored stream loses what is queued in it), the dialects of model servers, and silence.
 * An answer that has a finish reason or a `[DONE]` is complete; one that ends without either is cut.
 * For one request; abort its signal to give it up.
 */
export function watchFetch({ fetch, clock, silenceMs }: WatchOptions): WatchedFetch {
  let failure: ModelFailure | undefined;
  const fail = (seen: ModelFailure): void => {
    failure ??= seen;
  };

  const ask: typeof globalThis.fetch = async (input, init) => {
    const silence = new AbortController();
    const given = init?.signal ?? undefined;
    const signal = given === undefined ? silence.signal : AbortSignal.any([given, silence.signal]);
    const disarm = clock.setTimer(silenceMs, () => {
      fail({ code: "agent-timeout", silenceMs });
      silence.abort();
    });
    let response: Response;
    try {
      response = await fetch(input, { ...init, signal });
      if (!response.ok) fail(await statusFailure(response));
    } catch (error) {
      if (!signal.aborted) fail({ code: "agent-unreachable", reason: networkReason(error) });
      throw error;
    } finally {
      disarm();
    }
    // The SDK needs to know no more than that it failed.
    if (failure !== undefined) return new Response("{}", { status: 500 });
    const isAborted = (): boolean => given?.aborted === true;
    const body = readBody(response, { clock, silenceMs, fail, isAborted });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };
  return { fetch: ask, failure: () => failure };
}

interface BodyWatch {
  readonly clock: Clock;
  readonly silenceMs: number;
  readonly fail: (failure: ModelFailure) => void;
  readonly isAborted: () => boolean;
}

/** The body in the SDK's own dialect, pulled as it is read; every end is a proper end to it. */
function readBody(
  response: Response,
  { clock, silenceMs, fail, isAborted }: BodyWatch,
): ReadableStream<Uint8Array> {
  let isFinal = false;
  let chunksSeen = 0;
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();

  const readText = async (): Promise<string | undefined> => {
    const disarm = clock.setTimer(isFinal ? GRACE_MS : silenceMs, () => {
      if (!isFinal) fail({ code: "agent-timeout", silenceMs });
      // The pending read ends with it, like at the end of the body.
      reader?.cancel().catch(ignoreClosed);
    });
    try {
      const next = await reader?.read();
      return next?.value === undefined ? undefined : decoder.decode(next.value, { stream: true });
    } finally {
      disarm();
    }
  };
  const chunks = readChunks(readText, response.headers.get("content-type") ?? "");

  const encoder = new TextEncoder();
  const encode = (value: unknown): Uint8Array => encoder.encode(`data: ${JSON.stringify(value)}\n\n`);
  const nextChunk = async (): Promise<ModelChunk | undefined> => {
    try {
      const next = await chunks.next();
      return next.done === true ? undefined : next.value;
    } catch {
      // A reset, or the abort. That it came before the end is all that matters.
      return undefined;
    }
  };

  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const chunk = await nextChunk();
      if (chunk?.kind === "chunk") {
        isFinal ||= chunk.isFinal;
        chunksSeen += 1;
        controller.enqueue(encode(chunk.value));
        return;
      }
      if (!isAborted()) {
        const ended = endFailure(chunk, isFinal, chunksSeen);
        if (ended !== undefined) fail(ended);
      }
      if (!isFinal) controller.enqueue(encode(FINISH));
      controller.close();
      // Closes the connection, whatever the server may still want to say.
      reader?.cancel().catch(ignoreClosed);
    },
    cancel() {
      reader?.cancel().catch(ignoreClosed);
    },
  });
}

function ignoreClosed(): void {
  // Cancelling a body that has failed already rejects with that failure, which is known by then.
}

function endFailure(
  chunk: Exclude<ModelChunk, { kind: "chunk" }> | undefined,
  isFinal: boolean,
  chunksSeen: number,
): ModelFailure | undefined {
  if (chunk === undefined) return isFinal ? undefined : { code: "agent-cut" };
  switch (chunk.kind) {
    case "done":
      return undefined;
    case "error":
      return { code: "agent-error", words: shorten(chunk.message) };
    case "malformed": {
      if (isFinal) return undefined;
      const what = chunksSeen === 0 ? "something else than an answer" : "a broken message amid the answer";
      return { code: "agent-malformed", what };
    }
  }
}

async function* readChunks(
  readText: () => Promise<string | undefined>,
  contentType: string,
): AsyncGenerator<ModelChunk> {
  if (contentType.includes("json")) {
    let whole = "";
    for (let text = await readText(); text !== undefined; text = await readText()) whole += text;
    yield* readWholeAnswer(whole);
    return;
  }
  // A page is a wrong address; without a type it may still be a stream.
  if (contentType.includes("html")) {
    yield { kind: "malformed" };
    return;
  }
  const sse = new SseDataReader();
  for (let text = await readText(); text !== undefined; text = await readText()) {
    for (const data of sse.push(text)) yield readModelChunk(data);
  }
  for (const data of sse.end()) yield readModelChunk(data);
}

async function statusFailure(response: Response): Promise<ModelFailure> {
  const { status } = response;
  const said = await readStart(response);
  const words = errorText(said);
  if (status === 401 || status === 403) return { code: "agent-auth" };
  if (status === 429) {
    const retryAfter = response.headers.get("retry-after") ?? "";
    return { code: "agent-rate-limited", retryAfter: /^\d{1,5}$/.test(retryAfter) ? retryAfter : undefined };
  }
  if (status === 404) {
    return words === undefined ? { code: "agent-bad-address", status } : { code: "agent-unknown-model" };
  }
  const isModel =
    words !== undefined && /model/i.test(words) && /not (found|exist)|unknown|invalid model/i.test(words);
  if (status === 400 && isModel) return { code: "agent-unknown-model" };
  if (status >= 500) return { code: "agent-server-error", status, words: words ?? "" };
  return { code: "agent-refused", status, words: words ?? "" };
}

function errorText(body: string): string | undefined {
  try {
    const words = errorWords(JSON.parse(body));
    return words === undefined ? undefined : shorten(words);
  } catch {
    return undefined;
  }
}

const MAX_ERROR_BODY_CHARS = 64 * 1024;

/** The beginning of an error's body: a server may send any amount of it, or break off. */
async function readStart(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  const decoder = new TextDecoder();
  let text = "";
  try {
    while (text.length < MAX_ERROR_BODY_CHARS) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    // The status says enough.
    return text;
  }
  reader.cancel().catch(ignoreClosed);
  return text;
}
