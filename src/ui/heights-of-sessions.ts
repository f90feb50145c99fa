import type { SessionId } from "../protocol/ids.ts";
import { GroupHeights } from "./group-heights.ts";

/** As many as a person goes to and fro between; of each, a number for two turns. */
const MAX_SESSIONS = 16;

/** What was measured in the sessions that were seen last: who comes back is shown just what fills the screen. */
export class HeightsOfSessions {
  // A Map keeps the order of insertion: the first was asked for the longest ago.
  #known = new Map<SessionId, GroupHeights>();

  /** The same as before, where it is still kept. */
  of(session: SessionId): GroupHeights {
    const heights = this.#known.get(session) ?? new GroupHeights();
    this.#known.delete(session);
    this.#known.set(session, heights);
    for (const [oldest] of this.#known) {
      if (this.#known.size <= MAX_SESSIONS) break;
      this.#known.delete(oldest);
    }
    return heights;
  }
}
