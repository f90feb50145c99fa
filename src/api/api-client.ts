import { AgentListSchema, HealthSchema } from "../protocol/agents.ts";
import { parseLogPage } from "../protocol/events-page.ts";
import { parseJson, type ParseFailure } from "../protocol/parse.ts";
import { routes } from "../protocol/routes.ts";
import { err, ok, type Result } from "../protocol/result.ts";
import {
  SessionListSchema,
  SessionSummarySchema,
  SnapshotSchema,
  type SessionList,
} from "../protocol/snapshot.ts";
import { SearchPageSchema } from "../protocol/text-search.ts";
import { isCompatibleProtocol, SERVER_NAME } from "../protocol/version.ts";
import type { Api, ApiAnswer, ApiFailure, Clock } from "../streaming/ports.ts";
import { failureOf, isPage, notTheServer } from "./answer-failure.ts";

/** How long a question may take, its body included. Unit: ms. */
export const READ_LIMIT_MS = 10_000;
/** How long something the person sends may take: a phone's uplink is slow. Unit: ms. */
export const SEND_LIMIT_MS = 15_000;

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

interface ApiRequest {
  readonly method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE";
  readonly body?: unknown;
  readonly etag?: string | undefined;
  /** Whether it may reach the server twice: ids make it the same deed. Reads always may. */
  readonly isRepeatable?: true;
}

/** An answer as it came, body read to its end. */
interface RawAnswer {
  readonly status: number;
  readonly mediaType: string;
  readonly etag: string | undefined;
  readonly text: string;
}

type Parser<Value> = (text: string) => Result<Value, ParseFailure>;

const parseHealth = (text: string) => parseJson(HealthSchema, text);
const parseAgents = (text: string) => parseJson(AgentListSchema, text);
const parseList = (text: string) => parseJson(SessionListSchema, text);
const parseSnapshot = (text: string) => parseJson(SnapshotSchema, text);
const parseSearch = (text: string) => parseJson(SearchPageSchema, text);
const parseSummary = (text: string) => parseJson(SessionSummarySchema, text);

