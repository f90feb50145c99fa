import type * as v from "valibot";
import type { Backend, StreamSubscription } from "../backend/backend-types.ts";
import {
  ApprovalIdSchema,
  SessionIdSchema,
  TurnIdSchema,
  type SessionId,
  type TurnId,
} from "../protocol/ids.ts";
import {
  MAX_EVENTS_LIMIT,
  MAX_SEARCH_LIMIT,
  MAX_SESSIONS_LIMIT,
  MAX_SNAPSHOT_TURNS,
} from "../protocol/limits.ts";
import { problem, type Problem } from "../protocol/problems.ts";
import {
  CreateSessionSchema,
  EditTurnSchema,
  ResolveApprovalSchema,
  SendTurnSchema,
  UpdateSessionSchema,
} from "../protocol/requests.ts";
import type { Result } from "../protocol/result.ts";
import { API_PREFIX } from "../protocol/routes.ts";
import { PageStartSchema } from "../protocol/snapshot.ts";
import { controlMessage } from "../protocol/sse.ts";
import { SearchQuerySchema } from "../protocol/text-search.ts";
import { PROTOCOL_VERSION, SERVER_NAME } from "../protocol/version.ts";
import type { MockFetch } from "./mock-fetch.ts";
import { readBody, readCount, readId, readOptionalId } from "./request-input.ts";
import { conditional, emptyResponse, jsonResponse, problemResponse } from "./responses.ts";
import { streamResponse } from "./stream-response.ts";

/** What an endpoint sees of a request. */
interface Call {
  readonly request: Request;
  readonly query: URLSearchParams;
  /** The variable pieces of the path, decoded, in order. */
  readonly names: readonly string[];
}

interface Endpoint {
  readonly method: string;
  /** Pieces after `/api`; `:` stands for a variable one. */
  readonly path: readonly string[];
  readonly answer: (call: Call) => Promise<Response>;
}

/**
 * Every endpoint of PROTOCOL §2 over `backend`. The same function serves MSW in the browser and the
 * conformance suite in Node. There is no password in the mock: signing in is always right,
 * signing out ends the open streams with `bye`.
 */
export function createMockFetch(backend: Backend, version = "mock"): MockFetch {
  const openStreams = new Set<StreamSubscription>();
  const endpoints = createEndpoints(backend, version, openStreams);
  return async (request) => {
    const url = new URL(request.url);
    const pieces = readPath(url.pathname);
    if (pieces === undefined) return problemResponse(problem("not-found", "There is no such address."));
    const matches = endpoints.filter((endpoint) => fits(endpoint.path, pieces));
    const endpoint = matches.find((candidate) => candidate.method === request.method);
    if (endpoint === undefined) {
      if (matches.length === 0) return problemResponse(problem("not-found", "There is no such address."));
      const allow = matches.map((candidate) => candidate.method).join(", ");
      return problemResponse(problem("method-not-allowed", `This address takes ${allow}.`), { allow });
    }
    const names = pieces.filter((_, index) => endpoint.path[index] === ":");
    try {
      return await endpoint.answer({ request, query: url.searchParams, names });
    } catch (error) {
      // A bug of the backend's or the mock's: said aloud where a developer looks, in words on the wire.
      queueMicrotask(() => {
        throw error;
      });
      return problemResponse(problem("internal", "The mock failed. Its error is in the console."));
    }
  };
}

