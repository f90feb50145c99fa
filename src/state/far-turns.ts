import type { TurnState } from "../protocol/conversation.ts";

/**
 * Turns far up, loaded around the target of a jump without what lies between:
 *
 *   far turns (ended, contiguous) │ gap: on the server │ what the core holds, to the end
 *
 * For the eye only. The core, its cursor and what is kept on disk know nothing of them until the two have met; then they
 * are the core's own.
 */
export interface FarTurns {
  /** In order, never empty. */
  readonly turns: readonly TurnState[];
  /** Whether the server has turns before the first of these. */
  readonly hasMore: boolean;
  /** Whether turns are missing between these and what the core holds. */
  readonly hasGap: boolean;
}