/** Requests of the wire (PROTOCOL §2) over `fetch`. Each has a time limit, none retries by itself, none throws. */
export function createApiClient(
  clock: Clock,
  fetch: Fetch = (url, init) => globalThis.fetch(url, init),
): Api {
  /** Of the list as last answered; sent back so that an unchanged list costs nothing. */
  let listEtag: string | undefined;

  /** What has no answer yet and may be asked twice: gives it up and asks once more. */
  const unanswered = new Set<() => void>();

  async function ask(url: string, request: ApiRequest): ApiAnswer<RawAnswer> {
    const limitMs = request.method === "GET" ? READ_LIMIT_MS : SEND_LIMIT_MS;
    let abort = new AbortController();
    let isOver = false;
    let isAskedAgain = false;
    const stopTimer = clock.setTimer(limitMs, () => {
      isOver = true;
      abort.abort();
    });
    const askAgain = (): void => {
      isAskedAgain = true;
      unanswered.delete(askAgain);
      abort.abort();
    };
    if (request.method === "GET" || request.isRepeatable === true) unanswered.add(askAgain);
    try {
      try {
        return ok(await exchange(url, request, abort.signal));
      } catch (error) {
        if (!isAskedAgain || isOver) throw error;
        abort = new AbortController();
        return ok(await exchange(url, request, abort.signal));
      }
    } catch (error) {
      const message = isOver
        ? `The server did not answer within ${limitMs / 1000} s.`
        : `The server can't be reached (${error instanceof Error ? error.message : String(error)}).`;
      return err({ kind: "unreachable", message });
    } finally {
      stopTimer();
      unanswered.delete(askAgain);
    }
  }

  async function exchange(url: string, request: ApiRequest, signal: AbortSignal): Promise<RawAnswer> {
    const response = await fetch(url, {
      method: request.method,
      headers: headersOf(request),
      // A conditional request is ours to make; the browser's own cache would answer 304 as 200.
      cache: "no-store",
      credentials: "same-origin",
      // The API redirects nowhere; a captive portal does.
      redirect: "error",
      keepalive: false,
      signal,
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      mediaType: (response.headers.get("content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "",
      etag: response.headers.get("etag") ?? undefined,
      text,
    };
  }

  function read<Value>(parser: Parser<Value>, answer: RawAnswer): Result<Value, ApiFailure> {
    const failure = failureOf(answer);
    if (failure !== undefined) return err(failure);
    const parsed = parser(answer.text);
    return parsed.ok ? ok(parsed.value) : err(notTheServer(answer, parsed.error));
  }

  async function askFor<Value>(
    parser: Parser<Value>,
    url: string,
    request: ApiRequest = { method: "GET" },
  ): ApiAnswer<Value> {
    const answer = await ask(url, request);
    return answer.ok ? read(parser, answer.value) : answer;
  }

  /** For requests whose answer says nothing but that it was done. */
  async function tell(url: string, request: ApiRequest): ApiAnswer<void> {
    const answer = await ask(url, request);
    if (!answer.ok) return answer;
    const failure = failureOf(answer.value);
    if (failure !== undefined) return err(failure);
    return isPage(answer.value) ? err(notTheServer(answer.value)) : ok(undefined);
  }

  return {
    askAgain() {
      for (const again of unanswered) again();
    },
    async probe() {
      const health = await askFor(parseHealth, routes.health());
      if (!health.ok) return health;
      const { name, protocol, auth } = health.value;
      if (name !== SERVER_NAME) {
        return err({
          kind: "unreachable",
          message: `Something else ("${name.slice(0, 60)}") answers at this address.`,
        });
      }
      if (!isCompatibleProtocol(protocol)) return err({ kind: "update-needed", version: protocol });
      return auth === "signed-out" ? err({ kind: "signed-out" }) : ok(undefined);
    },
    agents: () => askFor(parseAgents, routes.agents()),
    async listSessions(page): ApiAnswer<SessionList | "unchanged"> {
      if (page !== undefined) return askFor(parseList, routes.sessions(page));
      const askedWith = listEtag;
      const answer = await ask(routes.sessions(), { method: "GET", etag: askedWith });
      if (!answer.ok) return answer;
      if (answer.value.status === 304 && askedWith !== undefined) return ok("unchanged");
      const list = read(parseList, answer.value);
      // After a refusal the next list is asked for in full: what was shown may be gone by then.
      listEtag = list.ok ? answer.value.etag : undefined;
      return list;
    },
    snapshot: (sid, page) => askFor(parseSnapshot, routes.snapshot(sid, page)),
    events: (sid, after, limit) => askFor(parseLogPage, routes.events(sid, after, limit)),
    search: (sid, request) => askFor(parseSearch, routes.search(sid, request)),
    createSession: (sid, body) =>
      askFor(parseSummary, routes.session(sid), { method: "PUT", body, isRepeatable: true }),
    updateSession: (sid, body) =>
      askFor(parseSummary, routes.session(sid), { method: "PATCH", body, isRepeatable: true }),
    deleteSession: (sid) => tell(routes.session(sid), { method: "DELETE", isRepeatable: true }),
    sendTurn: (sid, body) => tell(routes.turns(sid), { method: "POST", body, isRepeatable: true }),
    editTurn: (sid, tid, body) => tell(routes.turn(sid, tid), { method: "PATCH", body }),
    withdrawTurn: (sid, tid) => tell(routes.turn(sid, tid), { method: "DELETE" }),
    stopTurn: (sid, tid) => tell(routes.stopTurn(sid, tid), { method: "POST" }),
    resolveApproval: (sid, aid, option) =>
      tell(routes.approval(sid, aid), { method: "POST", body: { option } }),
    signIn: (password) => tell(routes.signIn(), { method: "POST", body: { password } }),
    async signOut() {
      listEtag = undefined;
      return tell(routes.signOut(), { method: "POST" });
    },
  };
}

function headersOf(request: ApiRequest): Record<string, string> {
  return {
    accept: "application/json",
    ...(request.body === undefined ? {} : { "content-type": "application/json" }),
    ...(request.etag === undefined ? {} : { "if-none-match": request.etag }),
  };
}
