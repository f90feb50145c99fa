type Json = Readonly<Record<string, unknown>>;

/** What one message of a model's stream says, its dialect removed. */
export type ModelChunk =
  /** A chunk as OpenAI would send it; `isFinal` when it holds a finish reason. */
  | {
      readonly kind: "chunk";
      readonly value: Json & { readonly choices: readonly Json[] };
      readonly isFinal: boolean;
    }
  | { readonly kind: "done" }
  /** The server says, in its words, that it failed. */
  | { readonly kind: "error"; readonly message: string }
  | { readonly kind: "malformed" };

/** Reads one message. Never throws. */
export function readModelChunk(data: string): ModelChunk {
  if (data.trim() === "[DONE]") return { kind: "done" };
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return { kind: "malformed" };
  }
  if (!isObject(value)) return { kind: "malformed" };
  const message = errorWords(value);
  if (message !== undefined) return { kind: "error", message };
  const choices = Array.isArray(value["choices"]) ? value["choices"].filter(isObject) : [];
  const read = choices.slice(0, 1).map(readChoice);
  const isFinal = read.some((choice) => choice["finish_reason"] !== null);
  // `usage: {}` and a missing `choices` (a proxy's ping, a usage-only end) are common enough.
  return { kind: "chunk", value: { ...value, choices: read }, isFinal };
}

/** A whole answer, as a server gives it that ignores `stream: true`. */
export function readWholeAnswer(body: string): readonly ModelChunk[] {
  const chunk = readModelChunk(body);
  if (chunk.kind !== "chunk") return [chunk];
  return chunk.value.choices.length === 0 ? [{ kind: "malformed" }] : [chunk, { kind: "done" }];
}

/** What a server's error says: `{error: {message}}`, `{error: "…"}`, `{object: "error", message}`; undefined when it is none. */
export function errorWords(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  const error = value["error"];
  if (typeof error === "string" && error !== "") return error;
  if (isObject(error)) {
    const message = error["message"] ?? error["detail"] ?? error["code"];
    return typeof message === "string" || typeof message === "number" ? String(message) : "unknown error";
  }
  if (value["object"] === "error") {
    return typeof value["message"] === "string" ? value["message"] : "unknown error";
  }
  return undefined;
}

function readChoice(choice: Json): Json {
  const said = isObject(choice["delta"]) ? choice["delta"] : choice["message"];
  const reason = choice["finish_reason"];
  return {
    delta: isObject(said) ? readDelta(said) : undefined,
    // Some servers send "" with every chunk.
    finish_reason: typeof reason === "string" && reason !== "" ? reason : null,
  };
}

/** No more than is read: a role of its own or a tool call nobody asked for must not end the answer. */
function readDelta(delta: Json): Json {
  const words = (...keys: string[]): unknown =>
    keys.map((key) => delta[key]).find((value) => typeof value === "string" && value !== "");
  return {
    content: Array.isArray(delta["content"]) ? delta["content"].filter(isObject) : words("content"),
    // vLLM sends the same under two names while it moves from one to the other.
    reasoning_content: words("reasoning_content", "reasoning", "thinking"),
    refusal: words("refusal"),
  };
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
