import { fromTurnSnapshot } from "../protocol/conversation-snapshot.ts";
import type { TurnState } from "../protocol/conversation.ts";
import type { Cursor } from "../protocol/cursor.ts";
import type { Epoch, SessionId, TurnId } from "../protocol/ids.ts";
import type { PageRequest, PageStart, TurnSnapshot } from "../protocol/snapshot.ts";
import type { FarTurns } from "../state/far-turns.ts";
import type { Disposer, SessionView } from "../streaming/ports.ts";
import type { AppContext } from "./app-context.ts";
import { FAR_PAGE_TURNS, FAR_WAIT_MS } from "./delays-and-limits.ts";
import { failureWords } from "./failure-words.ts";

/** What came of asking for a page. */
export type FarOutcome =
  | { readonly kind: "loaded" }
  /** The server knows no such turn. */
  | { readonly kind: "absent" }
  /** Not to be had in this way: an older server, another log, or something else took its place. */
  | { readonly kind: "none" }
  | { readonly kind: "failed"; readonly why: string };

/** Pages of turns apart from those that the core holds, of the session that is viewed. */
export interface FarPages {
  /** What is to be shown before what the core holds. Where the two have met the core takes it over, and there is none. */
  current(sid: SessionId): FarTurns | undefined;
  /** A page from a turn on, in the place of the far turns before it. */
  load(sid: SessionId, from: PageStart): Promise<FarOutcome>;
  /** One page more at either end. */
  grow(sid: SessionId, end: "earlier" | "later", turns: number): Promise<FarOutcome>;
}

interface Held {
  readonly session: SessionId;
  readonly epoch: Epoch;
  readonly turns: readonly TurnState[];
  readonly hasMore: boolean;
  /** The turn after the last one, where it is one that the core holds. */
  readonly meets: TurnId | undefined;
}

const NONE: FarOutcome = { kind: "none" };

export function createFarPages(context: AppContext): FarPages {
  const { core } = context.engine;
  const { api, clock } = context.environment.ports;
  let far: Held | undefined;

  /**
   * A page, once the core has come as far as the page: what it does not hold by then stands before all that it holds, for
   * it holds the newest turns and all unfinished ones, and what has ended before them never moves (PROTOCOL P2.48).
   */
  async function ask(sid: SessionId, page: PageRequest): Promise<FarOutcome | Page> {
    const answer = await api.snapshot(sid, page);
    if (!answer.ok) {
      const { error } = answer;
      return error.kind === "problem" && error.problem.code === "turn-not-found"
        ? { kind: "absent" }
        : { kind: "failed", why: failureWords(error) };
    }
    const { cursor, turns, hasMore, hasLater } = answer.value;
    // PX.20: an older server knows no `from` and answers with the newest turns.
    if (page.from !== undefined && hasLater === undefined) return NONE;
    return (await untilCaughtUp(sid, cursor)) ? { kind: "page", epoch: cursor.epoch, turns, hasMore } : NONE;
  }

  function untilCaughtUp(sid: SessionId, cursor: Cursor): Promise<boolean> {
    const hasCaughtUp = (): boolean => {
      const own = core.view(sid)?.cursor;
      return own !== undefined && own.epoch === cursor.epoch && own.seq >= cursor.seq;
    };
    if (hasCaughtUp()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const disposers: Disposer[] = [];
      const end = (has: boolean): void => {
        for (const dispose of disposers) dispose();
        resolve(has);
      };
      disposers.push(
        core.subscribe(() => {
          if (hasCaughtUp()) end(true);
        }),
        clock.setTimer(FAR_WAIT_MS, () => end(false)),
      );
    });
  }

  /** The turns of a page up to the first that the core holds. */
  function takeNew(
    view: SessionView,
    page: readonly TurnSnapshot[],
  ): { readonly turns: readonly TurnState[]; readonly meets: TurnId | undefined } {
    const held = new Set<TurnId>([...view.earlier.map((turn) => turn.id), ...view.conversation.turns.keys()]);
    const at = page.findIndex((turn) => held.has(turn.id) || turn.status !== "ended");
    const fresh = at < 0 ? page : page.slice(0, at);
    return { turns: fresh.map((turn) => fromTurnSnapshot(turn)), meets: page[at]?.id };
  }

  return {
    current(sid) {
      const view = core.view(sid);
      if (far === undefined || view === undefined) return undefined;
      // Another incarnation of the log vouches for nothing of this one.
      if (far.session !== sid || far.epoch !== view.cursor?.epoch) {
        far = undefined;
        return undefined;
      }
      const first = firstOf(view);
      const at = far.turns.findIndex((turn) => turn.id === first);
      // Pages of the core's own have reached into it.
      if (at >= 0) far = { ...far, turns: far.turns.slice(0, at), meets: first };
      const { epoch, turns, hasMore, meets } = far;
      const hasMet = meets !== undefined && meets === first;
      if (turns.length === 0 || (hasMet && core.joinEarlier(sid, { epoch, before: meets, turns, hasMore }))) {
        far = undefined;
        return undefined;
      }
      return { turns, hasMore, hasGap: !hasMet };
    },
    async load(sid, from) {
      const page = await ask(sid, { from, turns: FAR_PAGE_TURNS });
      const view = core.view(sid);
      if (page.kind !== "page") return page;
      if (view === undefined || core.viewed() !== sid) return NONE;
      far = { session: sid, epoch: page.epoch, hasMore: page.hasMore, ...takeNew(view, page.turns) };
      return { kind: "loaded" };
    },
    async grow(sid, end, turns) {
      const own = far;
      const edge = end === "earlier" ? own?.turns[0] : own?.turns.at(-1);
      if (own === undefined || edge === undefined || own.session !== sid) return NONE;
      // The page begins with the turn that is there already.
      const request = end === "earlier" ? { before: edge.id, turns } : { from: edge.id, turns: turns + 1 };
      const page = await ask(sid, request);
      const view = core.view(sid);
      if (page.kind !== "page") return page;
      if (view === undefined || far !== own || page.epoch !== own.epoch) return NONE;
      if (end === "earlier") {
        const before = page.turns.filter((turn) => turn.status === "ended").map(fromTurnSnapshot);
        far = { ...own, turns: [...before, ...own.turns], hasMore: page.hasMore };
      } else {
        const { turns: after, meets } = takeNew(view, page.turns.slice(1));
        far = { ...own, turns: [...own.turns, ...after], meets };
      }
      return { kind: "loaded" };
    },
  };
}

interface Page {
  readonly kind: "page";
  readonly epoch: Epoch;
  readonly turns: readonly TurnSnapshot[];
  readonly hasMore: boolean;
}

function firstOf(view: SessionView): TurnId | undefined {
  return view.earlier[0]?.id ?? view.conversation.turns.keys().next().value;
}
