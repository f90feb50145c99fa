import type { SessionId } from "../protocol/ids.ts";
import type { HeldSession } from "./held-session.ts";
import type { InflightRegistry } from "./inflight.ts";
import type { Measures } from "./measures.ts";
import type { CoreChange, StreamingPorts } from "./ports.ts";
import type { SaveScheduler } from "./save-scheduler.ts";

/** What the parts of one core share. One per tab: a simulation runs several in one process. */
export interface CoreContext {
  readonly ports: StreamingPorts;
  /** Everything held in memory: the viewed session and the cache. */
  readonly sessions: Map<SessionId, HeldSession>;
  readonly INFLIGHT: InflightRegistry;
  readonly saves: SaveScheduler;
  readonly measures: Measures;
  /** The session being viewed, and the generation of the load that made it so (S6). */
  viewed: SessionId | undefined;
  generation: number;
  isSignedOut: boolean;
  emit(change: CoreChange): void;
}
