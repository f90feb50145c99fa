import type { SessionId, TurnId } from "../protocol/ids.ts";
import type { SendTurn } from "../protocol/requests.ts";
import type { CoreChange, Disposer, SessionView } from "../streaming/ports.ts";
import type { AppContext } from "./app-context.ts";
import { STREAMS_PANEL_STEP_MS, UNSTREAMED_LIMIT_MS } from "./delays-and-limits.ts";
import type { FarPages } from "./far-pages.ts";

/** Carries what the core tells into signals: structure and status at once per frame, text never. */
export interface StreamFollower {
  /** Paints the viewed session from memory, now. */
  refreshConversation(): void;
  refreshStreams(): void;
  /** Accepted by the server: shown as it is until the stream brings it. */
  keepUntilStreamed(sid: SessionId, body: SendTurn): void;
  dispose(): void;
}

export interface StreamEvents {
  onGone(sid: SessionId): void;
  onSignedOut(): void;
}

/** On its way from the server's log to this page. */
interface Accepted {
  readonly session: SessionId;
  readonly body: SendTurn;
  /** The connection that was live then, told by when it became so; undefined when none was. */
  readonly liveSinceMs: number | undefined;
  readonly stopTimer: Disposer;
}

export function followStreams(context: AppContext, far: FarPages, events: StreamEvents): StreamFollower {
  const { engine, state } = context;
  const { frames, ports } = context.environment;
  const { core, outbox, poller } = engine;
  const announcedApprovals = new Set<string>();
  const accepted = new Map<TurnId, Accepted>();
  let stopStreamsTimer: Disposer | undefined;

  function refreshConversation(): void {
    const sid = core.viewed();
    // First: the core takes over what has met.
    const farTurns = sid === undefined ? undefined : far.current(sid);
    const view = sid === undefined ? undefined : core.view(sid);
    forgetStreamed();
    const waiting = sid === undefined ? [] : outbox.entries().filter((entry) => entry.session === sid);
    const isWaiting = (tid: TurnId): boolean =>
      waiting.some((entry) => entry.kind === "send" && entry.body.id === tid);
    const sent = [...accepted.values()].filter((turn) => turn.session === sid && !isWaiting(turn.body.id));
    state.conversation.show(
      sid,
      view,
      waiting,
      sent.map((turn) => turn.body),
      farTurns,
    );
    refreshConnection();
    announceApprovals();
  }

  function liveSinceMs(view: SessionView | undefined): number | undefined {
    return view?.connection.kind === "live" ? view.connection.sinceMs : undefined;
  }

  function forgetStreamed(): void {
    for (const [tid, turn] of accepted) {
      const view = core.view(turn.session);
      const sinceMs = liveSinceMs(view);
      // A stream that has caught up since would have brought it: it was withdrawn, from another tab or device.
      // Another one, not a later one: the clock may have been set back.
      const isLost = sinceMs !== undefined && sinceMs !== turn.liveSinceMs;
      if (isLost || view?.conversation.turns.has(tid) === true) forget(tid);
    }
  }

  function forget(tid: TurnId): void {
    accepted.get(tid)?.stopTimer();
    accepted.delete(tid);
  }

  function refreshConnection(): void {
    const sid = core.viewed();
    const view = sid === undefined ? undefined : core.view(sid);
    state.connection.tick(ports.clock.now());
    state.connection.setFacts({ connection: view?.connection, reasons: view?.reasons ?? new Set() });
    if (view?.reasons.has("signed-out") === true) events.onSignedOut();
  }

  function announceApprovals(): void {
    const asked = state.conversation.running
      .peek()
      .flatMap((turn) => turn.approvals)
      .filter((approval) => approval.resolved === undefined && !announcedApprovals.has(approval.id));
    for (const approval of asked) {
      announcedApprovals.add(approval.id);
      state.shell.announce("The answer needs you: it asks a question.");
    }
  }

  function announceEnd(sid: SessionId, tid: TurnId): void {
    const view = core.view(sid);
    const turn = view?.conversation.turns.get(tid);
    const where = sid === core.viewed() ? "" : ` in ${view?.summary?.title ?? "another session"}`;
    switch (turn?.outcome) {
      case "failed":
        state.shell.announce(`The answer failed${where}.`);
        return;
      case "stopped":
        state.shell.announce(`Answer stopped${where}.`);
        return;
      case "interrupted":
        state.shell.announce(`The answer was interrupted${where}. It can be continued.`);
        return;
      case "complete":
      case undefined:
        state.shell.announce(`Answer complete${where}.`);
    }
  }

  function refreshSoon(): void {
    frames.schedule(refreshConversation, refreshConversation);
  }

  function refreshStreams(): void {
    stopStreamsTimer?.();
    stopStreamsTimer = undefined;
    if (!state.shell.isStreamsOpen.peek()) return;
    state.shell.setStreams(core.report(), context.environment.measures?.report() ?? []);
  }

  function refreshStreamsSoon(): void {
    if (stopStreamsTimer !== undefined || !state.shell.isStreamsOpen.peek()) return;
    stopStreamsTimer = ports.clock.setTimer(STREAMS_PANEL_STEP_MS, refreshStreams);
  }

  function mergeSummary(sid: SessionId): void {
    const summary = core.view(sid)?.summary;
    if (summary !== undefined) poller.merge(summary);
  }

  function onChange(change: CoreChange): void {
    const isViewed = change.session === core.viewed();
    switch (change.kind) {
      case "grown":
        // The writer of a part that is shown already follows by itself.
        if (isViewed && !state.conversation.hasPart(change.turn, change.part)) refreshSoon();
        break;
      case "conversation":
        // At once: a turn that is withdrawn within the frame must not come back.
        forgetStreamed();
        if (isViewed) refreshSoon();
        break;
      case "ended":
        if (isViewed) refreshSoon();
        mergeSummary(change.session);
        announceEnd(change.session, change.turn);
        break;
      case "connection":
        if (isViewed) refreshConnection();
        if (isViewed && accepted.size > 0) refreshSoon();
        break;
      case "summary":
        mergeSummary(change.session);
        if (isViewed) refreshSoon();
        break;
      case "gone":
        for (const [tid, turn] of accepted) if (turn.session === change.session) forget(tid);
        events.onGone(change.session);
        break;
      case "notice":
        state.shell.addNotice({ id: change.message, text: change.message, action: undefined });
        break;
    }
    refreshStreamsSoon();
  }

  const disposers = [core.subscribe(onChange), outbox.subscribe(refreshSoon)];
  return {
    refreshConversation,
    refreshStreams,
    keepUntilStreamed(session, body) {
      forget(body.id);
      const sinceMs = liveSinceMs(core.view(session));
      // Sent again, it may be a turn of long ago, before those that are loaded: no stream brings it.
      const stopTimer = ports.clock.setTimer(UNSTREAMED_LIMIT_MS, () => {
        if (sinceMs === undefined || liveSinceMs(core.view(session)) !== sinceMs) return;
        forget(body.id);
        refreshSoon();
      });
      accepted.set(body.id, { session, body, liveSinceMs: sinceMs, stopTimer });
      refreshSoon();
    },
    dispose() {
      for (const dispose of disposers) dispose();
      for (const tid of accepted.keys()) forget(tid);
      stopStreamsTimer?.();
    },
  };
}
