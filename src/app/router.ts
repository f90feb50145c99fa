import { SessionIdSchema, type SessionId } from "../protocol/ids.ts";
import { parse } from "../protocol/parse.ts";
import { sessionPagePath } from "../protocol/routes.ts";
import type { Route } from "../state/shell-state.ts";

const SESSION_PATH = /^\/s\/([^/]+)\/?$/;

/** The page that a path names: `/` or `/s/<sessionId>`. */
export function parseRoute(path: string): Route {
  if (path === "/" || path === "/index.html") return { kind: "new" };
  const named = SESSION_PATH.exec(path)?.[1];
  const sid = parse(SessionIdSchema, named?.toLowerCase());
  return sid.ok ? { kind: "session", session: sid.value } : { kind: "unknown", path };
}

export function routePath(sid: SessionId | undefined): string {
  return sid === undefined ? "/" : sessionPagePath(sid);
}
