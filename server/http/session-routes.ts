import { SessionIdSchema, TurnIdSchema } from "../../src/protocol/ids.ts";
import {
  MAX_EVENTS_LIMIT,
  MAX_SEARCH_LIMIT,
  MAX_SESSIONS_LIMIT,
  MAX_SNAPSHOT_TURNS,
} from "../../src/protocol/limits.ts";
import { CreateSessionSchema, UpdateSessionSchema } from "../../src/protocol/requests.ts";
import { PageStartSchema } from "../../src/protocol/snapshot.ts";
import { SearchQuerySchema } from "../../src/protocol/text-search.ts";
import type { ApiOptions, ApiRoute } from "./api-app.ts";
import { answerJson, answerProblem, isFresh, weakTag } from "./json-answer.ts";
import { withSession } from "./path-ids.ts";
import { bodyOf, queryCount, queryId, queryText } from "./request-input.ts";

/** The list of sessions, and each as a whole. */
export function sessionRoutes({ backend, limits, incarnation }: ApiOptions): readonly ApiRoute[] {
  const maxBytes = limits.maxBodyBytes;
  return [
    {
      method: "GET",
      path: "/sessions",
      async answer(context) {
        const limit = queryCount(context, "limit", MAX_SESSIONS_LIMIT);
        if (!limit.ok) return answerProblem(context, limit.error);
        const before = queryId(context, "before", SessionIdSchema);
        if (!before.ok) return answerProblem(context, before.error);
        const { version, ...list } = backend.listSessions({ limit: limit.value, before: before.value });
        const etag = weakTag(incarnation, version);
        if (isFresh(context, etag))
          return context.body(null, 304, { etag, "cache-control": "private, no-cache" });
        return answerJson(context, list, { ...limits, etag });
      },
    },
    {
      method: "PUT",
      path: "/sessions/:sid",
      answer: withSession(async (context, sid) => {
        const body = await bodyOf(context, CreateSessionSchema, maxBytes);
        if (!body.ok) return answerProblem(context, body.error);
        const done = await backend.createSession(sid, body.value);
        if (!done.ok) return answerProblem(context, done.error);
        return answerJson(context, done.value.session, { ...limits, status: done.value.created ? 201 : 200 });
      }),
    },
    {
      method: "PATCH",
      path: "/sessions/:sid",
      answer: withSession(async (context, sid) => {
        const body = await bodyOf(context, UpdateSessionSchema, maxBytes);
        if (!body.ok) return answerProblem(context, body.error);
        const done = await backend.updateSession(sid, body.value);
        return done.ok ? answerJson(context, done.value, limits) : answerProblem(context, done.error);
      }),
    },
    {
      method: "DELETE",
      path: "/sessions/:sid",
      answer: withSession(async (context, sid) => {
        const done = await backend.deleteSession(sid);
        return done.ok ? context.body(null, 204) : answerProblem(context, done.error);
      }),
    },
    {
      method: "GET",
      path: "/sessions/:sid",
      answer: withSession(async (context, sid) => {
        const turns = queryCount(context, "turns", MAX_SNAPSHOT_TURNS);
        if (!turns.ok) return answerProblem(context, turns.error);
        const before = queryId(context, "before", TurnIdSchema);
        if (!before.ok) return answerProblem(context, before.error);
        const from = queryId(context, "from", PageStartSchema);
        if (!from.ok) return answerProblem(context, from.error);
        // Taken before the snapshot is: a tag may be older than what it stands for, never newer.
        const version = backend.snapshotVersion(sid);
        if (!version.ok) return answerProblem(context, version.error);
        const etag = weakTag(incarnation, version.value);
        if (isFresh(context, etag))
          return context.body(null, 304, { etag, "cache-control": "private, no-cache" });
        const page = { turns: turns.value, before: before.value, from: from.value };
        const done = await backend.snapshot(sid, page);
        return done.ok
          ? answerJson(context, done.value, { ...limits, etag })
          : answerProblem(context, done.error);
      }),
    },
    {
      method: "GET",
      path: "/sessions/:sid/events",
      answer: withSession(async (context, sid) => {
        const limit = queryCount(context, "limit", MAX_EVENTS_LIMIT);
        if (!limit.ok) return answerProblem(context, limit.error);
        const done = await backend.events(sid, {
          after: context.req.query("after"),
          limit: limit.value,
        });
        return done.ok ? answerJson(context, done.value, limits) : answerProblem(context, done.error);
      }),
    },
    {
      method: "GET",
      path: "/sessions/:sid/search",
      answer: withSession(async (context, sid) => {
        const query = queryText(context, "q", SearchQuerySchema);
        if (!query.ok) return answerProblem(context, query.error);
        const limit = queryCount(context, "limit", MAX_SEARCH_LIMIT);
        if (!limit.ok) return answerProblem(context, limit.error);
        const before = queryId(context, "before", TurnIdSchema);
        if (!before.ok) return answerProblem(context, before.error);
        const request = { query: query.value, before: before.value, limit: limit.value };
        const done = await backend.search(sid, request);
        return done.ok ? answerJson(context, done.value, limits) : answerProblem(context, done.error);
      }),
    },
  ];
}
