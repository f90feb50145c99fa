import type { SessionId } from "../protocol/ids.ts";
import type { Disposer } from "../streaming/ports.ts";
import type { AppContext } from "./app-context.ts";
import { UNDO_DELETE_MS } from "./delays-and-limits.ts";

/** "Session deleted. Undo": offered while the deletion waits in the outbox, also to the page that is loaded meanwhile. */
export interface UndoDeletion {
  make(session: SessionId, title: string, forMs?: number): void;
  takeBack(): void;
  dispose(): void;
}

export function createUndoDeletion({ engine, environment, state }: AppContext): UndoDeletion {
  const { clock } = environment.ports;
  const startedAtMs = clock.now();
  let stopTimer: Disposer = () => undefined;

  function takeBack(): void {
    stopTimer();
    state.shell.setUndo(undefined);
  }

  function make(session: SessionId, title: string, forMs = UNDO_DELETE_MS): void {
    stopTimer();
    state.shell.setUndo({ session, title });
    stopTimer = clock.setTimer(forMs, takeBack);
  }

  /** What was deleted before this page was loaded; a deletion of now is offered where it was asked for. */
  function offerAgain(): void {
    const left = engine.outbox.entries().findLast((entry) => entry.kind === "delete");
    if (left?.kind !== "delete" || left.createdAtMs >= startedAtMs) return;
    // A clock that was set back must not offer for an hour what is sent in seconds.
    const leftMs = Math.min(left.notBeforeMs - clock.now(), UNDO_DELETE_MS);
    const known = engine.poller.sessions().find((session) => session.id === left.session);
    if (leftMs <= 0 || known !== undefined) stopLooking();
    if (leftMs > 0) make(left.session, known?.title ?? "Session", leftMs);
  }

  const disposers = [engine.outbox.subscribe(offerAgain), engine.poller.subscribe(offerAgain)];
  function stopLooking(): void {
    for (const dispose of disposers) dispose();
  }

  return {
    make,
    takeBack,
    dispose() {
      stopLooking();
      stopTimer();
    },
  };
}
