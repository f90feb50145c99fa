import { effect } from "@preact/signals";
import { TurnIdSchema, type SessionId, type TurnId } from "../protocol/ids.ts";
import { parse } from "../protocol/parse.ts";
import { sessionPagePath } from "../protocol/routes.ts";
import type { PageStart } from "../protocol/snapshot.ts";
import type { EarlierState } from "../state/conversation-state.ts";
import type { EarlierPage } from "../streaming/core-types.ts";
import type { Actions, GapEnd } from "./actions.ts";
import type { AppContext } from "./app-context.ts";
import { EARLIER_PAGE_TURNS, JUMP_PAGE_TURNS } from "./delays-and-limits.ts";
import type { FarOutcome, FarPages } from "./far-pages.ts";
import type { Toast } from "./toast.ts";

type JumpActions = Pick<
  Actions,
  | "loadEarlier"
  | "wantEarlier"
  | "loadBetween"
  | "wantBetween"
  | "jumpToTurn"
  | "jumpToRow"
  | "jumpToStart"
  | "stepBeyond"
  | "moveReader"
  | "cancelJump"
  | "linkTo"
  | "fetchPosition"
>;

export interface TurnJumps extends JumpActions {
  /** The network is back: what failed for want of it is asked for again when it is next wanted. */
  forgetFailure(): void;
}

export interface TurnJumpParts {
  viewed(): SessionId | undefined;
  /** Shows what the core knows by now. */
  refresh(): void;
  readonly toast: Toast;
}

/** What a reader who waits for a jump is told. */
interface JumpProgress {
  readonly loadedTurns: number;
}

/** A jump that waits for turns to be loaded. */
interface PendingJump {
  readonly session: SessionId;
  /** Questions to go on from its target: a key that is pressed meanwhile counts from where the jump will end. */
  steps: number;
}

const IDLE: EarlierState = { kind: "idle" };

const loading = (jump?: JumpProgress): EarlierState => ({
  kind: "loading",
  isJump: jump !== undefined,
  loadedTurns: jump?.loadedTurns ?? 0,
});

const OFFLINE_WORDS =
  "You are offline. Earlier messages are on the server; they can be loaded when it is in reach again.";

const failedWords = (why: string): string => `Earlier messages could not be loaded. ${why}`;

/**
 * Earlier turns, page by page, and jumps to turns that may not be loaded. The target of a jump comes with the turns around
 * it; what lies between is a gap, filled when the reader comes near. Where the server has no such page, or is out of reach,
 * all that lies between is loaded, as far as this browser or the server has it.
 */
