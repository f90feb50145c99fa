import { effect } from "@preact/signals";
import type { SessionId, TurnId } from "../protocol/ids.ts";
import { sessionPagePath } from "../protocol/routes.ts";
import type { Actions } from "./actions.ts";
import type { AppContext } from "./app-context.ts";
import { EARLIER_PAGE_TURNS, JUMP_PAGE_TURNS } from "./delays-and-limits.ts";
import type { Toast } from "./toast.ts";

type JumpActions = Pick<
  Actions,
  "loadEarlier" | "wantEarlier" | "jumpToTurn" | "jumpToStart" | "cancelJump" | "linkTo" | "fetchPosition"
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

const OFFLINE_WORDS =
  "You are offline. Earlier messages are on the server; they can be loaded when it is in reach again.";

const failedWords = (why: string): string => `Earlier messages could not be loaded. ${why}`;

/** Earlier turns, page by page, and jumps to turns that may not be loaded. Pages come one after the other, contiguous. */
export function createTurnJumps(context: AppContext, parts: TurnJumpParts): TurnJumps {
  const { engine, state } = context;
  const { conversation } = state;
  const { toast } = parts;
  /** A later jump, or another session, takes the place of the one before. */
  let jumps = 0;
  let paging: { readonly sid: SessionId; readonly page: Promise<boolean> } | undefined;

  /** Answers whether there is more to see than before. */
  function loadPage(sid: SessionId, turns: number, isJump: boolean): Promise<boolean> {
    if (paging?.sid === sid) return paging.page;
    const page = askForPage(sid, turns, isJump).finally(() => {
      if (paging?.page === page) paging = undefined;
    });
    paging = { sid, page };
    return page;
  }

  async function askForPage(sid: SessionId, turns: number, isJump: boolean): Promise<boolean> {
    conversation.setEarlier({ kind: "loading", isJump });
    const page = await engine.core.loadEarlier(sid, turns);
    if (parts.viewed() !== sid) return false;
    conversation.setEarlier(
      page.kind === "failed"
        ? { kind: "failed", why: state.connection.isOffline.peek() ? OFFLINE_WORDS : failedWords(page.why) }
        : { kind: "idle" },
    );
    parts.refresh();
    return page.kind === "loaded";
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

  /** Loads until `isThere`; answers whether it came to that. */
  async function loadUntil(sid: SessionId, isThere: () => boolean): Promise<boolean> {
    jumps += 1;
    const jump = jumps;
    const isOver = (): boolean => jump !== jumps || parts.viewed() !== sid;
    const canGoOn = (): boolean => isThere() || conversation.hasMore.peek();
    await untilShown(sid, canGoOn);
    while (!isOver()) {
      if (isThere()) return true;
      if (!conversation.hasMore.peek()) return false;
      // Failed, or another log took this one's place: asked again at once it would be the same.
      if (!(await loadPage(sid, JUMP_PAGE_TURNS, true))) return false;
    }
    return false;
  }

  async function loadEarlier(): Promise<void> {
    const sid = parts.viewed();
    if (sid !== undefined) await loadPage(sid, EARLIER_PAGE_TURNS, false);
  }

  return {
    loadEarlier,
    wantEarlier() {
      if (conversation.hasMore.peek() && conversation.earlier.peek().kind === "idle") void loadEarlier();
    },
    async jumpToTurn(turn, occurrence) {
      const sid = parts.viewed();
      if (sid === undefined) return;
      const isThere = (): boolean => conversation.placeOf(turn) !== undefined;
      if (isThere() || (await loadUntil(sid, isThere))) {
        conversation.setTarget({ session: sid, turn, occurrence, offsetPx: undefined });
      } else if (parts.viewed() === sid && !conversation.hasMore.peek()) {
        toast.say("There is no such message in this conversation.");
      }
    },
    async jumpToStart() {
      const sid = parts.viewed();
      if (sid === undefined) return;
      const isThere = (): boolean => !conversation.hasMore.peek() && !conversation.isEmpty.peek();
      if (!isThere() && !(await loadUntil(sid, isThere))) return;
      const turn = conversation.groups.peek()[0]?.rows[0]?.key;
      if (turn !== undefined) {
        conversation.setTarget({ session: sid, turn, occurrence: undefined, offsetPx: undefined });
      }
    },
    async fetchPosition(sid, position) {
      const isThere = (): boolean => conversation.placeOf(position.row) !== undefined;
      if (!(await loadUntil(sid, isThere))) return;
      conversation.setTarget({
        session: sid,
        turn: position.row,
        occurrence: undefined,
        offsetPx: position.offsetPx,
      });
    },
    cancelJump() {
      jumps += 1;
    },
    linkTo(turn: TurnId) {
      const sid = parts.viewed();
      return sid === undefined ? "" : `${sessionPagePath(sid)}#t=${turn}`;
    },
    forgetFailure() {
      if (conversation.earlier.peek().kind === "failed") conversation.setEarlier({ kind: "idle" });
    },
  };
}
