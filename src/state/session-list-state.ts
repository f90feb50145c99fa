import { batch, computed, signal, type ReadonlySignal } from "@preact/signals";
import type { SessionId } from "../protocol/ids.ts";
import type { SessionSummary } from "../protocol/snapshot.ts";
import type { OutboxEntry } from "../streaming/ports.ts";
import { keepRows, sessionRows, withUpdates, type SeenMarks, type SessionRow } from "./session-rows.ts";

export interface SessionListSignals {
  /** All rows, pinned first, then by activity; sessions being deleted are not among them. */
  readonly rows: ReadonlySignal<readonly SessionRow[]>;
  /** The rows that the side bar shows: search and the archive switch applied. */
  readonly shownRows: ReadonlySignal<readonly SessionRow[]>;
  readonly archivedCount: ReadonlySignal<number>;
  readonly search: ReadonlySignal<string>;
  readonly isShowingArchived: ReadonlySignal<boolean>;
  /** Whether a list has been read at all, from disk or server. */
  readonly isKnown: ReadonlySignal<boolean>;
}

export interface SessionListState extends SessionListSignals {
  setSessions(sessions: readonly SessionSummary[], entries: readonly OutboxEntry[]): void;
  setViewed(sid: SessionId | undefined): void;
  setSeen(seen: SeenMarks): void;
  setSearch(text: string): void;
  setShowingArchived(isShowing: boolean): void;
  /** The session with what the outbox still has to tell the server. */
  summary(sid: SessionId): SessionSummary | undefined;
}

export function createSessionListState(): SessionListState {
  const sessions = signal<readonly SessionSummary[]>([]);
  const entries = signal<readonly OutboxEntry[]>([]);
  const viewed = signal<SessionId | undefined>(undefined);
  const seen = signal<SeenMarks>({ baselineMs: undefined, seenAtMs: {} });
  const search = signal("");
  const isShowingArchived = signal(false);
  const isKnown = signal(false);
  /** Each switch asks for all rows anew, and changes two. */
  let drawnRows: readonly SessionRow[] = [];
  const rows = computed(() => {
    drawnRows = keepRows(drawnRows, sessionRows(sessions.value, entries.value, seen.value, viewed.value));
    return drawnRows;
  });
  const shownRows = computed(() => {
    const words = search.value.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
    return rows.value.filter((row) => {
      // A search looks everywhere: what is archived is put away, not hidden.
      if (words.length === 0) return row.isArchived === isShowingArchived.value;
      const title = row.title.toLocaleLowerCase();
      return words.every((word) => title.includes(word));
    });
  });
  return {
    rows,
    shownRows,
    archivedCount: computed(() => rows.value.filter((row) => row.isArchived).length),
    search,
    isShowingArchived,
    isKnown,
    setSessions(list, outbox) {
      batch(() => {
        sessions.value = list;
        entries.value = outbox;
        isKnown.value = true;
      });
    },
    setViewed(sid) {
      viewed.value = sid;
    },
    setSeen(marks) {
      seen.value = marks;
    },
    setSearch(text) {
      search.value = text;
    },
    setShowingArchived(isShowing) {
      isShowingArchived.value = isShowing;
    },
    summary(sid) {
      const session = sessions.peek().find((candidate) => candidate.id === sid);
      return session && withUpdates(session, entries.peek());
    },
  };
}