export function createTurnJumps(context: AppContext, far: FarPages, parts: TurnJumpParts): TurnJumps {
  const { engine, state } = context;
  const { conversation } = state;
  const { toast } = parts;
  /** A later jump, or another session, takes the place of the one before. */
  let jumps = 0;
  let pending: PendingJump | undefined;
  let paging: { readonly sid: SessionId; readonly page: Promise<boolean> } | undefined;
  let filling: { readonly sid: SessionId; readonly page: Promise<void> } | undefined;

  /** Answers whether there is more to see than before. */
  function loadPage(sid: SessionId, turns: number, jump?: JumpProgress): Promise<boolean> {
    if (paging?.sid === sid) return paging.page;
    const page = askForPage(sid, turns, jump).finally(() => {
      if (paging?.page === page) paging = undefined;
    });
    paging = { sid, page };
    return page;
  }

  async function askForPage(sid: SessionId, turns: number, jump?: JumpProgress): Promise<boolean> {
    conversation.setEarlier(loading(jump));
    // A jump that comes here fills up what the core holds, whatever stands above it.
    const isFar = jump === undefined && far.current(sid) !== undefined;
    const page = isFar ? await far.grow(sid, "earlier", turns) : await engine.core.loadEarlier(sid, turns);
    if (parts.viewed() !== sid) return false;
    conversation.setEarlier(stateAfter(page));
    parts.refresh();
    return page.kind === "loaded";
  }

  function stateAfter(page: EarlierPage | FarOutcome): EarlierState {
    if (page.kind !== "failed") return IDLE;
    return { kind: "failed", why: state.connection.isOffline.peek() ? OFFLINE_WORDS : failedWords(page.why) };
  }

  /** Until what is known of the session stands in the page: at the start that is the disk's or the server's word. */
  function untilShown(sid: SessionId, isEnough: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      let stop: (() => void) | undefined;
      let isOver = false;
      stop = effect(() => {
        const shown = conversation.session.value;
        const source = conversation.source.value;
        void conversation.groups.value;
        if (isOver) return;
        const isElsewhere = shown !== sid && shown !== undefined;
        const isShown = shown === sid && (source === "server" || (source !== "loading" && isEnough()));
        if (!isElsewhere && !isShown && conversation.failure.value === undefined) return;
        isOver = true;
        stop?.();
        resolve();
      });
      // It was over at the first look, before there was anything to stop.
      if (isOver) stop();
    });
  }

  /** Brings a turn in. `absent`: it is nowhere; `over`: something else is wanted by now, or it failed, which is said. */
  async function reach(
    sid: SessionId,
    from: PageStart,
    isThere: () => boolean,
  ): Promise<"there" | "absent" | "over"> {
    jumps += 1;
    const jump = jumps;
    const isOver = (): boolean => jump !== jumps || parts.viewed() !== sid;
    const hasAll = (): boolean => !conversation.hasMore.peek() && conversation.gapAfter.peek() === undefined;
    await untilShown(sid, () => isThere() || !hasAll());
    if (isOver()) return "over";
    if (isThere()) return "there";
    if (hasAll()) return "absent";
    conversation.setEarlier(loading({ loadedTurns: 0 }));
    const page = await far.load(sid, from);
    if (isOver()) return "over";
    parts.refresh();
    if (isThere() || page.kind === "absent") {
      conversation.setEarlier(IDLE);
      return isThere() ? "there" : "absent";
    }
    return loadUntil(sid, isThere, isOver);
  }

  /** Page by page, all that lies between: from what this browser keeps, too. */
  async function loadUntil(
    sid: SessionId,
    isThere: () => boolean,
    isOver: () => boolean,
  ): Promise<"there" | "absent" | "over"> {
    const progress = { loadedTurns: 0 };
    while (!isOver()) {
      if (isThere()) return "there";
      if (engine.core.view(sid)?.hasMore !== true) {
        conversation.setEarlier(IDLE);
        return "absent";
      }
      // Failed, or another log took this one's place: asked again at once it would be the same.
      if (!(await loadPage(sid, JUMP_PAGE_TURNS, progress))) return "over";
      progress.loadedTurns += JUMP_PAGE_TURNS;
    }
    return "over";
  }

  async function loadEarlier(): Promise<void> {
    const sid = parts.viewed();
    if (sid !== undefined) await loadPage(sid, EARLIER_PAGE_TURNS);
  }

  async function loadBetween(end: GapEnd): Promise<void> {
    const sid = parts.viewed();
    if (sid === undefined) return;
    if (filling?.sid !== sid) {
      const page = fillGap(sid, end).finally(() => {
        if (filling?.page === page) filling = undefined;
      });
      filling = { sid, page };
    }
    await filling.page;
  }

  async function fillGap(sid: SessionId, end: GapEnd): Promise<void> {
    conversation.setBetween(loading());
    const page =
      end === "above"
        ? await far.grow(sid, "later", EARLIER_PAGE_TURNS)
        : await engine.core.loadEarlier(sid, EARLIER_PAGE_TURNS);
    if (parts.viewed() !== sid) return;
    conversation.setBetween(stateAfter(page));
    parts.refresh();
  }

  function showRow(sid: SessionId, row: string, offsetPx: number | undefined): void {
    conversation.setTarget({ session: sid, kind: "row", turn: row, occurrence: undefined, offsetPx });
  }

  /** As many rows on as keys asked for meanwhile, as far as rows are loaded without a gap. */
  function showStepped(sid: SessionId, row: string, steps: number): void {
    const rows = conversation.rows.peek();
    const at = rows.findIndex((each) => each.key === row);
    if (at < 0) return;
    const gapAfter = conversation.gapAfter.peek();
    const beforeGap = conversation.groups
      .peek()
      .find((group) => group.key === gapAfter)
      ?.rows.at(-1)?.key;
    const gapAt = rows.findIndex((each) => each.key === beforeGap);
    const [first, last] = at <= gapAt ? [0, gapAt] : [gapAt + 1, rows.length - 1];
    const next = rows[Math.min(last, Math.max(first, at + steps))];
    if (next !== undefined) showRow(sid, next.key, undefined);
  }

  /** Answers by how many questions to go on, once `load` is over; undefined: something else is wanted by now. */
  async function whilePending(
    session: SessionId,
    steps: number,
    load: () => Promise<boolean>,
  ): Promise<number | undefined> {
    const own: PendingJump = { session, steps };
    pending = own;
    const isDone = await load();
    if (pending !== own) return undefined;
    pending = undefined;
    return isDone ? own.steps : undefined;
  }

  function cancelJump(): void {
    jumps += 1;
    pending = undefined;
    const earlier = conversation.earlier.peek();
    // What is on its way comes in, and moves nobody.
    if (earlier.kind === "loading" && earlier.isJump) conversation.setEarlier(IDLE);
  }

  return {
    loadEarlier,
    wantEarlier() {
      if (conversation.hasMore.peek() && conversation.earlier.peek().kind === "idle") void loadEarlier();
    },
    loadBetween,
    wantBetween(end) {
      if (conversation.gapAfter.peek() !== undefined && conversation.between.peek().kind === "idle")
        void loadBetween(end);
    },
    async jumpToTurn(turn, occurrence) {
      const sid = parts.viewed();
      if (sid === undefined) return;
      cancelJump();
      const isThere = (): boolean => conversation.placeOf(turn) !== undefined;
      const steps = isThere()
        ? 0
        : await whilePending(sid, 0, async () => {
            const end = await reach(sid, turn, isThere);
            if (end === "absent") toast.say("There is no such message in this conversation.");
            return end === "there";
          });
      const row = conversation.placeOf(turn)?.row.key;
      if (steps === 0)
        conversation.setTarget({ session: sid, kind: "turn", turn, occurrence, offsetPx: undefined });
      else if (steps !== undefined && row !== undefined) showStepped(sid, row, steps);
    },
    jumpToRow(row) {
      const sid = parts.viewed();
      if (sid !== undefined) showRow(sid, row, undefined);
    },
    async jumpToStart() {
      const sid = parts.viewed();
      if (sid === undefined) return;
      cancelJump();
      const isThere = (): boolean => !conversation.hasMore.peek() && !conversation.isEmpty.peek();
      const steps = isThere()
        ? 0
        : await whilePending(sid, 0, async () => (await reach(sid, "first", isThere)) === "there");
      const first = conversation.groups.peek()[0]?.rows[0]?.key;
      if (steps !== undefined && first !== undefined) showStepped(sid, first, steps);
    },
    async stepBeyond(row, by) {
      const sid = parts.viewed();
      if (sid === undefined) return;
      const steps = await whilePending(sid, by, async () => {
        const isFirst = conversation.groups.peek()[0]?.rows[0]?.key === row;
        if (by === -1 && isFirst) await loadEarlier();
        else await loadBetween(by === 1 ? "above" : "below");
        return parts.viewed() === sid;
      });
      if (steps !== undefined) showStepped(sid, row, steps);
    },
    moveReader(move) {
      if (move !== "end" && pending !== undefined && pending.session === parts.viewed())
        pending.steps += move === "next-question" ? 1 : -1;
      else conversation.setMove(move);
    },
    async fetchPosition(sid, position) {
      const isThere = (): boolean => conversation.placeOf(position.row) !== undefined;
      const turn = parse(TurnIdSchema, position.row);
      if (!turn.ok || (await reach(sid, turn.value, isThere)) !== "there") return;
      showRow(sid, position.row, position.offsetPx);
    },
    cancelJump,
    linkTo(turn: TurnId) {
      const sid = parts.viewed();
      return sid === undefined ? "" : `${sessionPagePath(sid)}#t=${turn}`;
    },
    forgetFailure() {
      if (conversation.earlier.peek().kind === "failed") conversation.setEarlier(IDLE);
      if (conversation.between.peek().kind === "failed") conversation.setBetween(IDLE);
    },
  };
}
