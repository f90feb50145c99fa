import type { SessionId } from "../protocol/ids.ts";
import { DEFAULT_HEARTBEAT_MS } from "../protocol/limits.ts";
import { routes } from "../protocol/routes.ts";
import { createConnectionReads } from "./connection-reads.ts";
import type { CoreContext } from "./core-context.ts";
import {
  DEAD_AFTER_HEARTBEATS,
  HELLO_TIMEOUT_MS,
  MAX_STREAMS,
  SLOT_WAIT_MS,
  SUSPECT_AFTER_HEARTBEATS,
  TICK_MS,
  TICKS_PER_HEARTBEAT,
} from "./delays.ts";
import { noteTimeline, type HeldSession } from "./held-session.ts";
import { markReattach } from "./inflight.ts";
import type { ConnectionState, Source } from "./ports.ts";
import { receiveMessage } from "./receive-message.ts";
import { toConnectionState } from "./shown-connection.ts";
import { createStreamSlots } from "./stream-slots.ts";
import { step, wantsStream, type StreamCommand, type StreamInput } from "./stream-state.ts";

/** The one open source of a session. An object of its own per source: a late callback of an older one finds itself replaced. */
export interface LiveStream {
  readonly session: SessionId;
  readonly source: Source;
  /** By the wall clock, and never later than it says now: one that was set back has it counted from there. */
  openedAtMs: number;
  connection: ConnectionState;
  /** Likewise. */
  lastHeardAtMs: number;
  heartbeatMs: number;
  /** A frame was folded: the cursor is further than when it was opened. */
  hasFolded: boolean;
  /** When it was asked for and when it greeted, for its measures; undefined once it has caught up. */
  attaching: { readonly openMs: number; helloMs: number; fromSeq: number } | undefined;
}

export interface LiveStreams {
  /** S1: every open source is in here, and at most one per session. */
  readonly LIVE_STREAMS: ReadonlyMap<SessionId, LiveStream>;
  /** The only way to open a stream. Does nothing while a reason to pause holds, or when one is open or on its way. */
  readonly attachLiveStream: (sid: SessionId) => void;
  /** Closes the session's stream; with `source`, only if it is still that one. Marks reattach (S4). */
  readonly closeLiveStream: (sid: SessionId, source?: object) => void;
  /** Closes all streams but those of the sessions being viewed. */
  readonly closeOtherLiveStreams: (sid: SessionId) => void;
  /** Gives leave to stream back when nothing is to be streamed. It is kept over reconnects and switches. */
  readonly releaseUnusedSlot: () => void;
  /** Moves a session's connection, and does what that asks for. */
  dispatch(held: HeldSession, input: StreamInput): void;
  /** The watchdog's look: closes what is dead. */
  checkSilence(nowMs: number): void;
  /** How often that look is due for the fastest heartbeat of what is open. Unit: ms. */
  tickMs(): number;
  /** The look on focus: stricter, for the person is there. */
  lookAtSilence(nowMs: number): void;
  /** No longer hears other tabs. */
  dispose(): void;
}

export interface LiveStreamHooks {
  /** 401 or `bye signed-out`: it is over for the whole tab. */
  onSignedOut(): void;
  /** The session was deleted. */
  onGone(held: HeldSession): void;
  /** A stream was opened, closed, or changed its state. */
  onChange(): void;
}

