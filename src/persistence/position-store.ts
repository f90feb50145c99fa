import * as v from "valibot";
import type { SessionId } from "../protocol/ids.ts";
import { parseJson } from "../protocol/parse.ts";
import type { Clock, Disposer, Page } from "../streaming/ports.ts";
import { localKeys } from "./keys.ts";
import type { LocalText } from "./local-text.ts";

const PositionSchema = v.variant("kind", [
  v.object({ kind: v.literal("end") }),
  v.object({ kind: v.literal("row"), row: v.string(), offsetPx: v.number() }),
]);
const PositionsSchema = v.array(v.tuple([v.string(), PositionSchema]));

/** Where a session was left: at its end, or with a row at an offset. */
export type StoredPosition = v.InferOutput<typeof PositionSchema>;

/** Sessions remembered; the one left the longest ago goes first. */
const MAX_POSITIONS = 200;
/** A scroll tells of itself sixty times a second; storage is synchronous. Unit: ms. */
const WRITE_DELAY_MS = 300;

export interface PositionStore {
  read(sid: SessionId): StoredPosition | undefined;
  /** Remembered at once, kept soon, and at the latest when the page goes. */
  write(sid: SessionId, position: StoredPosition): void;
  dispose(): void;
}

/** Kept in this tab alone, reloads included (sessionStorage): two tabs read in two places. What is broken is as good as nothing. */
export function createPositionStore(ports: {
  readonly text: LocalText;
  readonly clock: Clock;
  readonly page: Page;
}): PositionStore {
  const { text, clock, page } = ports;
  const key = localKeys.positions;
  let positions: Map<string, StoredPosition> | undefined;
  let stopTimer: Disposer | undefined;

  function all(): Map<string, StoredPosition> {
    if (positions !== undefined) return positions;
    const stored = text.get(key);
    const parsed = stored === undefined ? undefined : parseJson(PositionsSchema, stored);
    positions = new Map(parsed?.ok === true ? parsed.value : []);
    return positions;
  }

  function flush(): void {
    if (stopTimer === undefined) return;
    stopTimer();
    stopTimer = undefined;
    text.set(key, JSON.stringify([...all()]));
  }

  const unsubscribe = page.subscribe((event) => {
    if (event === "hidden" || event === "pagehide" || event === "freeze") flush();
  });

  return {
    read: (sid) => all().get(sid),
    write(sid, position) {
      const known = all();
      known.delete(sid);
      known.set(sid, position);
      const oldest = known.keys().next();
      if (known.size > MAX_POSITIONS && !oldest.done) known.delete(oldest.value);
      stopTimer ??= clock.setTimer(WRITE_DELAY_MS, flush);
    },
    dispose() {
      unsubscribe();
      flush();
    },
  };
}