function createEndpoints(
  backend: Backend,
  version: string,
  openStreams: Set<StreamSubscription>,
): readonly Endpoint[] {
  const health = { name: SERVER_NAME, version, protocol: PROTOCOL_VERSION, auth: "none" };
  return [
    on("GET", "health", () => Promise.resolve(jsonResponse(health))),
    on("GET", "agents", async () => jsonResponse(await backend.agents())),
    on("POST", "sign-in", () => Promise.resolve(emptyResponse())),
    on("POST", "sign-out", () => {
      for (const stream of openStreams) stream.end({ reason: "signed-out" });
      return Promise.resolve(emptyResponse());
    }),
    on("GET", "sessions", async ({ request, query }) => {
      const limit = readCount(query, "limit", MAX_SESSIONS_LIMIT);
      if (!limit.ok) return problemResponse(limit.error);
      const before = readOptionalId(SessionIdSchema, "before", query);
      if (!before.ok) return problemResponse(before.error);
      const { version: tag, ...list } = backend.listSessions({ limit: limit.value, before: before.value });
      return conditional(request, tag, () => jsonResponse(list));
    }),
    on("PUT", "sessions/:", (call) =>
      withSession(call, (sid) =>
        withBody(call, CreateSessionSchema, async (body) =>
          answer(await backend.createSession(sid, body), ({ session, created }) =>
            jsonResponse(session, created ? 201 : 200),
          ),
        ),
      ),
    ),
    on("PATCH", "sessions/:", (call) =>
      withSession(call, (sid) =>
        withBody(call, UpdateSessionSchema, async (body) =>
          answer(await backend.updateSession(sid, body), (session) => jsonResponse(session)),
        ),
      ),
    ),
    on("DELETE", "sessions/:", (call) =>
      withSession(call, async (sid) => answer(await backend.deleteSession(sid), () => emptyResponse())),
    ),
    on("GET", "sessions/:", (call) =>
      withSession(call, async (sid) => {
        const turns = readCount(call.query, "turns", MAX_SNAPSHOT_TURNS);
        if (!turns.ok) return problemResponse(turns.error);
        const before = readOptionalId(TurnIdSchema, "before", call.query);
        if (!before.ok) return problemResponse(before.error);
        const from = readOptionalId(PageStartSchema, "from", call.query);
        if (!from.ok) return problemResponse(from.error);
        // Asked for before the snapshot is read: an older tag costs one more request, a newer one would hide news.
        const tag = backend.snapshotVersion(sid);
        if (!tag.ok) return problemResponse(tag.error);
        return conditional(call.request, tag.value, async () =>
          answer(
            await backend.snapshot(sid, { turns: turns.value, before: before.value, from: from.value }),
            (snapshot) => jsonResponse(snapshot),
          ),
        );
      }),
    ),
    on("GET", "sessions/:/events", (call) =>
      withSession(call, async (sid) => {
        const limit = readCount(call.query, "limit", MAX_EVENTS_LIMIT);
        if (!limit.ok) return problemResponse(limit.error);
        const after = call.query.get("after") ?? undefined;
        return answer(await backend.events(sid, { after, limit: limit.value }), (page) => jsonResponse(page));
      }),
    ),
    on("GET", "sessions/:/search", (call) =>
      withSession(call, async (sid) => {
        const query = readId(SearchQuerySchema, "q", call.query.get("q") ?? "");
        if (!query.ok) return problemResponse(query.error);
        const limit = readCount(call.query, "limit", MAX_SEARCH_LIMIT);
        if (!limit.ok) return problemResponse(limit.error);
        const before = readOptionalId(TurnIdSchema, "before", call.query);
        if (!before.ok) return problemResponse(before.error);
        const request = { query: query.value, before: before.value, limit: limit.value };
        return answer(await backend.search(sid, request), (page) => jsonResponse(page));
      }),
    ),
    on("GET", "sessions/:/stream", (call) => Promise.resolve(openStream(backend, call, openStreams))),
    on("POST", "sessions/:/turns", (call) =>
      withSession(call, (sid) =>
        withBody(call, SendTurnSchema, async (body) =>
          answer(await backend.sendTurn(sid, body), ({ turn, isKnown }) =>
            jsonResponse({ turn }, isKnown ? 200 : 202),
          ),
        ),
      ),
    ),
    on("PATCH", "sessions/:/turns/:", (call) =>
      withTurn(call, (sid, tid) =>
        withBody(call, EditTurnSchema, async (body) =>
          answer(await backend.editTurn(sid, tid, body), () => jsonResponse({ turn: tid })),
        ),
      ),
    ),
    on("DELETE", "sessions/:/turns/:", (call) =>
      withTurn(call, async (sid, tid) => answer(await backend.withdrawTurn(sid, tid), () => emptyResponse())),
    ),
    on("POST", "sessions/:/turns/:/stop", (call) =>
      withTurn(call, async (sid, tid) =>
        answer(await backend.stopTurn(sid, tid), () => jsonResponse({ turn: tid }, 202)),
      ),
    ),
    on("POST", "sessions/:/approvals/:", (call) =>
      withSession(call, async (sid) => {
        const aid = readId(ApprovalIdSchema, "aid", call.names[1] ?? "");
        if (!aid.ok) return problemResponse(aid.error);
        return withBody(call, ResolveApprovalSchema, async (body) =>
          answer(await backend.resolveApproval(sid, aid.value, body), () =>
            jsonResponse({ approval: aid.value, option: body.option }),
          ),
        );
      }),
    ),
  ];
}

