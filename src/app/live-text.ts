import type { SessionId, TurnId } from "../protocol/ids.ts";
import type { StreamingCore } from "../streaming/core-types.ts";
import type { Disposer } from "../streaming/ports.ts";
import type { Frames, TextWork } from "./environment.ts";

/** How text reaches the page: a follower per shown part, woken at most once a frame, past signals and components. */
export interface LiveText {
  /** Calls `work` before the next paint, and in the frames after the part has grown. */
  follow(session: SessionId, turn: TurnId, part: string, work: TextWork): TextFollower;
  dispose(): void;
}

export interface TextFollower {
  /** Calls the work before the next paint though nothing has grown. */
  wake(): void;
  /** Idempotent. */
  dispose: Disposer;
}

export function createLiveText(core: Pick<StreamingCore, "subscribe">, frames: Frames): LiveText {
  const followers = new Map<string, Set<TextWork>>();
  const keyOf = (session: SessionId, turn: TurnId, part: string): string => `${session}/${turn}/${part}`;
  const dispose = core.subscribe((change) => {
    if (change.kind !== "grown") return;
    const works = followers.get(keyOf(change.session, change.turn, change.part));
    for (const work of works ?? []) frames.write(work, work, "frame");
  });
  return {
    follow(session, turn, part, work) {
      const key = keyOf(session, turn, part);
      const works = followers.get(key) ?? new Set();
      works.add(work);
      followers.set(key, works);
      // Of one key and one work every disposer is as good as the last.
      const takeBack = frames.write(work, work, "soon");
      return {
        wake() {
          if (works.has(work)) frames.write(work, work, "soon");
        },
        dispose() {
          works.delete(work);
          if (works.size === 0 && followers.get(key) === works) followers.delete(key);
          takeBack();
        },
      };
    },
    dispose,
  };
}
