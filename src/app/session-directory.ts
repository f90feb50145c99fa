import * as v from "valibot";
import { AgentIdSchema, type SessionId } from "../protocol/ids.ts";
import type { SessionSummary } from "../protocol/snapshot.ts";
import type { AppState } from "../state/app-state.ts";
import type { Disposer, OutboxEntry } from "../streaming/ports.ts";
import type { AppContext } from "./app-context.ts";
import { joinSeen, markSeen, parseSeenMarks, withBaseline } from "./seen-marks.ts";
import { titleFromText, UNTITLED } from "../protocol/session-title.ts";

/** All sessions this browser knows: the server's, and those made here that it does not know yet. Keeps the side bar true. */
export interface SessionDirectory {
  /** A session made here: listed at once, with what the server will make of it. */
  begin(summary: SessionSummary): void;
  /** The server has made it: listed as the server says, but for the title that its first message is about to give it. */
  created(summary: SessionSummary): void;
  /** Before a session is shown: one that the server does not know yet begins empty instead of being asked for. */
  prepare(sid: SessionId): void;
  /** The session is gone: drops it, here and in the core. False when that had been done before. */
  drop(sid: SessionId): boolean;
  /** Whether a person deleted it in this browser, in whichever tab, and has not taken that back. */
  isDeletedHere(sid: SessionId): boolean;
  /** The session is being looked at: what has ended in it is read. */
  markSeen(sid: SessionId): void;
  refresh(): void;
  dispose(): void;
}

type CreateEntry = Extract<OutboxEntry, { kind: "create" }>;

