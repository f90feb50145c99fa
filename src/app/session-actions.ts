import { MAX_TITLE_CHARS } from "../protocol/limits.ts";
import type { SessionId } from "../protocol/ids.ts";
import type { UpdateSession } from "../protocol/requests.ts";
import type { Actions } from "./actions.ts";
import type { AppContext } from "./app-context.ts";
import { UNDO_DELETE_MS } from "./delays-and-limits.ts";
import type { Pages } from "./pages.ts";
import type { Toast } from "./toast.ts";
import type { UndoDeletion } from "./undo-deletion.ts";

type SessionActions = Pick<
  Actions,
  | "openSession"
  | "openNewSession"
  | "chooseAgent"
  | "rename"
  | "setPinned"
  | "setArchived"
  | "deleteSession"
  | "undoDelete"
  | "setSearch"
  | "setShowingArchived"
>;

export interface SessionActionParts {
  readonly pages: Pages;
  readonly toast: Toast;
  readonly undoDeletion: UndoDeletion;
}

/** What can be done with a session as a whole. All of it goes through the outbox, so all of it works offline. */
export function createSessionActions(context: AppContext, parts: SessionActionParts): SessionActions {
  const { engine, environment, state } = context;
  const { pages, toast, undoDeletion } = parts;

  function update(sid: SessionId, body: UpdateSession): void {
    engine.outbox.update(sid, body).catch((error: unknown) => {
      environment.ports.reporter.warn("A change of a session could not be kept.", error);
      toast.say("The change could not be kept. Try again.");
    });
  }

  /** Where to go when the open session goes: the row after it, else the one before, else a new session. */
  function neighbour(sid: SessionId): SessionId | undefined {
    const rows = state.list.shownRows.peek();
    const at = rows.findIndex((row) => row.id === sid);
    if (at < 0) return rows[0]?.id;
    return (rows[at + 1] ?? rows[at - 1])?.id;
  }

  return {
    openSession: (sid) => pages.open(sid),
    openNewSession: () => pages.open(undefined),
    chooseAgent(agent) {
      environment.settings.write("lastAgent", agent);
      state.agents.setLastUsed(agent);
      const sid = pages.viewed();
      if (sid !== undefined) update(sid, { agent });
    },
    rename(sid, title) {
      const trimmed = title.trim().slice(0, MAX_TITLE_CHARS);
      if (trimmed !== "" && trimmed !== state.list.summary(sid)?.title) update(sid, { title: trimmed });
    },
    setPinned: (sid, isPinned) => update(sid, { pinned: isPinned }),
    setArchived: (sid, isArchived) => update(sid, { archived: isArchived }),
    deleteSession(sid) {
      const title = state.list.summary(sid)?.title ?? "Session";
      const next = pages.viewed() === sid ? { sid: neighbour(sid) } : undefined;
      engine.outbox.delete(sid, UNDO_DELETE_MS).catch((error: unknown) => {
        environment.ports.reporter.warn("A deletion could not be kept.", error);
        toast.say("The session was not deleted. Try again.");
      });
      if (next !== undefined) pages.open(next.sid, "replace");
      undoDeletion.make(sid, title);
    },
    undoDelete(sid) {
      undoDeletion.takeBack();
      engine.outbox.undoDelete(sid).catch((error: unknown) => {
        environment.ports.reporter.warn("Undoing a deletion failed.", error);
        toast.say("The session could not be brought back.");
      });
      pages.open(sid);
    },
    setSearch: (text) => state.list.setSearch(text),
    setShowingArchived: (isShowing) => state.list.setShowingArchived(isShowing),
  };
}
