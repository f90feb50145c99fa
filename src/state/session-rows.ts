import type { SessionId } from "../protocol/ids.ts";
import type { SessionSummary } from "../protocol/snapshot.ts";
import type { OutboxEntry } from "../streaming/ports.ts";

/** The ONE mark of a session: what it is doing. */
export type SessionMark = "running" | "queued" | "needs-you" | "unread" | "failed" | "idle";

/** A session as the side bar shows it. */
export interface SessionRow {
  readonly id: SessionId;
  readonly title: string;
  readonly updatedAt: number;
  readonly agent: SessionSummary["agent"];
  readonly isPinned: boolean;
  readonly isArchived: boolean;
  readonly mark: SessionMark;
}

/** What this browser has seen of finished answers; kept locally. Times are the server's. */
export interface SeenMarks {
  /** Answers that ended before this are taken for read: the first start on a device must not mark everything. */
  readonly baselineMs: number | undefined;
  readonly seenAtMs: Readonly<Record<string, number>>;
}

/** Rows for the side bar, pinned first, then by activity: what the server told, with what the outbox still has to tell it. */
export function sessionRows(
  sessions: readonly SessionSummary[],
  entries: readonly OutboxEntry[],
  seen: SeenMarks,
  viewed: SessionId | undefined,
): readonly SessionRow[] {
  const deleted = new Set(entries.filter((entry) => entry.kind === "delete").map((entry) => entry.session));
  const waiting = new Set(entries.filter((entry) => entry.kind === "send").map((entry) => entry.session));
  return sessions
    .filter((session) => !deleted.has(session.id))
    .map((session) => {
      const now = withUpdates(session, entries);
      return {
        id: now.id,
        title: now.title,
        updatedAt: now.updatedAt,
        agent: now.agent,
        isPinned: now.pinned,
        isArchived: now.archived,
        mark: markOf(now, waiting.has(now.id), seen, viewed),
      };
    })
    .sort((a, b) => Number(b.isPinned) - Number(a.isPinned) || b.updatedAt - a.updatedAt);
}

/** The rows, those that say what they said before as the very same objects: nobody draws those again. */
export function keepRows(before: readonly SessionRow[], rows: readonly SessionRow[]): readonly SessionRow[] {
  const known = new Map(before.map((row) => [row.id, row]));
  return rows.map((row) => {
    const old = known.get(row.id);
    return old !== undefined && isSameRow(old, row) ? old : row;
  });
}

function isSameRow(a: SessionRow, b: SessionRow): boolean {
  return (Object.keys(b) as (keyof SessionRow)[]).every((key) => Object.is(a[key], b[key]));
}

/** The session as it will be once the outbox has been emptied. */
export function withUpdates(session: SessionSummary, entries: readonly OutboxEntry[]): SessionSummary {
  let { title, agent, pinned, archived } = session;
  for (const entry of entries) {
    if (entry.kind !== "update" || entry.session !== session.id) continue;
    title = entry.body.title ?? title;
    agent = entry.body.agent ?? agent;
    pinned = entry.body.pinned ?? pinned;
    archived = entry.body.archived ?? archived;
  }
  return { ...session, title, agent, pinned, archived };
}

function markOf(
  session: SessionSummary,
  isWaiting: boolean,
  seen: SeenMarks,
  viewed: SessionId | undefined,
): SessionMark {
  if (session.status === "needs-you" || session.status === "running") return session.status;
  if (session.status === "queued" || isWaiting) return "queued";
  if (session.id !== viewed && isUnread(session, seen))
    return session.status === "failed" ? "failed" : "unread";
  return session.status;
}

function isUnread(session: SessionSummary, seen: SeenMarks): boolean {
  const ended = session.lastEndedAt ?? 0;
  return ended > Math.max(seen.baselineMs ?? Number.POSITIVE_INFINITY, seen.seenAtMs[session.id] ?? 0);
}