function on(method: string, path: string, answer: Endpoint["answer"]): Endpoint {
  return { method, path: path.split("/"), answer };
}

/** The decoded pieces after `/api`; undefined when the path is another's or can't be decoded. */
function readPath(pathname: string): readonly string[] | undefined {
  if (!pathname.startsWith(`${API_PREFIX}/`)) return undefined;
  try {
    return pathname
      .slice(API_PREFIX.length + 1)
      .split("/")
      .map(decodeURIComponent);
  } catch {
    // `%zz`: no address of ours.
    return undefined;
  }
}

function fits(path: readonly string[], pieces: readonly string[]): boolean {
  return (
    path.length === pieces.length && path.every((piece, index) => piece === ":" || piece === pieces[index])
  );
}

function answer<Value>(result: Result<Value, Problem>, respond: (value: Value) => Response): Response {
  return result.ok ? respond(result.value) : problemResponse(result.error);
}

async function withSession(call: Call, respond: (sid: SessionId) => Promise<Response>): Promise<Response> {
  const sid = readId(SessionIdSchema, "sid", call.names[0] ?? "");
  return sid.ok ? respond(sid.value) : problemResponse(sid.error);
}

async function withTurn(
  call: Call,
  respond: (sid: SessionId, tid: TurnId) => Promise<Response>,
): Promise<Response> {
  return withSession(call, async (sid) => {
    const tid = readId(TurnIdSchema, "tid", call.names[1] ?? "");
    return tid.ok ? respond(sid, tid.value) : problemResponse(tid.error);
  });
}

async function withBody<Schema extends v.GenericSchema>(
  call: Call,
  schema: Schema,
  respond: (body: v.InferOutput<Schema>) => Promise<Response>,
): Promise<Response> {
  const body = await readBody(call.request, schema);
  return body.ok ? respond(body.value) : problemResponse(body.error);
}

/** PROTOCOL §3: an `EventSource` can't see a status, so even a bad id is a 200 with one `bye`. */
function openStream(backend: Backend, call: Call, openStreams: Set<StreamSubscription>): Response {
  const sid = readId(SessionIdSchema, "sid", call.names[0] ?? "");
  const { response, subscription } = streamResponse(call.request, (sink) => {
    if (!sid.ok) {
      sink.write(controlMessage({ name: "bye", reason: "not-found" }));
      sink.end();
      return NO_SUBSCRIPTION;
    }
    const start = {
      lastEventId: call.request.headers.get("last-event-id") ?? undefined,
      after: call.query.get("after") ?? undefined,
    };
    return tracked(backend.openStream(sid.value, start, sink), openStreams);
  });
  if (sid.ok) openStreams.add(subscription);
  return response;
}

function tracked(stream: StreamSubscription, openStreams: Set<StreamSubscription>): StreamSubscription {
  const subscription: StreamSubscription = {
    onDrain: () => stream.onDrain(),
    end: (bye) => stream.end(bye),
    delivered: () => stream.delivered(),
    unsubscribe() {
      openStreams.delete(subscription);
      stream.unsubscribe();
    },
  };
  return subscription;
}

const NO_SUBSCRIPTION: StreamSubscription = {
  onDrain: () => undefined,
  unsubscribe: () => undefined,
  end: () => undefined,
  delivered: () => Promise.resolve(),
};
