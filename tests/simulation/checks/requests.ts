import type { SessionId } from "../../../src/protocol/ids.ts";
import type { Life } from "../world/tab.ts";

/**
 * S5: while hidden, offline or signed out, no stream is opened and nothing is polled. What a person sends, and
 * what he scrolls or jumps to, is his own doing; whether he is signed in may be asked.
 */
export function requestComplaint(life: Life, method: string, url: string): string | undefined {
  if (method !== "GET" && method !== "STREAM") return undefined;
  // A page that is named by a turn: nothing but a reader asks for one.
  if (/^\/api\/sessions\/[^/]+\?(?:.*&)?(?:before|from)=/.test(url)) return undefined;
  const what = method === "STREAM" ? `opened the stream ${url}` : `asked for ${url}`;
  if (life.page.facts.isHidden) return `${what} while hidden`;
  if (!life.page.facts.isOnline && life.page.wasToldOffline) return `${what} while offline`;
  const isAboutSignIn = url.startsWith("/api/health") || url.startsWith("/api/agents");
  if (!isAboutSignIn && life.app.state.connection.isSignedOut.peek()) return `${what} while signed out`;
  return undefined;
}

/** A stream is asked for from where the page is: not from the beginning, not from where it once was. */
export function cursorComplaint(life: Life, method: string, url: string): string | undefined {
  if (method !== "STREAM") return undefined;
  const address = new URL(url, "http://holdfast");
  const session = (address.pathname.split("/")[3] ?? "") as SessionId;
  const cursor = life.core.view(session)?.cursor;
  const held = cursor === undefined ? undefined : `${cursor.epoch}.${cursor.seq}`;
  const asked = address.searchParams.get("after") ?? undefined;
  if (held === asked) return undefined;
  return `opens a stream of ${session} from ${asked ?? "the beginning"}, being at ${held ?? "the beginning"}`;
}
