import { formatCursor, type Cursor } from "./cursor.ts";
import type { ApprovalId, SessionId, TurnId } from "./ids.ts";
import type { PageRequest } from "./snapshot.ts";

/** Every path of the API, relative to the origin, written once. */
export const API_PREFIX = "/api";

const session = (sid: SessionId): string => `${API_PREFIX}/sessions/${sid}`;

function withQuery(path: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const pairs = Object.entries(query)
    .filter((pair) => pair[1] !== undefined)
    .map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`);
  return pairs.length === 0 ? path : `${path}?${pairs.join("&")}`;
}

export const routes = {
  health: () => `${API_PREFIX}/health`,
  agents: () => `${API_PREFIX}/agents`,
  signIn: () => `${API_PREFIX}/sign-in`,
  signOut: () => `${API_PREFIX}/sign-out`,
  sessions: (page: { readonly limit?: number; readonly before?: SessionId } = {}) =>
    withQuery(`${API_PREFIX}/sessions`, { limit: page.limit, before: page.before }),
  session,
  snapshot: (sid: SessionId, page: PageRequest = {}) =>
    withQuery(session(sid), { turns: page.turns, before: page.before, from: page.from }),
  events: (sid: SessionId, after: Cursor | undefined, limit?: number) =>
    withQuery(`${session(sid)}/events`, { after: after && formatCursor(after), limit }),
  search: (
    sid: SessionId,
    search: { readonly q: string; readonly before?: TurnId; readonly limit?: number },
  ) => withQuery(`${session(sid)}/search`, { q: search.q, before: search.before, limit: search.limit }),
  stream: (sid: SessionId, after: Cursor | undefined) =>
    withQuery(`${session(sid)}/stream`, { after: after && formatCursor(after) }),
  turns: (sid: SessionId) => `${session(sid)}/turns`,
  turn: (sid: SessionId, tid: TurnId) => `${session(sid)}/turns/${tid}`,
  stopTurn: (sid: SessionId, tid: TurnId) => `${session(sid)}/turns/${tid}/stop`,
  approval: (sid: SessionId, aid: ApprovalId) => `${session(sid)}/approvals/${encodeURIComponent(aid)}`,
} as const;

/** The page of a session in the app. */
export function sessionPagePath(sid: SessionId): string {
  return `/s/${sid}`;
}
