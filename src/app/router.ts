import { SessionIdSchema, TurnIdSchema, type SessionId, type TurnId } from "../protocol/ids.ts";
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

/** The turn that the rest of an address names: `#t=<turnId>` or `?turn=<turnId>`. */
export function parseTurn(target: string): TurnId | undefined {
  const named = /(?:#|[#&?]|^)(?:t|turn)=([^&#]+)/.exec(target)?.[1];
  const turn = parse(TurnIdSchema, named?.toLowerCase());
  return turn.ok ? turn.value : undefined;
}

export function routePath(sid: SessionId | undefined): string {
  return sid === undefined ? "/" : sessionPagePath(sid);
}
