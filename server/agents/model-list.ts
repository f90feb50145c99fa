import * as v from "valibot";
import type { Clock } from "../../src/backend/ports.ts";
import { parse } from "../../src/protocol/parse.ts";
import { err, ok, type Result } from "../../src/protocol/result.ts";
import { hostOf, networkReason } from "./model-failure.ts";

/** What an address said when asked for its models. */
export type ListFailure =
  /** Nobody there. */
  | { readonly kind: "unreachable"; readonly why: string }
  /** Somebody, but too slow: a busy server, perhaps. */
  | { readonly kind: "slow"; readonly why: string }
  /** The key is missing or wrong. */
  | { readonly kind: "auth"; readonly why: string }
  /** It runs, but has no list to give. */
  | { readonly kind: "no-list"; readonly why: string };

export interface ListRequest {
  /** The list's own address, e.g. `…/v1/models` or `…/api/tags`. */
  readonly url: string;
  readonly apiKey: string | undefined;
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
  /** Unit: ms. */
  readonly timeLimitMs: number;
}

const named = v.array(v.object({ id: v.string() }));
/** OpenAI's list (its `data` is null where an Ollama has no models), a bare one, and Ollama's own. */
const ListSchema = v.union([
  v.pipe(
    v.object({ data: v.nullable(named) }),
    v.transform(({ data }) => (data ?? []).map(({ id }) => id)),
  ),
  v.pipe(
    named,
    v.transform((list) => list.map(({ id }) => id)),
  ),
  v.pipe(
    v.object({ models: v.array(v.object({ name: v.string() })) }),
    v.transform(({ models }) => models.map(({ name }) => name)),
  ),
]);

/** Names of models that can't chat; a list doesn't say so in any other way. */
const NOT_FOR_CHAT = /embed|whisper|\btts\b|dall-e|moderation|rerank|transcribe|-bge-|^bge-|sora|gpt-image/i;

const MAX_LIST_BYTES = 4 * 1_048_576;

/** Asks an address which models it has, in its order, within the time limit. Never rejects; no word of it holds the key. */
export async function askForModels(request: ListRequest): Promise<Result<readonly string[], ListFailure>> {
  const { clock, fetch, apiKey, timeLimitMs } = request;
  const host = hostOf(request.url);
  const abort = new AbortController();
  const seconds = Math.round(timeLimitMs / 100) / 10;
  const slow = err({ kind: "slow", why: `${host} didn't answer within ${seconds} s.` } as const);
  let disarm = (): void => undefined;
  // Raced as well as aborted: the limit holds even for a fetch that ignores its signal.
  const limit = new Promise<Result<readonly string[], ListFailure>>((resolve) => {
    disarm = clock.setTimer(timeLimitMs, () => {
      resolve(slow);
      abort.abort();
    });
  });
  const ask = async (): Promise<Result<readonly string[], ListFailure>> => {
    try {
      const response = await fetch(request.url, {
        headers: {
          accept: "application/json",
          ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        },
        signal: abort.signal,
      });
      return await readList(response, host);
    } catch (error) {
      if (abort.signal.aborted) return slow;
      const why = `${host} can't be reached (${networkReason(error)}). Check that it runs.`;
      return err({ kind: "unreachable", why });
    }
  };
  try {
    return await Promise.race([ask(), limit]);
  } finally {
    disarm();
  }
}

async function readList(response: Response, host: string): Promise<Result<readonly string[], ListFailure>> {
  if (response.status === 401 || response.status === 403) {
    await response.body?.cancel();
    return err({ kind: "auth", why: `${host} refused the API key. Check OPENAI_API_KEY and restart.` });
  }
  const noList = err({
    kind: "no-list",
    why: `${host} gives no list of models. Name them in OPENAI_MODEL and restart.`,
  } as const);
  const length = Number(response.headers.get("content-length") ?? 0);
  if (!response.ok || length > MAX_LIST_BYTES) {
    await response.body?.cancel();
    return noList;
  }
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return noList;
  }
  const list = parse(ListSchema, body);
  if (!list.ok) return noList;
  const chatting = list.value.filter((name) => !NOT_FOR_CHAT.test(name));
  return ok([...new Set(chatting.length > 0 ? chatting : list.value)]);
}
