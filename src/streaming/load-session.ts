import type { SessionId } from "../protocol/ids.ts";
import type { CoreContext } from "./core-context.ts";
import { settleEarlier } from "./earlier-turns.ts";
import { createHeldSession, heldChars, type HeldSession } from "./held-session.ts";
import { syncInflight } from "./inflight.ts";
import type { LiveStreams } from "./live-streams.ts";
import { MEASURE_NAMES } from "./measures.ts";
import type { PauseReason, StoredConversation } from "./ports.ts";
import { compactSettled, fromStored } from "./stored-conversation.ts";
import { createStreamMachine } from "./stream-state.ts";
import type { TranscriptCache } from "./transcript-cache.ts";

export interface LoadSessionParts {
  readonly context: CoreContext;
  readonly streams: LiveStreams;
  readonly cache: TranscriptCache;
  /** Takes what the cache has no room for out of memory. */
  readonly evict: () => void;
  /** Sessions deleted in this tab's life: nothing arrives for them afterwards. */
  readonly deleted: ReadonlySet<SessionId>;
  /** The reasons that hold for every session now. */
  pageReasons(): ReadonlySet<PauseReason>;
  /** Removes a session from memory, its stream closed before. */
  drop(held: HeldSession): void;
  onViewedChange(): void;
}

/**
 * Shows a session. Five steps, each cited from docs/STREAMING.md:
 * 1 a new generation; 2 the others are closed, marked and flushed; 3 what is known is painted, no network waited for;
 * 4 the stream is attached from the stored cursor, else by the snapshot; 5 `caught-up` makes it live.
 */
export function createLoadSession(parts: LoadSessionParts): (sid: SessionId | undefined) => Promise<void> {
  const { context, streams, cache, evict } = parts;
  const { ports, sessions } = context;

  return async function loadSession(sid) {
    context.generation += 1;
    const { generation } = context;
    const left = context.viewed;
    context.viewed = sid;
    if (left !== undefined && left !== sid) leave(left);
    parts.onViewedChange();
    if (sid === undefined) {
      streams.releaseUnusedSlot();
      return;
    }
    streams.closeOtherLiveStreams(sid);
    cache.enter(sid);

    const known = sessions.get(sid);
    if (known !== undefined && known.source !== "loading") {
      paintFromMemory(known);
      evict();
      return;
    }
    // Nothing known of it, or an earlier load is still asking the disk: that one is superseded (S6).
    if (known !== undefined) parts.drop(known);
    const held = createHeldSession(sid, parts.pageReasons(), "loading");
    sessions.set(sid, held);
    if (parts.deleted.has(sid)) {
      held.machine = createStreamMachine({ state: { kind: "closed", reason: "deleted" } });
      announce(held);
      context.emit({ kind: "gone", session: sid });
      streams.releaseUnusedSlot();
      return;
    }
    held.isLoading = true;
    announce(held);
    evict();
    const stored = await readDisk(sid);
    // S6: a later load, a deletion or a `begin` has taken over while the disk was asked.
    if (context.generation !== generation || sessions.get(sid) !== held) return;
    held.isLoading = false;
    if (stored !== undefined) restore(held, stored);
    announce(held);
    streams.attachLiveStream(sid);
  };

  function announce(held: HeldSession): void {
    context.emit({ kind: "conversation", session: held.id });
    context.emit({ kind: "connection", session: held.id });
  }

  function paintFromMemory(held: HeldSession): void {
    if (held.machine.state.kind === "closed" && held.machine.state.reason === "not-found") {
      // Asked for again by the person: it may exist by now.
      held.machine = createStreamMachine({ reasons: held.machine.reasons, needsSnapshot: true });
    }
    if (held.machine.reasons.has("not-viewed")) {
      held.source = "memory";
      held.hasBeenLive = false;
    }
    streams.dispatch(held, { kind: "release", reason: "not-viewed", isSuspect: false });
    announce(held);
    streams.attachLiveStream(held.id);
  }

  async function readDisk(sid: SessionId): Promise<StoredConversation | undefined> {
    try {
      const startMs = context.measures.now();
      const stored = await ports.store.load(sid);
      if (stored !== undefined) {
        const turns = stored.transcript.turns.length + (stored.inflight?.turns.length ?? 0);
        context.measures.note(MEASURE_NAMES.load, startMs, { session: sid, turns });
      }
      return stored;
    } catch (error) {
      ports.reporter.warn(`session ${sid} could not be read from disk`, error);
      return undefined;
    }
  }

  function restore(held: HeldSession, stored: StoredConversation): void {
    held.conversation = fromStored(stored);
    held.summary = stored.transcript.session;
    held.cursor = stored.cursor;
    held.tail = stored.cursor.seq;
    held.hasMore = stored.transcript.hasMore;
    held.source = "disk";
    settleEarlier(held);
    syncInflight(context.INFLIGHT, held.id, held.conversation, stored.cursor, ports.clock.now());
    const inflight = context.INFLIGHT.get(held.id);
    if (inflight !== undefined) {
      // Whatever the record says: a page that was killed could not mark it (S4).
      context.INFLIGHT.set(held.id, {
        ...inflight,
        reattach: true,
        startedAtMs: stored.inflight?.startedAtMs ?? inflight.startedAtMs,
      });
    }
    streams.dispatch(held, { kind: "known" });
  }

  /** The session goes out of sight: closed, flushed without waiting, kept small (S8). */
  function leave(sid: SessionId): void {
    const held = sessions.get(sid);
    if (held === undefined) return;
    if (held.source === "loading" || held.machine.state.kind === "closed") {
      void context.saves.saveNow(sid);
      if (!held.machine.isUnborn) parts.drop(held);
      return;
    }
    streams.dispatch(held, { kind: "pause", reason: "not-viewed" });
    void context.saves.saveNow(sid);
    compactSettled(held.conversation);
    // A session that the server does not know yet exists nowhere else.
    if (!held.machine.isUnborn) cache.leave(sid, heldChars(held));
  }
}
