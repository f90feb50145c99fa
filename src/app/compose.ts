import { createAppState, type AppSignals } from "../state/app-state.ts";
import type { Theme } from "../state/shell-state.ts";
import type { SessionId } from "../protocol/ids.ts";
import type { Disposer } from "../streaming/ports.ts";
import type { Actions } from "./actions.ts";
import type { AppContext } from "./app-context.ts";
import { createEngine, type CreateEngine } from "./engine.ts";
import type { AppEnvironment } from "./environment.ts";
import { createFarPages } from "./far-pages.ts";
import { followPage } from "./follow-page.ts";
import { followStreams } from "./follow-streams.ts";
import { createLateConversationSearch } from "./late-conversation-search.ts";
import { createLiveText } from "./live-text.ts";
import { createWaitMeasures } from "./measure-waits.ts";
import { createPages, type Pages } from "./pages.ts";
import { createRescue } from "./rescue.ts";
import { createSessionActions } from "./session-actions.ts";
import { createSessionDirectory } from "./session-directory.ts";
import { createSignIn } from "./sign-in.ts";
import { createToast } from "./toast.ts";
import { createTurnActions } from "./turn-actions.ts";
import { createTurnJumps } from "./turn-jumps.ts";
import { createUndoDeletion } from "./undo-deletion.ts";

/** The whole app but its pixels. */
export interface App {
  readonly state: AppSignals;
  readonly actions: Actions;
  /** Shows what the address bar says and begins to talk to the server. Call it once, before the first render. */
  start(): void;
  dispose(): void;
}

