import type { SessionId } from "../protocol/ids.ts";
import { MAX_CACHED_CHARS, MAX_CACHED_SESSIONS } from "./delays.ts";

/** Which sessions out of sight stay in memory (S8). Knows sizes, not texts. */
export interface TranscriptCache {
  /** The session is out of sight now, holding `chars` UTF-16 code units. */
  leave(sid: SessionId, chars: number): void;
  /** The session is viewed again, or gone: no longer the cache's concern. */
  enter(sid: SessionId): void;
  has(sid: SessionId): boolean;
  /** The sessions beyond the limits, the longest unseen first. */
  overflow(): readonly SessionId[];
}

export interface CacheLimits {
  readonly maxSessions: number;
  readonly maxChars: number;
}

export function createTranscriptCache(
  limits: CacheLimits = { maxSessions: MAX_CACHED_SESSIONS, maxChars: MAX_CACHED_CHARS },
): TranscriptCache {
  // A Map keeps the order of insertion: the first key is the one left the longest ago.
  const sizes = new Map<SessionId, number>();
  return {
    leave(sid, chars) {
      sizes.delete(sid);
      sizes.set(sid, chars);
    },
    enter(sid) {
      sizes.delete(sid);
    },
    has: (sid) => sizes.has(sid),
    overflow() {
      let chars = 0;
      for (const size of sizes.values()) chars += size;
      let count = sizes.size;
      const out: SessionId[] = [];
      for (const [sid, size] of sizes) {
        if (count <= limits.maxSessions && chars <= limits.maxChars) break;
        out.push(sid);
        count -= 1;
        chars -= size;
      }
      return out;
    },
  };
}