/** @param onBegunAgain A session begun in an earlier life of the page was found in the outbox. */
export function createSessionDirectory(
  context: AppContext,
  onBegunAgain: (sid: SessionId) => void,
): SessionDirectory {
  const { engine, state } = context;
  const { settings, ports } = context.environment;
  const dropped = new Set<SessionId>();
  /** Sessions whose creation was seen in the outbox, here or by another tab. */
  let creating = new Set<SessionId>();
  /** Deletions in the outbox, with the time before which they can be undone. */
  let deleting = new Map<SessionId, number>();
  /** The viewed session, of which the server knew nothing, and its row of then. */
  let missing: { readonly sid: SessionId; readonly row: SessionSummary | undefined } | undefined;
  /** Deletions that have left the outbox by being sent. */
  const deletedHere = new Set<SessionId>();
  let seen = parseSeenMarks(settings.read("seen"));
  state.list.setSeen(seen);

  function keepSeen(next: typeof seen): void {
    if (next === seen) return;
    // Every tab writes all marks: without the others' it would take theirs back.
    seen = joinSeen(parseSeenMarks(settings.read("seen")), next);
    state.list.setSeen(seen);
    settings.write("seen", seen);
  }

  function hearSeen(): void {
    seen = joinSeen(parseSeenMarks(settings.read("seen")), seen);
    state.list.setSeen(seen);
  }

  function isListed(sid: SessionId): boolean {
    return rowOf(sid) !== undefined;
  }

  function rowOf(sid: SessionId): SessionSummary | undefined {
    return engine.poller.sessions().find((session) => session.id === sid);
  }

  function isNotFound(sid: SessionId): boolean {
    const connection = engine.core.view(sid)?.connection;
    return engine.core.viewed() === sid && connection?.kind === "closed" && connection.reason === "not-found";
  }

  /** Opened before the server had it: once the list tells of it anew, it is asked for once more. */
  function reopenFound(): void {
    if (missing === undefined) return;
    const { sid } = missing;
    const row = rowOf(sid);
    if (row === undefined || row === missing.row) return;
    missing = undefined;
    if (isNotFound(sid)) engine.core.created(sid);
  }

  function summaryOf(entry: CreateEntry): SessionSummary {
    const first = engine.outbox
      .entries()
      .find((other) => other.session === entry.session && other.kind === "send");
    const title =
      entry.body.title ?? (first?.kind === "send" ? titleFromText(first.body.text) : undefined) ?? UNTITLED;
    return newSessionSummary(
      entry.session,
      title,
      entry.body.agent ?? agentForNewSession(state),
      entry.createdAtMs,
    );
  }

  function followCreations(entries: readonly OutboxEntry[]): void {
    const now = new Set<SessionId>();
    for (const entry of entries) {
      if (entry.kind !== "create") continue;
      now.add(entry.session);
      if (creating.has(entry.session)) continue;
      // The list on disk may have its row; that the server has never heard of it, only the outbox knows.
      if (!isListed(entry.session)) engine.poller.merge(summaryOf(entry));
      onBegunAgain(entry.session);
    }
    const done = [...creating].filter((sid) => !now.has(sid));
    creating = now;
    // By this tab or another: whoever emptied the outbox.
    for (const sid of done) engine.core.created(sid);
  }

  /** A deletion that another tab sent is seen here as one that left the outbox; the list tells the rest. */
  function followDeletions(entries: readonly OutboxEntry[]): void {
    const before = deleting;
    deleting = new Map();
    for (const entry of entries) {
      if (entry.kind === "delete") deleting.set(entry.session, entry.notBeforeMs);
    }
    for (const [sid, notBeforeMs] of before) {
      if (deleting.has(sid) || ports.clock.now() < notBeforeMs) continue;
      deletedHere.add(sid);
      engine.poller.refresh();
    }
  }

  function refresh(): void {
    const listed = engine.poller.sessions();
    if (listed.length > 0) keepSeen(withBaseline(seen, listed));
    const viewed = engine.core.viewed();
    if (viewed !== undefined && !ports.page.isHidden()) markViewedSeen(viewed);
    state.list.setSessions(listed, engine.outbox.entries());
  }

  function markViewedSeen(sid: SessionId): void {
    const ended = engine.poller.sessions().find((session) => session.id === sid)?.lastEndedAt;
    keepSeen(markSeen(seen, sid, ended));
  }

  const disposers: Disposer[] = [
    ports.page.subscribe((event) => {
      // What was read in another tab meanwhile.
      if (event === "visible" || event === "focus" || event === "restored") hearSeen();
    }),
    engine.core.subscribe(({ kind, session }) => {
      if (kind === "connection" && isNotFound(session)) missing = { sid: session, row: rowOf(session) };
    }),
    engine.poller.subscribe(() => {
      reopenFound();
      refresh();
    }),
    engine.outbox.subscribe(() => {
      const entries = engine.outbox.entries();
      followCreations(entries);
      followDeletions(entries);
      refresh();
    }),
  ];

  return {
    begin(summary) {
      engine.poller.merge(summary);
      engine.core.begin(summary);
    },
    created(summary) {
      const known = engine.poller.sessions().find((session) => session.id === summary.id);
      const isUntitled = summary.title === UNTITLED;
      engine.poller.merge(isUntitled && known !== undefined ? { ...summary, title: known.title } : summary);
    },
    prepare(sid) {
      const entry = engine.outbox
        .entries()
        .find((other): other is CreateEntry => other.kind === "create" && other.session === sid);
      const view = engine.core.view(sid);
      if (entry !== undefined && (view === undefined || view.source === "loading")) {
        engine.core.begin(summaryOf(entry));
      }
    },
    drop(sid) {
      if (dropped.has(sid)) return false;
      dropped.add(sid);
      engine.poller.remove(sid);
      context.environment.drafts.drop(sid);
      engine.core
        .forget(sid)
        .catch((error: unknown) => ports.reporter.warn("Forgetting a session failed.", error));
      return true;
    },
    isDeletedHere: (sid) => deleting.has(sid) || deletedHere.has(sid),
    markSeen: markViewedSeen,
    refresh,
    dispose() {
      for (const dispose of disposers) dispose();
    },
  };
}

/** What will answer in a new session, as far as this page knows: `demo` is always there (PROTOCOL §2). */
export function agentForNewSession(state: AppState): SessionSummary["agent"] {
  return state.agents.forNewSession.peek() ?? v.parse(AgentIdSchema, "demo");
}

/** The row of a session that the server has not heard of yet. */
export function newSessionSummary(
  id: SessionId,
  title: string,
  agent: SessionSummary["agent"],
  nowMs: number,
): SessionSummary {
  return {
    id,
    title,
    createdAt: nowMs,
    updatedAt: nowMs,
    agent,
    pinned: false,
    archived: false,
    status: "idle",
    running: 0,
    queued: 0,
  };
}
