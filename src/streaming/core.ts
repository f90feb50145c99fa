import type { SessionId } from "../protocol/ids.ts";
import { DEFAULT_SNAPSHOT_TURNS } from "../protocol/limits.ts";
import type { SessionSummary } from "../protocol/snapshot.ts";
import { failureWords } from "./api-verdict.ts";
import { ask } from "./ask.ts";
import type { CoreContext } from "./core-context.ts";
import type { EarlierPage, JoinedTurns, StreamingCore, StreamReport } from "./core-types.ts";
import { HIDDEN_IDLE_MS } from "./delays.ts";
import { firstTurn, prependPage, prependTurns } from "./earlier-turns.ts";
import { createEviction } from "./eviction.ts";
import { createHeldSession, heldChars, noteTimeline, toView, type HeldSession } from "./held-session.ts";
import type { InflightEntry, InflightRegistry } from "./inflight.ts";
import { createLiveStreams, type LiveStream } from "./live-streams.ts";
import { createLoadSession } from "./load-session.ts";
import { MEASURE_NAMES, NO_MEASURES } from "./measures.ts";
import type { ConversationMoment, CoreChange, PauseReason, SaveOutcome, StreamingPorts } from "./ports.ts";
import { createSaveScheduler } from "./save-scheduler.ts";
import { takeMoment } from "./stored-conversation.ts";
import { createStreamMachine, type StreamInput } from "./stream-state.ts";
import { createTranscriptCache, type CacheLimits } from "./transcript-cache.ts";
import { createVisibilityGuard, type PageReason } from "./visibility-guard.ts";
import { createWatchdog } from "./watchdog.ts";

export interface StreamingCoreOptions {
  /** What stays in memory beside the viewed session. Default: 20 sessions, 8 MB. */
  readonly cacheLimits?: CacheLimits;
  /** Tabs of one browser that stream at once; the others poll. Default: 4. */
  readonly maxStreams?: number;
}

/** The core with its registries in sight, for the streams panel, the simulation and tests. */
export interface ObservableStreamingCore extends StreamingCore {
  readonly LIVE_STREAMS: ReadonlyMap<SessionId, LiveStream>;
  readonly INFLIGHT: ReadonlyMap<SessionId, InflightEntry>;
}

