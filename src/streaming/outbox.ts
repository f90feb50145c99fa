import type { SessionId } from "../protocol/ids.ts";
import type { CreateSession, SendTurn, UpdateSession } from "../protocol/requests.ts";
import type { SessionSummary } from "../protocol/snapshot.ts";
import type { Outbox } from "./core-types.ts";
import { createOutboxEntries } from "./outbox-entries.ts";
import { createOutboxLane, type OutboxLane } from "./outbox-lane.ts";
import type { OutboxEntry, PageEvent, StreamingPorts } from "./ports.ts";

/** Told when something of the outbox came to its end. All optional; none may throw. */
export interface OutboxHooks {
  /** The server has the session now. */
  onCreated?(sid: SessionId, summary: SessionSummary): void;
  /** Accepted: its `turn-queued` is in the log. Shown until the stream brings it. */
  onAccepted?(sid: SessionId, body: SendTurn): void;
  onUpdated?(sid: SessionId, summary: SessionSummary): void;
  /** The server has deleted the session, or never knew it. */
  onDeleted?(sid: SessionId): void;
  /** A message was refused because its session is gone: deleted elsewhere, or lost by the server. It stays as an entry. */
  onGone?(sid: SessionId, why: "deleted" | "not-found"): void;
  /** Something other than a message was refused for good; a refused message stays as an entry. */
  onRefused?(sid: SessionId, why: string): void;
  /** 401: sending pauses until `setPaused("signed-out", false)`. */
  onSignedOut?(): void;
}

export type OutboxPorts = Pick<
  StreamingPorts,
  "clock" | "random" | "page" | "api" | "outbox" | "lock" | "reporter"
>;

/**
 * Sends what was written, once and in order, whatever happens to the page meanwhile.
 *
 * S7: an entry keeps its turn id on every try, is on disk before the first, and goes only when the server accepted it
 * or refused it for good. One lane per session, each under one lock over tabs: a stuck session holds up no other,
 * and two tabs never send one session's entries out of order.
 */
export function createOutbox(ports: OutboxPorts, hooks: OutboxHooks = {}): Outbox {
  const pauses = new Set<"offline" | "signed-out">();
  const lanes = new Map<SessionId, OutboxLane>();
  const entries = createOutboxEntries(ports);
  let isDisposed = false;

  function isPaused(): boolean {
    return isDisposed || pauses.size > 0;
  }

  function laneOf(sid: SessionId): OutboxLane {
    const known = lanes.get(sid);
    if (known !== undefined) return known;
    const lane = createOutboxLane(sid, {
      ports,
      entries,
      hooks,
      isPaused,
      onSignedOut() {
        pauses.add("signed-out");
        hooks.onSignedOut?.();
      },
    });
    lanes.set(sid, lane);
    return lane;
  }

  function kickAll(isFresh: boolean): void {
    for (const sid of new Set(entries.list().map((entry) => entry.session))) laneOf(sid).kick(isFresh);
  }

  async function reload(isFresh: boolean): Promise<void> {
    await entries.reload();
    if (!isDisposed) kickAll(isFresh);
  }

  async function put(entry: OutboxEntry): Promise<void> {
    await entries.put(entry);
    if (!isDisposed) laneOf(entry.session).kick(false);
  }

  function setPaused(reason: "offline" | "signed-out", paused: boolean): void {
    if (paused) {
      pauses.add(reason);
      for (const lane of lanes.values()) lane.rest();
      return;
    }
    if (pauses.delete(reason)) void reload(true);
  }

  function onPage(event: PageEvent): void {
    switch (event) {
      case "offline":
        setPaused("offline", true);
        break;
      case "online":
      case "visible":
      case "resume":
      case "restored":
        // iOS fires no `online` on resume: the fact is looked at.
        if (ports.page.isOnline() && pauses.has("offline")) setPaused("offline", false);
        else void reload(true);
        break;
      case "freeze":
      case "pagehide":
        // A frozen page would keep the lock from every other tab; what is on its way is settled when it answers.
        for (const lane of lanes.values()) lane.abandon();
        break;
      case "hidden":
      case "focus":
        break;
    }
  }

  if (!ports.page.isOnline()) pauses.add("offline");
  const unsubscribePage = ports.page.subscribe(onPage);
  const unsubscribeStore = ports.outbox.subscribe(() => void reload(false));

  return {
    entries: entries.list,
    subscribe: entries.subscribe,
    create: (sid: SessionId, body: CreateSession) => put({ ...entries.stamp(sid), kind: "create", body }),
    send: (sid: SessionId, body: SendTurn) => put({ ...entries.stamp(sid), kind: "send", body }),
    update: (sid: SessionId, body: UpdateSession) => put({ ...entries.stamp(sid), kind: "update", body }),
    delete: (sid, undoMs) =>
      put({ ...entries.stamp(sid), kind: "delete", notBeforeMs: ports.clock.now() + undoMs }),
    async undoDelete(sid) {
      for (const entry of entries.of(sid)) {
        if (entry.kind === "delete" && !laneOf(sid).isSending(entry.id)) await entries.remove(entry.id);
      }
      laneOf(sid).kick(true);
    },
    async discard(entryId) {
      const entry = entries.list().find((known) => known.id === entryId);
      if (entry === undefined) return undefined;
      return laneOf(entry.session).discard(entry);
    },
    refresh: () => entries.reload(),
    resume: () => void reload(true),
    setPaused,
    dispose() {
      isDisposed = true;
      unsubscribePage();
      unsubscribeStore();
      for (const lane of lanes.values()) lane.abandon();
      entries.dispose();
    },
  };
}
