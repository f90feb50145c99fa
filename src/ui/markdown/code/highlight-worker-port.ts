// oxlint-disable-next-line import/default -- the bundler answers with the address of what it has built
import workerUrl from "./highlight-worker.ts?worker&url";
import type { HighlightAnswer, HighlightRequest } from "./highlight-messages.ts";

/** A running worker. Nothing is told after `close`. */
export interface HighlightWorker {
  post(request: HighlightRequest): void;
  close(): void;
}

export interface HighlightWorkerEvents {
  onAnswer(answer: HighlightAnswer): void;
  /** It could not be started, or threw. */
  onFailure(): void;
}

interface ScriptUrlPolicy {
  createScriptURL(url: string): string;
}

interface TrustedTypesFactory {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): ScriptUrlPolicy;
}

/** The one exception of the page's Trusted Types: it lets this one address be a worker's script, and nothing else. */
const POLICY_NAME = "holdfast-highlight-worker";

let policy: ScriptUrlPolicy | undefined;

/** Throws where the browser refuses workers. */
export function openHighlightWorker(events: HighlightWorkerEvents): HighlightWorker {
  policy ??= createPolicy();
  const worker = new Worker(policy.createScriptURL(workerUrl), { type: "module", name: "highlight" });
  worker.addEventListener("message", (event: MessageEvent<HighlightAnswer>) => events.onAnswer(event.data));
  worker.addEventListener("error", () => events.onFailure());
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin to name
    post: (request) => worker.postMessage(request),
    close: () => worker.terminate(),
  };
}

function createPolicy(): ScriptUrlPolicy {
  const createScriptURL = (url: string): string => {
    if (url !== workerUrl) throw new TypeError(`${url} is not the address of the highlighter.`);
    return url;
  };
  const factory = (globalThis as { trustedTypes?: TrustedTypesFactory }).trustedTypes;
  // Safari before 26 and Firefox before 148 have none, and want the text itself.
  return factory?.createPolicy(POLICY_NAME, { createScriptURL }) ?? { createScriptURL };
}