/** Builds the streams of one tab over `ports`. Begins to listen to the page at once; opens nothing before `loadSession`. */
export function createStreamingCore(
  ports: StreamingPorts,
  options: StreamingCoreOptions = {},
): ObservableStreamingCore {
  const sessions = new Map<SessionId, HeldSession>();
  const INFLIGHT: InflightRegistry = new Map();
  const listeners = new Set<(change: CoreChange) => void>();
  const deleted = new Set<SessionId>();
  const cache = createTranscriptCache(options.cacheLimits);
  /** Since when the hidden tab's open stream has had nothing to wait for. */
  let idleHiddenSinceMs: number | undefined;
  let hasToldOfNoDisk = false;
  let isDisposed = false;

  const saves = createSaveScheduler(ports.clock, write);
  const context: CoreContext = {
    ports,
    sessions,
    INFLIGHT,
    saves,
    measures: ports.measures ?? NO_MEASURES,
    viewed: undefined,
    generation: 0,
    isSignedOut: false,
    emit,
  };
  const streams = createLiveStreams(
    context,
    {
      onSignedOut: () => setSignedOut(true),
      onGone: (held) => void gone(held.id),
      onChange: () => watchdog.update(),
    },
    options.maxStreams,
  );
  const guard = createVisibilityGuard(ports.clock, ports.page, {
    pause(reason) {
      if (reason === "hidden") {
        noteForViewed("hidden");
        idleHiddenSinceMs = ports.clock.now();
      }
      dispatchAll({ kind: "pause", reason });
      watchdog.update();
    },
    release(reason, isSuspect) {
      if (reason === "hidden") noteForViewed("visible");
      dispatchAll({ kind: "release", reason, isSuspect });
      watchdog.update();
    },
    distrust: () => dispatchAll({ kind: "distrust" }),
    look: () => streams.lookAtSilence(ports.clock.now()),
    leave(how) {
      if (how === "pagehide") {
        // The last moment: the socket is given back (one of six over HTTP/1.1), nothing is written (PLATFORM: WebKit hangs).
        saves.hold();
        dispatchAll({ kind: "idle-hidden" });
      } else {
        // A frozen page folds nothing, and would keep its leave to stream from the tabs that do.
        if (how === "freeze") dispatchAll({ kind: "idle-hidden" });
        void saves.saveAllNow();
      }
    },
    back: () => saves.release(),
  });
  const watchdog = createWatchdog(ports.clock, {
    need() {
      if (isDisposed || context.viewed === undefined) return "off";
      if (!guard.reasons.has("hidden")) return "visible";
      return streams.LIVE_STREAMS.size > 0 ? "hidden" : "off";
    },
    onJump: () => dispatchAll({ kind: "distrust" }),
    check(nowMs) {
      closeIdleHidden(nowMs);
      streams.checkSilence(nowMs);
    },
    tickMs: () => streams.tickMs(),
  });
  const evict = createEviction(context, cache, drop);
  const loadSession = createLoadSession({
    context,
    streams,
    cache,
    evict,
    deleted,
    pageReasons,
    drop,
    onViewedChange: () => watchdog.update(),
  });

  function emit(change: CoreChange): void {
    for (const listener of listeners) {
      try {
        listener(change);
      } catch (error) {
        // A follower's bug must not stop the stream it follows.
        ports.reporter.warn(`a listener failed on ${change.kind}`, error);
      }
    }
  }

  function pageReasons(): ReadonlySet<PauseReason> {
    return new Set<PauseReason>([
      ...guard.reasons,
      ...(context.isSignedOut ? (["signed-out"] as const) : []),
    ]);
  }

  function dispatchAll(input: StreamInput): void {
    for (const held of sessions.values()) streams.dispatch(held, input);
  }

  function noteForViewed(what: PageReason | "visible"): void {
    const held = context.viewed === undefined ? undefined : sessions.get(context.viewed);
    if (held !== undefined && what !== "offline") noteTimeline(held, ports.clock.now(), what);
  }

  /** A stream with a turn running is left open while hidden (its end can notify); an idle one goes after 30 s. */
  function closeIdleHidden(nowMs: number): void {
    const { viewed } = context;
    if (!guard.reasons.has("hidden") || viewed === undefined) return;
    if (INFLIGHT.has(viewed)) {
      idleHiddenSinceMs = undefined;
      return;
    }
    // A clock that was set back says nothing about how long it was: counted anew.
    idleHiddenSinceMs = Math.min(idleHiddenSinceMs ?? nowMs, nowMs);
    if (nowMs - idleHiddenSinceMs >= HIDDEN_IDLE_MS) dispatchAll({ kind: "idle-hidden" });
  }

  async function write(sid: SessionId): Promise<SaveOutcome | undefined> {
    const held = sessions.get(sid);
    if (held === undefined) return undefined;
    // Taken anew within the transaction, of this very session: it may have been put out of memory meanwhile.
    const inflight = INFLIGHT.get(sid);
    const take = (): ConversationMoment | undefined => {
      const moment = takeMoment(held, INFLIGHT.get(sid) ?? inflight);
      if (moment !== undefined) taken = moment;
      return moment;
    };
    let taken: ConversationMoment | undefined;
    if (takeMoment(held, inflight) === undefined) return undefined;
    try {
      const startMs = context.measures.now();
      const outcome = await ports.store.save(sid, take);
      context.measures.note(MEASURE_NAMES.save, startMs, { session: sid, outcome });
      if (outcome === "written" && taken !== undefined) held.news.saved(taken);
      if (outcome === "unavailable" && !hasToldOfNoDisk) {
        hasToldOfNoDisk = true;
        ports.reporter.warn(
          "conversations can't be kept on this device; they are read from the server each time",
        );
      }
      // `stale`: another tab is ahead, which is as good; `deleted`: its tombstone stands.
      return outcome;
    } catch (error) {
      ports.reporter.warn(`session ${sid} could not be saved`, error);
      return "unavailable";
    }
  }

  /** Takes a session out of memory: its stream closed, its timer stopped, its buffers gone. */
  function drop(held: HeldSession): void {
    streams.dispatch(held, { kind: "close" });
    held.retryTimer?.();
    if (sessions.get(held.id) !== held) return;
    sessions.delete(held.id);
    INFLIGHT.delete(held.id);
    saves.forget(held.id);
  }

  /** Deleted, here or elsewhere: a hollow stays while it is viewed, so that the page can say so. */
  async function gone(sid: SessionId): Promise<void> {
    if (deleted.has(sid)) return;
    deleted.add(sid);
    saves.forget(sid);
    INFLIGHT.delete(sid);
    cache.enter(sid);
    sessions.delete(sid);
    if (context.viewed === sid) {
      const hollow = createHeldSession(sid, pageReasons(), "server");
      hollow.machine = createStreamMachine({ state: { kind: "closed", reason: "deleted" } });
      sessions.set(sid, hollow);
    }
    emit({ kind: "gone", session: sid });
    try {
      await ports.store.remove(sid);
    } catch (error) {
      ports.reporter.warn(`session ${sid} could not be removed from disk`, error);
    }
  }

  function setSignedOut(isSignedOut: boolean): void {
    if (context.isSignedOut === isSignedOut) return;
    context.isSignedOut = isSignedOut;
    dispatchAll(
      isSignedOut
        ? { kind: "pause", reason: "signed-out" }
        : { kind: "release", reason: "signed-out", isSuspect: true },
    );
    watchdog.update();
  }

  function begin(summary: SessionSummary): void {
    const known = sessions.get(summary.id);
    if (known !== undefined && known.source !== "loading") return;
    if (known !== undefined) drop(known);
    deleted.delete(summary.id);
    const reasons = new Set(pageReasons());
    if (context.viewed !== summary.id) reasons.add("not-viewed");
    const held = createHeldSession(summary.id, reasons, "memory");
    held.summary = summary;
    // Its empty conversation is the beginning of its log: no snapshot is needed, only the epoch, which `hello` names.
    held.machine = createStreamMachine({ reasons, isUnborn: true, needsSnapshot: false });
    sessions.set(summary.id, held);
    emit({ kind: "conversation", session: summary.id });
  }

  function created(sid: SessionId): void {
    const held = sessions.get(sid);
    if (held === undefined) return;
    if (held.machine.state.kind === "closed" && held.machine.state.reason === "not-found") {
      held.machine = createStreamMachine({ reasons: held.machine.reasons });
    }
    streams.dispatch(held, { kind: "created" });
    streams.attachLiveStream(sid);
    if (context.viewed === sid) return;
    // Until now it existed nowhere else, and counted for nothing.
    cache.leave(sid, heldChars(held));
    evict();
  }

  async function loadEarlier(sid: SessionId, turns?: number): Promise<EarlierPage> {
    const held = sessions.get(sid);
    const first = held === undefined ? undefined : firstTurn(held);
    const epoch = held?.cursor?.epoch;
    if (held === undefined || first === undefined || epoch === undefined) return { kind: "none" };
    if (!held.hasMore || held.isPaging) return { kind: "none" };
    held.isPaging = true;
    // What this browser keeps costs no round trip, and is there without a network.
    const kept = await ports.store.loadEarlier(sid, epoch, first, turns ?? DEFAULT_SNAPSHOT_TURNS);
    const page = { before: first, ...(turns === undefined ? {} : { turns }) };
    const answer =
      kept === undefined ? await ask(ports.reporter, () => ports.api.snapshot(sid, page)) : undefined;
    held.isPaging = false;
    if (sessions.get(sid) !== held || firstTurn(held) !== first) return { kind: "none" }; // S6
    if (kept !== undefined && held.cursor?.epoch === epoch) {
      prependPage(held, kept);
      emit({ kind: "conversation", session: sid });
      return { kind: "loaded" };
    }
    if (answer === undefined) return { kind: "none" };
    if (!answer.ok) return { kind: "failed", why: failureWords(answer.error) };
    // Another incarnation of the log vouches for nothing of this one.
    if (answer.value.cursor.epoch !== held.cursor?.epoch) return { kind: "none" };
    prependPage(held, answer.value);
    saves.touch(sid);
    emit({ kind: "conversation", session: sid });
    return { kind: "loaded" };
  }

  function joinEarlier(sid: SessionId, page: JoinedTurns): boolean {
    const held = sessions.get(sid);
    if (held === undefined || held.cursor?.epoch !== page.epoch || firstTurn(held) !== page.before)
      return false;
    // What stands before a turn that has ended stays as it is; another one may still be overtaken (P2.48).
    if ((held.earlier[0] ?? held.conversation.turns.get(page.before))?.status !== "ended") return false;
    prependTurns(held, page.turns, page.hasMore);
    saves.touch(sid);
    emit({ kind: "conversation", session: sid });
    return true;
  }

  function report(): readonly StreamReport[] {
    return [...sessions.values()].map((held) => ({
      view: toView(held),
      isOpen: streams.LIVE_STREAMS.has(held.id),
      hasInflight: INFLIGHT.has(held.id),
      reattach: INFLIGHT.get(held.id)?.reattach ?? false,
      heldChars: heldChars(held),
      timeline: [...held.timeline],
    }));
  }

  return {
    LIVE_STREAMS: streams.LIVE_STREAMS,
    INFLIGHT,
    loadSession,
    attachLiveStream: streams.attachLiveStream,
    closeLiveStream: streams.closeLiveStream,
    closeOtherLiveStreams: streams.closeOtherLiveStreams,
    viewed: () => context.viewed,
    view(sid) {
      const held = sessions.get(sid);
      return held === undefined ? undefined : toView(held);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    retryNow(sid) {
      const held = sessions.get(sid);
      if (held !== undefined) streams.dispatch(held, { kind: "retry-now" });
    },
    loadEarlier,
    joinEarlier,
    setSignedOut,
    async forget(sid) {
      const held = sessions.get(sid);
      // A closed connection absorbs the input; the session is removed all the same.
      if (held !== undefined) streams.dispatch(held, { kind: "gone" });
      await gone(sid);
    },
    begin,
    created,
    report,
    flush: () => saves.saveAllNow(),
    dispose() {
      if (isDisposed) return;
      isDisposed = true;
      guard.dispose();
      watchdog.dispose();
      streams.dispose();
      for (const held of sessions.values()) streams.dispatch(held, { kind: "close" });
      saves.dispose();
      context.generation += 1;
      context.viewed = undefined;
      listeners.clear();
      sessions.clear();
    },
  };
}
