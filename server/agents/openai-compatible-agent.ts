import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { streamText, type LanguageModelUsage } from "ai";
import type { Agent, AgentEvent, AgentRequest, Clock } from "../../src/backend/ports.ts";
import type { AgentSummary } from "../../src/protocol/agents.ts";
import type { Usage } from "../../src/protocol/events.ts";
import { AnswerSplitter, type AnswerPiece } from "./answer-splitter.ts";
import { describeFailure, type ModelFailure } from "./model-failure.ts";
import { toModelMessages } from "./model-messages.ts";
import { watchFetch } from "./watched-fetch.ts";

export interface OpenAiCompatibleOptions {
  readonly summary: AgentSummary;
  /** With its path, e.g. `http://127.0.0.1:8080/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  /** The model's name there. */
  readonly model: string;
  readonly clock: Clock;
  /** Longest time without a byte before the turn fails. Unit: ms. Default {@link DEFAULT_SILENCE_MS}. */
  readonly silenceMs?: number;
  /** Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch;
}

/** Long enough to load a large model; `fetch` itself gives up at 300 s. Unit: ms. */
export const DEFAULT_SILENCE_MS = 120_000;

/**
 * An agent behind an OpenAI-compatible address: Ollama, vLLM, llama.cpp or a hosted one.
 * Everything that arrives is told, in order, before a failure is; one request per turn, never repeated
 * [a retry after the first byte would double the answer]. The key appears in no event.
 */
export function createOpenAiCompatibleAgent(options: OpenAiCompatibleOptions): Agent {
  return { summary: options.summary, run: (request) => runModel(options, request) };
}

async function* runModel(
  options: OpenAiCompatibleOptions,
  request: AgentRequest,
): AsyncGenerator<AgentEvent> {
  const { model, baseUrl, apiKey, clock } = options;
  const abort = new AbortController();
  const onStop = (): void => abort.abort();
  request.signal.addEventListener("abort", onStop);
  if (request.signal.aborted) abort.abort();
  const watched = watchFetch({
    fetch: options.fetch ?? globalThis.fetch,
    clock,
    silenceMs: options.silenceMs ?? DEFAULT_SILENCE_MS,
  });
  try {
    yield { type: "started", model };
    if (abort.signal.aborted) return;
    const provider = createOpenAICompatible({
      name: "holdfast",
      baseURL: baseUrl,
      ...(apiKey === undefined ? {} : { apiKey }),
      includeUsage: true,
      fetch: watched.fetch,
    });
    const answer = streamText({
      model: provider.chatModel(model),
      messages: toModelMessages(request),
      maxRetries: 0,
      abortSignal: abort.signal,
      // Without it the SDK prints errors; they are known from `watched` and told as an event.
      onError: () => undefined,
    });
    const failure = yield* readAnswer(answer.stream, () => watched.failure());
    if (failure !== undefined && !abort.signal.aborted) {
      yield { type: "error", error: describeFailure(failure, { model, baseUrl, apiKey }) };
    }
  } finally {
    request.signal.removeEventListener("abort", onStop);
    // Whoever stops listening early closes the connection with it.
    abort.abort();
  }
}

type AnswerStream = ReturnType<typeof streamText>["stream"];

async function* readAnswer(
  stream: AnswerStream,
  knownFailure: () => ModelFailure | undefined,
): AsyncGenerator<AgentEvent, ModelFailure | undefined> {
  const splitter = new AnswerSplitter();
  let sdkError: unknown;
  try {
    for await (const part of stream) {
      if (part.type === "text-delta") yield* toEvents(splitter.text(part.text));
      else if (part.type === "reasoning-delta") yield* toEvents(splitter.reasoning(part.text));
      else if (part.type === "error") sdkError = part.error;
      else if (part.type === "abort") return undefined;
      else if (part.type === "finish") {
        yield* toEvents(splitter.end());
        const usage = toUsage(part.totalUsage);
        if (usage !== undefined) yield { type: "usage", usage };
      }
    }
  } catch (error) {
    sdkError = error;
  }
  yield* toEvents(splitter.end());
  const known = knownFailure();
  if (known !== undefined || sdkError === undefined) return known;
  return { code: "agent-malformed", what: "what the SDK could not read" };
}

function* toEvents(pieces: readonly AnswerPiece[]): Generator<AgentEvent> {
  for (const { kind, part, delta } of pieces) yield { type: kind, part, delta };
}

function toUsage(usage: LanguageModelUsage): Usage | undefined {
  const { inputTokens, outputTokens } = usage;
  const { reasoningTokens } = usage.outputTokenDetails;
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  return {
    ...(inputTokens === undefined ? {} : { inputTokens }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
    // The SDK says 0 where the server says nothing.
    ...(reasoningTokens === undefined || reasoningTokens === 0 ? {} : { reasoningTokens }),
  };
}
