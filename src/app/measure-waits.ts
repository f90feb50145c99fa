import type { SessionId, TurnId } from "../protocol/ids.ts";
import { MEASURE_NAMES } from "../streaming/measures.ts";
import type { CoreChange } from "../streaming/ports.ts";
import type { AppContext } from "./app-context.ts";

/** What a person waits for, measured from the deed to the page. Without a measure in the environment it does nothing. */
export interface WaitMeasures {
  /** Another session is to be shown: measured until a frame with what is known of it has been painted. */
  switching(sid: SessionId): void;
  /** A message leaves: measured until the first text of its answer. */
  sent(turn: TurnId): void;
  dispose(): void;
}

/** Messages whose answer is waited for at once; one that is never answered must not be waited for ever. */
const MAX_WAITING = 20;

export function createWaitMeasures({ environment, engine }: AppContext): WaitMeasures {
  const { measures, frames, ports } = environment;
  const { core } = engine;
  if (measures === undefined)
    return { switching: () => undefined, sent: () => undefined, dispose: () => undefined };

  const waiting = new Map<TurnId, number>();
  let switching: { readonly session: SessionId; readonly startMs: number } | undefined;

  function paintedSoon(sid: SessionId): void {
    const current = switching;
    const source = core.view(sid)?.source ?? "loading";
    if (current?.session !== sid || source === "loading") return;
    switching = undefined;
    frames.schedule(paintedSoon, () => {
      // The frame is painted when its task is over.
      ports.clock.setTimer(0, () => measures?.note(MEASURE_NAMES.switch, current.startMs, { source }));
    });
  }

  function onChange(change: CoreChange): void {
    if (change.kind === "conversation") paintedSoon(change.session);
    if (change.kind === "ended") waiting.delete(change.turn);
    if (change.kind !== "grown" || waiting.size === 0) return;
    const startMs = waiting.get(change.turn);
    if (startMs === undefined) return;
    waiting.delete(change.turn);
    measures?.note(MEASURE_NAMES.firstToken, startMs, { turn: change.turn });
  }

  const dispose = core.subscribe(onChange);
  return {
    switching(sid) {
      switching = ports.page.isHidden() ? undefined : { session: sid, startMs: measures.now() };
      paintedSoon(sid);
    },
    sent(turn) {
      waiting.set(turn, measures.now());
      const oldest = waiting.keys().next();
      if (waiting.size > MAX_WAITING && !oldest.done) waiting.delete(oldest.value);
    },
    dispose,
  };
}
