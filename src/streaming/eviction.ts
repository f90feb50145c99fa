import type { SessionId } from "../protocol/ids.ts";
import type { CoreContext } from "./core-context.ts";
import type { HeldSession } from "./held-session.ts";
import type { TranscriptCache } from "./transcript-cache.ts";

/** Takes what the cache has no room for out of memory, each session once it is on disk (S8). Waits for nothing. */
export function createEviction(
  context: Pick<CoreContext, "sessions" | "saves" | "viewed">,
  cache: TranscriptCache,
  drop: (held: HeldSession) => void,
): () => void {
  async function evictOne(sid: SessionId): Promise<void> {
    await context.saves.saveNow(sid);
    const held = context.sessions.get(sid);
    // Viewed again while it was being written: then it stays.
    if (held === undefined || context.viewed === sid || !cache.has(sid)) return;
    cache.enter(sid);
    drop(held);
  }

  return () => {
    for (const sid of cache.overflow()) void evictOne(sid);
  };
}
