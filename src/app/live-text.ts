import type { SessionId, TurnId } from "../protocol/ids.ts";
import type { StreamingCore } from "../streaming/core-types.ts";
import type { Disposer } from "../streaming/ports.ts";
import type { Frames } from "./environment.ts";

/** How text reaches the page: a follower per shown part, woken at most once a frame, past signals and components. */
export interface LiveText {
  /** Calls `run` in the next frame after the part has grown. */
  follow(session: SessionId, turn: TurnId, part: string, run: () => void): Disposer;
  dispose(): void;
}

export function createLiveText(core: Pick<StreamingCore, "subscribe">, frames: Frames): LiveText {
  const followers = new Map<string, Set<() => void>>();
  const keyOf = (session: SessionId, turn: TurnId, part: string): string => `${session}/${turn}/${part}`;
  const dispose = core.subscribe((change) => {
    if (change.kind !== "grown") return;
    const runs = followers.get(keyOf(change.session, change.turn, change.part));
    for (const run of runs ?? []) frames.schedule(run, run);
  });
  return {
    follow(session, turn, part, run) {
      const key = keyOf(session, turn, part);
      const runs = followers.get(key) ?? new Set();
      runs.add(run);
      followers.set(key, runs);
      return () => {
        runs.delete(run);
        if (runs.size === 0 && followers.get(key) === runs) followers.delete(key);
        // A frame may be due for it already; an empty one takes its place.
        frames.schedule(run, () => undefined);
      };
    },
    dispose,
  };
}
