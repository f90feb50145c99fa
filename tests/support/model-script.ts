/** One thing that a scripted model does. */
export type ModelStep =
  | { readonly text: string }
  /** `field`: the dialect; vLLM and llama.cpp say `reasoning_content`, Ollama says `reasoning`. */
  | { readonly reasoning: string; readonly field?: "reasoning_content" | "reasoning" }
  | { readonly waitMs: number }
  /** Bytes as they are. */
  | { readonly raw: string }
  | { readonly chunk: unknown }
  | { readonly finish: string }
  | { readonly usage: { readonly prompt: number; readonly completion: number; readonly reasoning?: number } }
  /** How it ends: properly, without another word, with the socket closed amid the body, by RST, or never. */
  | { readonly end: "done" | "fin" | "drop" | "reset" | "hang" };

/** What a scripted model answers. */
export interface ModelScript {
  /** Default 200. Anything else sends `body` and no stream. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly steps?: readonly ModelStep[];
  /** Line ends of the stream. Default LF. */
  readonly lineEnd?: "\n" | "\r\n";
  /** Never even sends its status. */
  readonly isMute?: boolean;
}

const USAGE: ModelStep = { usage: { prompt: 12, completion: 34 } };
const STOP: ModelStep = { finish: "stop" };
const DONE: ModelStep = { end: "done" };

/** The answer that most scripts give. */
export const WORDS = ["The ", "quick ", "brown ", "fox ", "jumps ", "over ", "the ", "lazy ", "dog."];
const words: readonly ModelStep[] = WORDS.map((text) => ({ text }));
const paced = (waitMs: number, steps: readonly ModelStep[]): ModelStep[] =>
  steps.flatMap((step) => [step, { waitMs }]);
const split = (text: string): ModelStep[] => Array.from(text, (char) => ({ text: char }));
const failed = (message: string, code: string | number): string =>
  JSON.stringify({ error: { message, type: "invalid_request_error", param: null, code } });

/** Behaviours by name: the model's, or the prompt's first word after `!` (`!reset and so on`). */
export const MODEL_SCRIPTS: Readonly<Record<string, ModelScript>> = {
  words: { steps: [...words, STOP, USAGE, DONE] },
  /** About three seconds. */
  slow: { steps: [...paced(100, [...words, ...words, ...words]), STOP, USAGE, DONE] },
  "reasoning-content": {
    steps: [
      { reasoning: "Let me " },
      { reasoning: "think." },
      { text: "\n\n" },
      { text: "Done." },
      STOP,
      USAGE,
      DONE,
    ],
  },
  reasoning: {
    steps: [
      { reasoning: "Let me ", field: "reasoning" },
      { reasoning: "think.", field: "reasoning" },
      { text: "Done." },
      STOP,
      { usage: { prompt: 5, completion: 7, reasoning: 3 } },
      DONE,
    ],
  },
  think: { steps: [{ text: "<think>\nLet me think.\n</think>\n\nDone." }, STOP, USAGE, DONE] },
  "think-split": { steps: [...split("<think>Let me think.</think>\n\nDone."), STOP, USAGE, DONE] },
  "back-and-forth": {
    steps: [
      { reasoning: "One." },
      { text: "First." },
      { reasoning: "Two." },
      { text: "Second." },
      STOP,
      DONE,
    ],
  },
  "mid-error": {
    steps: [
      { text: "The quick " },
      { chunk: { error: { message: "the model ran out of memory", code: 500 } } },
      DONE,
    ],
  },
  reset: { steps: [{ text: "The quick " }, { waitMs: 30 }, { end: "reset" }] },
  fin: { steps: [{ text: "The quick " }, { end: "fin" }] },
  drop: { steps: [{ text: "The quick " }, { waitMs: 30 }, { end: "drop" }] },
  "no-done": { steps: [...words, STOP, { end: "fin" }] },
  "no-finish": { steps: [...words, DONE] },
  "no-usage": { steps: [...words, STOP, DONE] },
  hang: { steps: [{ text: "The quick " }, { end: "hang" }] },
  mute: { isMute: true },
  crlf: {
    lineEnd: "\r\n",
    steps: [{ raw: ": ping\r\n\r\n" }, ...words, { raw: ":\r\n" }, STOP, USAGE, DONE],
  },
  "empty-choices": {
    steps: [
      { chunk: { choices: [] } },
      { chunk: {} },
      { chunk: { choices: [{ delta: {} }] } },
      ...words,
      STOP,
      USAGE,
      DONE,
    ],
  },
  unauthorized: {
    status: 401,
    body: failed("Incorrect API key provided: sk-secret-key.", "invalid_api_key"),
  },
  unknown: {
    status: 404,
    body: failed('model "unknown" not found, try pulling it first', "model_not_found"),
  },
  "unknown-400": { status: 400, body: failed("unknown-400 is an invalid model: it does not exist", 400) },
  "too-long": { status: 400, body: failed("This model's maximum context length is 4096 tokens.", 400) },
  "rate-limited": { status: 429, headers: { "retry-after": "7" }, body: failed("Slow down.", 429) },
  "html-500": {
    status: 500,
    headers: { "content-type": "text/html" },
    body: "<h1>Internal Server Error</h1>",
  },
  "html-404": { status: 404, headers: { "content-type": "text/html" }, body: "<h1>Not Found</h1>" },
  "html-200": { headers: { "content-type": "text/html" }, body: "<h1>Welcome</h1>" },
  "not-streamed": {
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      choices: [{ message: { role: "assistant", content: WORDS.join("") }, finish_reason: "stop" }],
      usage: { prompt_tokens: 12, completion_tokens: 34 },
    }),
  },
};
