import type { SessionId, TurnId } from "../protocol/ids.ts";
import { batch } from "@preact/signals";
import type { Route } from "../state/shell-state.ts";
import type { AppContext } from "./app-context.ts";
import { parseRoute, parseTurn, routePath } from "./router.ts";

/** What is kept already, and what is shown until the words have come back. */
export interface ReturningDraft {
  readonly kept: string;
  readonly shown: string;
}

/** Which session is shown, and what belongs to showing it: address, stream, draft. */
export interface Pages {
  /** Shows what the address bar says. */
  showAddressed(): void;
  open(sid: SessionId | undefined, how?: "push" | "replace"): void;
  /** The session that is viewed, or undefined where a new one would be begun. */
  viewed(): SessionId | undefined;
  /** Where what is typed here is kept; `new` before there is a session. */
  draftKey(): SessionId | "new";
  /** Texts on their way from a composer into the outbox: kept as drafts until they are there, but not shown as such. */
  readonly leaving: Map<SessionId | "new", string>;
  /** Drafts that hold words which are being taken out of the outbox: shown without them until they have left it. */
  readonly returning: Map<SessionId | "new", ReturningDraft>;
  /** What a composer shows of what is kept as its draft. */
  shownOf(key: SessionId | "new", kept: string): string;
  /** Resolves when the shown composer has all that is kept of its draft, on the disk too. Never rejects. */
  draftRead(): Promise<void>;
  /** Something was written in a composer (by default the one shown), or sent from it: a draft that is still being read is out of date. */
  wrote(key?: SessionId | "new"): void;
}

export interface PageEvents {
  /** About to be shown. */
  prepare(sid: SessionId): void;
  /** Paints what is known of the viewed session, now. */
  paint(): void;
  /** Undefined: where a new session is begun. */
  shown(sid: SessionId | undefined): void;
  /** The address names a turn of the session that is now shown. */
  addressedTurn(turn: TurnId): void;
}

export function createPages(context: AppContext, events: PageEvents): Pages {
  const { environment, engine, state } = context;
  const { navigation, drafts, frames, ports } = environment;

  const leaving = new Map<SessionId | "new", string>();
  const returning = new Map<SessionId | "new", ReturningDraft>();
  /** How often this life of the page has written in each composer: what it wrote there is known to be unsent. */
  const writes = new Map<SessionId | "new", number>();
  let reading: Promise<void> = Promise.resolve();
  const sessionOf = (route: Route): SessionId | undefined =>
    route.kind === "session" ? route.session : undefined;
  const viewed = (): SessionId | undefined => sessionOf(state.shell.route.peek());
  const draftKey = (): SessionId | "new" => viewed() ?? "new";

  const refreshList = (): void => engine.poller.refresh();

  function show(route: Route): void {
    const sid = sessionOf(route);
    const left = engine.core.viewed();
    if (sid !== undefined) events.prepare(sid);
    batch(() => {
      state.shell.setRoute(route);
      state.list.setViewed(ports.page.isHidden() ? undefined : sid);
      showDraft();
      // What is known is painted in this very task; the rest of the load goes on by itself.
      engine.core
        .loadSession(sid)
        .catch((error: unknown) => ports.reporter.warn("Loading a session failed.", error));
      events.paint();
    });
    events.shown(sid);
    // What was just sent there may not have been told by its stream yet; from now on only the list tells.
    // Behind the frame that shows the session: asking takes as long as a third of it.
    if (left !== undefined && left !== sid)
      frames.schedule(refreshList, () => ports.clock.setTimer(0, refreshList));
  }

  /** At once what is at hand; what the disk has, and is newer, comes into a composer that is still as it was. */
  function showDraft(): void {
    const key = draftKey();
    const shown = shownOf(key, drafts.peek(key));
    state.draft.setText(shown);
    reading = loadDraft(key, shown);
  }

  function shownOf(key: SessionId | "new", text: string): string {
    if (text === leaving.get(key)) return "";
    const back = returning.get(key);
    // Shown already, they could be sent once more while another tab is still sending them.
    return text === back?.kept ? back.shown : withoutSent(key, text);
  }

  async function loadDraft(key: SessionId | "new", shown: string): Promise<void> {
    const asOf = writes.get(key);
    try {
      // A browser that was killed has lost the last half second of localStorage, and not of the disk.
      const text = await drafts.load(key);
      // Written, sent or cleared since: what the disk says is older.
      if (writes.get(key) !== asOf || text === "") return;
      if (draftKey() !== key || state.draft.text.peek() !== shown) return;
      state.draft.setText(shownOf(key, text));
    } catch (error) {
      ports.reporter.warn("A draft could not be read.", error);
    }
  }

  /**
   * A page that was killed while it sent leaves its words in both places. The outbox has them, so they are a draft no
   * longer: shown as one, they would be sent twice.
   */
  function withoutSent(key: SessionId | "new", text: string): string {
    if (text === "" || writes.has(key)) return text;
    const writtenAtMs = drafts.writtenAtMs(key);
    if (writtenAtMs === undefined) return text;
    const entries = engine.outbox.entries();
    const isOf = (sid: SessionId): boolean =>
      key === "new" ? entries.some((entry) => entry.kind === "create" && entry.session === sid) : sid === key;
    const isSent = entries.some(
      (entry) =>
        entry.kind === "send" &&
        isOf(entry.session) &&
        entry.body.text === text &&
        entry.createdAtMs >= writtenAtMs,
    );
    if (isSent) drafts.remove(key, text);
    return isSent ? "" : text;
  }

  // The outbox is read when a draft is shown already.
  engine.outbox.subscribe(() => {
    const shown = state.draft.text.peek();
    if (withoutSent(draftKey(), shown) !== shown) state.draft.setText("");
  });

  return {
    showAddressed() {
      const path = navigation.path();
      const route = parseRoute(path);
      const turn = parseTurn(navigation.target());
      show(route);
      if (turn === undefined || route.kind !== "session") return;
      // Once: a reload is to show what was read last.
      navigation.replace(path);
      events.addressedTurn(turn);
    },
    open(sid, how = "push") {
      const path = routePath(sid);
      if (path !== navigation.path()) navigation[how](path);
      show(parseRoute(path));
    },
    viewed,
    draftKey,
    leaving,
    returning,
    shownOf,
    draftRead: () => reading,
    wrote(key = draftKey()) {
      writes.set(key, (writes.get(key) ?? 0) + 1);
    },
  };
}