/** The composition root: builds the graph, starts nothing. Tests build the same graph with fakes. */
export function createApp(environment: AppEnvironment, makeEngine: CreateEngine = createEngine): App {
  const state = createAppState();
  const engine = makeEngine(environment.ports, {
    onCreated(sid, summary) {
      directory.created(summary);
      engine.core.created(sid);
    },
    onAccepted(sid, body) {
      streams.keepUntilStreamed(sid, body);
      // The server answers: a stream that waits to try again need not.
      engine.core.retryNow(sid);
      // Its own stream tells of the session that is viewed; of any other only the list does.
      if (engine.core.viewed() !== sid) engine.poller.refresh();
    },
    onUpdated(sid, summary) {
      const streamed = engine.core.viewed() === sid ? engine.core.view(sid)?.summary : undefined;
      const { title, agent, pinned, archived } = summary;
      // What runs there its stream knows better: this answer may have been overtaken by the end of a turn.
      engine.poller.merge(streamed === undefined ? summary : { ...streamed, title, agent, pinned, archived });
    },
    onDeleted(sid) {
      directory.drop(sid);
      leave(sid);
    },
    onGone(sid, why) {
      if (why === "deleted") void gone(sid);
      // In sight it says itself why it was refused; out of sight nobody would ever find it.
      else if (pages.viewed() !== sid) rescue.refused(sid);
    },
    onRefused: (_sid, why) => toast.say(`The server refused it. ${why}`),
    onSignedOut: () => signIn.setSignedOut(true),
  });
  const context: AppContext = { environment, engine, state };
  const { ports, settings, navigation } = environment;
  const toast = createToast(context);
  const signIn = createSignIn(context);
  const liveText = createLiveText(engine.core, environment.frames);
  const waits = createWaitMeasures(context);
  const disposers: Disposer[] = [() => liveText.dispose(), () => signIn.dispose(), () => waits.dispose()];

  const directory = createSessionDirectory(context, (sid) => {
    if (pages.viewed() === sid) pages.open(sid, "replace");
  });
  const far = createFarPages(context);
  const streams = followStreams(context, far, {
    onGone: (sid) => void gone(sid),
    onSignedOut: () => signIn.setSignedOut(true),
  });
  const pages: Pages = createPages(context, {
    prepare(sid) {
      if (engine.core.viewed() !== sid) waits.switching(sid);
      directory.prepare(sid);
    },
    paint: () => streams.refreshConversation(),
    shown(sid) {
      if (sid === undefined) {
        rescue.bring();
        return;
      }
      directory.markSeen(sid);
      search.shown(sid);
    },
    addressedTurn: (turn) => void jumps.jumpToTurn(turn),
  });
  const jumps = createTurnJumps(context, far, {
    viewed: () => pages.viewed(),
    refresh: () => streams.refreshConversation(),
    toast,
  });
  const search = createLateConversationSearch(context, {
    viewed: () => pages.viewed(),
    jumpToTurn: (turn, occurrence) => jumps.jumpToTurn(turn, occurrence),
    farTurns: (sid) => far.current(sid)?.turns ?? [],
  });
  disposers.push(() => search.dispose());
  const rescue = createRescue(context, pages, toast, (sid) => directory.isDeletedHere(sid));
  const undoDeletion = createUndoDeletion(context);
  const parts = { pages, directory, signIn, toast, undoDeletion, waits };

  /** Deleted by somebody else: what was written in it has no other place than this browser, and is not his to delete. */
  async function gone(sid: SessionId): Promise<void> {
    const isOwn = directory.isDeletedHere(sid);
    // Kept before its own place is dropped.
    const hasDraft = !isOwn && draftIn(sid) !== "";
    if (hasDraft) await keepDraft(sid);
    const isViewed = pages.viewed() === sid;
    if (directory.drop(sid)) {
      if (isViewed && !isOwn) toast.say("This session was deleted elsewhere.");
      if (!hasDraft) leave(sid);
      else if (isViewed) {
        pages.open(undefined, "replace");
        toast.say("This session was deleted elsewhere. What you were writing is here.");
      }
    }
    if (isOwn) return;
    rescue.refused(sid);
    // What still waits to be sent there is refused now, and follows.
    engine.outbox.resume();
  }

  /** What stands in its composer; empty when that is not shown. */
  function draftIn(sid: SessionId): string {
    const text = pages.viewed() === sid ? state.draft.text.peek() : "";
    return text.trim() === "" ? "" : text;
  }

  async function keepDraft(sid: SessionId): Promise<void> {
    let kept = "";
    for (let draft = draftIn(sid); draft !== "" && draft !== kept; draft = draftIn(sid)) {
      // oxlint-disable-next-line no-await-in-loop -- more may be typed while the disk is asked what it has
      await rescue.keep(draft);
      kept = draft;
    }
  }

  /** The open session is gone: the next one is shown. */
  function leave(sid: SessionId): void {
    if (pages.viewed() !== sid) return;
    pages.open(state.list.shownRows.peek().find((row) => row.id !== sid)?.id, "replace");
  }

  const actions: Actions = {
    ...createTurnActions(context, parts),
    ...createSessionActions(context, parts),
    loadEarlier: () => jumps.loadEarlier(),
    wantEarlier: () => jumps.wantEarlier(),
    jumpToTurn: (turn, occurrence) => jumps.jumpToTurn(turn, occurrence),
    jumpToRow: (row) => jumps.jumpToRow(row),
    jumpToStart: () => jumps.jumpToStart(),
    loadBetween: (end) => jumps.loadBetween(end),
    wantBetween: (end) => jumps.wantBetween(end),
    cancelJump: () => jumps.cancelJump(),
    moveReader: (move) => jumps.moveReader(move),
    stepBeyond: (row, by) => jumps.stepBeyond(row, by),
    linkTo: (turn) => jumps.linkTo(turn),
    openSearch: () => search.openSearch(),
    closeSearch: () => search.closeSearch(),
    searchFor: (query) => search.searchFor(query),
    goToOccurrence: (by) => search.goToOccurrence(by),
    position: (sid) => environment.positions.read(sid),
    keepPosition: (sid, position) => environment.positions.write(sid, position),
    fetchPosition: (sid, position) => jumps.fetchPosition(sid, position),
    retryNow() {
      const sid = pages.viewed();
      if (sid !== undefined) engine.core.retryNow(sid);
      engine.poller.refresh();
      engine.outbox.resume();
    },
    signIn: (password) => signIn.signIn(password),
    signOut: (isWiping) => signIn.signOut(isWiping),
    async wipe() {
      await environment.wipe();
      environment.reload();
    },
    reload: () => environment.reload(),
    setTheme(theme) {
      state.shell.setTheme(theme);
      settings.write("theme", theme);
    },
    setDrawerOpen: (isOpen) => state.shell.setDrawerOpen(isOpen),
    setStreamsOpen(isOpen) {
      state.shell.setStreamsOpen(isOpen);
      streams.refreshStreams();
    },
    setSignInOpen: (isOpen) => state.shell.setSignInOpen(isOpen),
    dismissNotice: (id) => state.shell.dismissNotice(id),
    dismissToast: () => toast.clear(),
    followText: (sid, tid, part, work) => liveText.follow(sid, tid, part.id, work),
  };

  return {
    state,
    actions,
    start() {
      state.shell.setTheme(parseTheme(settings.read("theme")));
      disposers.push(
        followPage(context, () => {
          const sid = pages.viewed();
          state.list.setViewed(sid);
          if (sid !== undefined) directory.markSeen(sid);
          else rescue.bring();
          jumps.forgetFailure();
          void signIn.askServer();
        }),
        environment.subscribeNotices((notice) => state.shell.addNotice({ ...notice, action: undefined })),
        navigation.subscribe(() => pages.showAddressed()),
        ports.page.subscribe((event) => {
          // What ends in a page nobody looks at is unread, the open session included.
          if (event === "hidden") state.list.setViewed(undefined);
        }),
      );
      directory.refresh();
      pages.showAddressed();
      engine.outbox.resume();
      void signIn.askServer();
    },
    dispose() {
      for (const dispose of disposers) dispose();
      undoDeletion.dispose();
      streams.dispose();
      directory.dispose();
      engine.poller.dispose();
      engine.outbox.dispose();
      engine.core.dispose();
    },
  };
}

function parseTheme(input: unknown): Theme {
  return input === "light" || input === "dark" ? input : "system";
}