export function createLiveStreams(
  context: CoreContext,
  hooks: LiveStreamHooks,
  maxStreams = MAX_STREAMS,
): LiveStreams {
  const { ports, sessions } = context;
  const LIVE_STREAMS = new Map<SessionId, LiveStream>();
  const reads = createConnectionReads(context, dispatch, {
    onSignedOut: () => hooks.onSignedOut(),
    onFollow: askForSlot,
  });
  const slots = createStreamSlots(ports.lock, ports.reporter, onSlot, maxStreams);
  /** Which slot a tab that follows asks for next: one at a time, so that one hidden tab yields and not all of them. */
  let nextAsked = 0;
  /** The line may have died without a word, and with it what the browser keeps connected; nothing has come over it since. */
  let isLineSuspect = false;
  const stopYielding = ports.slotWord?.subscribe(yieldSlot);

  function dispatch(held: HeldSession, input: StreamInput): void {
    const before = held.machine;
    // The entry is taken before anything is done: commands act on it, never on the key, which a newer stream may hold by then.
    const live = LIVE_STREAMS.get(held.id);
    const taken = step(before, input, { nowMs: ports.clock.now(), fraction: ports.random.fraction() });
    held.machine = taken.machine;
    if (isSuspicion(input)) isLineSuspect = true;
    if (input.kind === "hello" && isLineSuspect) {
      isLineSuspect = false;
      // A message sent in the first moment after waking would hang on a dead connection until its time limit.
      ports.api.askAgain();
    }
    if (taken.machine.state !== before.state) {
      held.retryTimer?.();
      held.retryTimer = undefined;
      const { state } = taken.machine;
      if (state.kind === "waiting" || !wantsStream(state)) held.isEpochConfirmed = false;
    }
    for (const command of taken.commands) run(held, live, command);
    // A command may have moved it on (signed out, gone): then that step has armed what it needs.
    if (taken.machine.state !== before.state && held.machine === taken.machine) armRetry(held);
    const current = LIVE_STREAMS.get(held.id);
    if (current !== undefined) current.connection = toConnectionState(held.machine);
    if (taken.machine.state === before.state && taken.machine.reasons === before.reasons) return;
    releaseUnusedSlot();
    hooks.onChange();
    context.emit({ kind: "connection", session: held.id });
  }

  function run(held: HeldSession, live: LiveStream | undefined, command: StreamCommand): void {
    switch (command) {
      case "close":
        if (live !== undefined) closeEntry(held, live);
        break;
      case "open":
        openWithSlot(held);
        break;
      case "follow":
        void reads.follow(held);
        break;
      case "snapshot":
        void reads.readSnapshot(held);
        break;
      case "probe":
        void reads.probe(held);
        break;
      case "forget":
        hooks.onGone(held);
        break;
      case "signed-out":
        hooks.onSignedOut();
        break;
    }
  }

  function armRetry(held: HeldSession): void {
    const { state } = held.machine;
    if (state.kind !== "waiting") return;
    const delayMs = Math.max(0, state.retryAtMs - ports.clock.now());
    held.retryTimer = ports.clock.setTimer(delayMs, () => {
      if (held.machine.state === state) dispatch(held, { kind: "retry-due" });
    });
  }

  /** The one place where a source is opened and the registry written. */
  function open(held: HeldSession): void {
    const nowMs = ports.clock.now();
    const source = ports.sources.open(routes.stream(held.id, held.cursor), {
      onOpen: () => {
        if (isCurrent()) live.lastHeardAtMs = ports.clock.now();
      },
      onMessage: (name, data) => {
        if (!isCurrent()) return; // S6
        live.lastHeardAtMs = ports.clock.now();
        held.lastHeardAtMs = live.lastHeardAtMs;
        const input = receiveMessage(context, held, live, name, data);
        // A listener may have switched or closed while it was told.
        if (input === undefined || !isCurrent()) return;
        dispatch(held, input.kind === "hole" ? { ...input, hasProgressed: live.hasFolded } : input);
      },
      onError: () => {
        if (!isCurrent()) return; // S6
        noteTimeline(held, ports.clock.now(), "drop");
        dispatch(held, { kind: "error" });
      },
    });
    const live: LiveStream = {
      session: held.id,
      source,
      openedAtMs: nowMs,
      connection: toConnectionState(held.machine),
      lastHeardAtMs: nowMs,
      heartbeatMs: DEFAULT_HEARTBEAT_MS,
      hasFolded: false,
      attaching: { openMs: context.measures.now(), helloMs: 0, fromSeq: 0 },
    };
    const isCurrent = (): boolean => LIVE_STREAMS.get(held.id) === live;
    LIVE_STREAMS.set(held.id, live);
    held.opens += 1;
    noteTimeline(held, nowMs, "open");
  }

  /** The one choke point of closing. Idempotent; what is unfinished is marked for reattach and saved. */
  function closeEntry(held: HeldSession, live: LiveStream): void {
    live.source.close();
    held.isEpochConfirmed = false;
    if (LIVE_STREAMS.get(held.id) !== live) return;
    LIVE_STREAMS.delete(held.id);
    noteTimeline(held, ports.clock.now(), "close");
    if (!context.INFLIGHT.has(held.id)) return;
    markReattach(context.INFLIGHT, held.id);
    context.saves.touch(held.id);
  }

  /** Opens when there is leave to; else waits a moment for it and follows by polling meanwhile (S1). */
  function openWithSlot(held: HeldSession): void {
    slots.want();
    const { state } = held.machine;
    // Granted at once: `onGranted` has opened it.
    if (LIVE_STREAMS.has(held.id)) return;
    if (slots.held() !== undefined) {
      open(held);
      return;
    }
    held.retryTimer = ports.clock.setTimer(SLOT_WAIT_MS, () => {
      if (held.machine.state === state && !LIVE_STREAMS.has(held.id)) dispatch(held, { kind: "no-slot" });
    });
  }

  function onSlot(): void {
    for (const held of sessions.values()) {
      const { state } = held.machine;
      const isWaiting = state.kind === "connecting" && state.via === "stream" && !LIVE_STREAMS.has(held.id);
      if (isWaiting) {
        held.retryTimer?.();
        held.retryTimer = undefined;
        open(held);
      }
      dispatch(held, { kind: "slot" });
    }
  }

  /** S1: a tab that is looked at goes before one that is not. It does not take the slot; the hidden tab gives it up. */
  function askForSlot(): void {
    ports.slotWord?.ask(nextAsked);
    nextAsked = (nextAsked + 1) % maxStreams;
  }

  /** A visible tab waits for this slot. One in sight absorbs the input and keeps it: nothing goes to and fro. */
  function yieldSlot(slot: number): void {
    if (slots.held() !== slot) return;
    for (const held of sessions.values()) dispatch(held, { kind: "idle-hidden" });
  }

  function releaseUnusedSlot(): void {
    const coming = context.viewed === undefined ? undefined : sessions.get(context.viewed);
    const isSwitching =
      context.viewed !== undefined &&
      (coming === undefined || coming.isLoading || coming.machine.reasons.has("not-viewed"));
    if (isSwitching) return;
    for (const held of sessions.values()) if (wantsStream(held.machine.state)) return;
    slots.release();
  }

  /**
   * Whether silence may be one long message that trickles in: only while the server owes text. Where nothing but a ping
   * is due, silence is death however often it happened before.
   */
  function owesText(held: HeldSession): boolean {
    const { state } = held.machine;
    return state.kind === "catching-up" && (held.cursor?.seq ?? 0) < state.tail;
  }

  function liveSessions(): readonly (readonly [HeldSession, LiveStream])[] {
    const out: [HeldSession, LiveStream][] = [];
    for (const live of LIVE_STREAMS.values()) {
      const held = sessions.get(live.session);
      if (held !== undefined) out.push([held, live]);
    }
    return out;
  }

  return {
    LIVE_STREAMS,
    dispatch,
    releaseUnusedSlot,
    attachLiveStream(sid) {
      const held = sessions.get(sid);
      if (held !== undefined && !held.isLoading) dispatch(held, { kind: "attach" });
    },
    closeLiveStream(sid, source) {
      const held = sessions.get(sid);
      if (held === undefined) return;
      if (source !== undefined && LIVE_STREAMS.get(sid)?.source !== source) return;
      dispatch(held, { kind: "close" });
    },
    closeOtherLiveStreams(sid) {
      for (const held of sessions.values()) {
        if (held.id === sid || held.id === context.viewed) continue;
        dispatch(held, { kind: "pause", reason: "not-viewed" });
        void context.saves.saveNow(held.id);
      }
    },
    checkSilence(nowMs) {
      for (const [held, live] of liveSessions()) {
        live.openedAtMs = Math.min(live.openedAtMs, nowMs);
        live.lastHeardAtMs = Math.min(live.lastHeardAtMs, nowMs);
        if (held.machine.state.kind === "connecting") {
          if (nowMs - live.openedAtMs >= HELLO_TIMEOUT_MS) dispatch(held, { kind: "hello-timeout" });
          continue;
        }
        const isOwed = owesText(held);
        const patience = isOwed ? held.machine.silenceFactor : 1;
        if (nowMs - live.lastHeardAtMs < live.heartbeatMs * DEAD_AFTER_HEARTBEATS * patience) continue;
        noteTimeline(held, nowMs, "drop");
        dispatch(held, { kind: "silent", hasProgressed: live.hasFolded || !isOwed });
      }
    },
    tickMs() {
      const beats = [...LIVE_STREAMS.values()].map((live) => live.heartbeatMs / TICKS_PER_HEARTBEAT);
      return Math.min(TICK_MS, ...beats);
    },
    lookAtSilence(nowMs) {
      for (const [held, live] of liveSessions()) {
        if (held.machine.state.kind === "connecting") continue;
        const silentMs = nowMs - live.lastHeardAtMs;
        if (silentMs < live.heartbeatMs * SUSPECT_AFTER_HEARTBEATS && silentMs >= 0) continue;
        noteTimeline(held, nowMs, "drop");
        dispatch(held, { kind: "distrust" });
      }
    },
    dispose: () => stopYielding?.(),
  };
}

/** What makes a stream be opened anew because the old one, or the way to it, may be dead without having said so. */
function isSuspicion(input: StreamInput): boolean {
  if (input.kind === "release") return input.isSuspect;
  return input.kind === "distrust" || input.kind === "silent" || input.kind === "hello-timeout";
}
