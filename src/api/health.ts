import { HealthSchema, type Health } from "../protocol/agents.ts";
import { parseJson } from "../protocol/parse.ts";
import { err, ok } from "../protocol/result.ts";
import { routes } from "../protocol/routes.ts";
import type { ApiAnswer, Clock } from "../streaming/ports.ts";
import { READ_LIMIT_MS, type Fetch } from "./api-client.ts";

/** What the server says of itself, the sign-in included. Has a time limit, never throws. */
export async function askHealth(
  clock: Clock,
  fetch: Fetch = (url, init) => globalThis.fetch(url, init),
): ApiAnswer<Health> {
  const abort = new AbortController();
  const stopTimer = clock.setTimer(READ_LIMIT_MS, () => abort.abort());
  try {
    const health = parseJson(HealthSchema, await tryHealth(abort.signal, fetch));
    return health.ok
      ? ok(health.value)
      : err({ kind: "unreachable", message: "Something else answers at this address." });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return err({ kind: "unreachable", message: `The server can't be reached (${message}).` });
  } finally {
    stopTimer();
  }
}

/** The same question raw, to see whether the line carries anything. Rejects when it does not, or is aborted. */
export async function tryHealth(
  signal: AbortSignal,
  fetch: Fetch = (url, init) => globalThis.fetch(url, init),
): Promise<string> {
  const response = await fetch(routes.health(), {
    // Past the cache, which would ask for several at once one after the other.
    cache: "no-store",
    redirect: "error",
    credentials: "same-origin",
    signal,
  });
  // Read to its end: an answer that is left hanging takes its connection along.
  return response.text();
}
