import type { TurnError } from "../../src/protocol/events.ts";

/** Every way a model can fail to answer. The code is the wire's `error.code`. */
export type ModelFailure =
  /** 401, 403. */
  | { readonly code: "agent-auth" }
  | { readonly code: "agent-unknown-model" }
  /** 404 from something that isn't a model server. */
  | { readonly code: "agent-bad-address"; readonly status: number }
  | { readonly code: "agent-unreachable"; readonly reason: string }
  | { readonly code: "agent-rate-limited"; readonly retryAfter: string | undefined }
  /** Other 4xx: the request itself was refused, e.g. too long a conversation. */
  | { readonly code: "agent-refused"; readonly status: number; readonly words: string }
  /** 5xx. */
  | { readonly code: "agent-server-error"; readonly status: number; readonly words: string }
  /** The server said in mid-stream that it failed. */
  | { readonly code: "agent-error"; readonly words: string }
  /** The connection ended before the answer did. */
  | { readonly code: "agent-cut" }
  /** Not a byte for too long. */
  | { readonly code: "agent-timeout"; readonly silenceMs: number }
  /** What came was no answer of the protocol. */
  | { readonly code: "agent-malformed"; readonly what: string };

export interface ModelPlace {
  readonly model: string;
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
}

const MAX_WORDS_CHARS = 300;

/** Says a failure in words: what happened, where, and what to do. Never holds the key. */
export function describeFailure(failure: ModelFailure, place: ModelPlace): TurnError {
  const message = clean(sentence(failure, place), place.apiKey);
  return { code: failure.code, message };
}

/** `host:port` of a base URL: enough to find it, nothing that could be secret (a user, a path, a query). */
export function hostOf(baseUrl: string): string {
  return URL.parse(baseUrl)?.host ?? "the model's address";
}

function sentence(failure: ModelFailure, { model, baseUrl, apiKey }: ModelPlace): string {
  const host = hostOf(baseUrl);
  switch (failure.code) {
    case "agent-auth":
      return apiKey === undefined
        ? `${host} wants an API key for ${model} and none is set: set OPENAI_API_KEY and restart.`
        : `${host} refused the API key for ${model}: check OPENAI_API_KEY and restart.`;
    case "agent-unknown-model":
      return `${host} doesn't know a model named ${model}: choose another agent, or make the model available there.`;
    case "agent-bad-address":
      return `${host} answered ${failure.status} and isn't a model server at this path: check OPENAI_BASE_URL for ${model} (it usually ends in /v1).`;
    case "agent-unreachable":
      return `${host} can't be reached for ${model} (${failure.reason}): check that it runs, then retry.`;
    case "agent-rate-limited":
      return failure.retryAfter === undefined
        ? `${host} takes no more requests for ${model} at the moment: wait a little, then retry.`
        : `${host} takes no more requests for ${model} at the moment: retry in ${failure.retryAfter} s.`;
    case "agent-refused":
      return `${host} refused the request for ${model} (${failure.status}${said(failure.words)}).`;
    case "agent-server-error":
      return `${host} failed to run ${model} (${failure.status}${said(failure.words)}): retry later.`;
    case "agent-error":
      return `${host} broke off the answer of ${model}${said(failure.words)}. What came before is kept; continue or retry.`;
    case "agent-cut":
      return `The connection to ${host} was cut before ${model} had finished. What came before is kept; continue or retry.`;
    case "agent-timeout":
      return `${host} sent nothing for ${Math.round(failure.silenceMs / 1000)} s while ${model} was to answer: check that it runs, then retry.`;
    case "agent-malformed":
      return `${host} answered for ${model} with ${failure.what}: check that OPENAI_BASE_URL names an OpenAI-compatible server (it usually ends in /v1).`;
  }
}

function said(words: string): string {
  return words === "" ? "" : `: ${words}`;
}

function clean(message: string, apiKey: string | undefined): string {
  const open = apiKey === undefined || apiKey === "" ? message : message.replaceAll(apiKey, "[key]");
  // oxlint-disable-next-line no-control-regex -- what a server says may hold anything
  return open.replaceAll(/[\u0000-\u001F\u007F\s]+/g, " ").trim();
}

/** A server's own words, cut to what a person reads. */
export function shorten(words: string): string {
  return words.length <= MAX_WORDS_CHARS ? words : `${words.slice(0, MAX_WORDS_CHARS)}…`;
}

/** Why `fetch` rejected, in a word or two. */
export function networkReason(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = "code" in cause ? cause.code : undefined;
    if (typeof code === "string") return NETWORK_WORDS[code] ?? code;
  }
  return "no connection";
}

const NETWORK_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "its name can't be resolved",
  EHOSTUNREACH: "no route to it",
  ENETUNREACH: "no network",
  ETIMEDOUT: "connection timed out",
  UND_ERR_CONNECT_TIMEOUT: "connection timed out",
  UND_ERR_SOCKET: "connection closed",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
};
