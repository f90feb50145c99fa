import type { TurnState } from "../protocol/conversation.ts";
import type { PartId, SessionId, TurnId } from "../protocol/ids.ts";
import { createTextFinder, searchedTexts, type TextFinder } from "../protocol/text-search.ts";
import type { FoundTurn, Occurrence, OccurrencePlace } from "../state/search-state.ts";
import type { Disposer } from "../streaming/ports.ts";
import type { Actions } from "./actions.ts";
import type { AppContext } from "./app-context.ts";
import {
  MAX_FOUND_TURNS,
  SEARCH_AGAIN_MS,
  SEARCH_DELAY_MS,
  SEARCH_SLICE_CHARS,
} from "./delays-and-limits.ts";
import { failureWords } from "./failure-words.ts";
import { neighbourOf } from "./neighbour-occurrence.ts";

type SearchActions = Pick<Actions, "openSearch" | "closeSearch" | "searchFor" | "goToOccurrence">;

export interface ConversationSearch extends SearchActions {
  /** A session is shown: what was searched for in another one is over. */
  shown(sid: SessionId): void;
  dispose(): void;
}

export interface ConversationSearchParts {
  viewed(): SessionId | undefined;
  jumpToTurn(turn: TurnId, occurrence: number): Promise<void>;
  /** Turns that are loaded apart from those that the core holds. */
  farTurns(sid: SessionId): readonly TurnState[];
}

const OFFLINE_WORDS = "You are offline: only what is loaded was searched.";

/**
 * Finds a text in the whole conversation: what is loaded is looked through here, in slices, what stands before it by the
 * server. Follows answers that grow.
 */
export function createConversationSearch(
  context: AppContext,
  parts: ConversationSearchParts,
): ConversationSearch {
  const { engine, state } = context;
  const { search, conversation } = state;
  const { clock, api } = context.environment.ports;
  /** A later query, or another session, takes the place of the one before. */
  let searches = 0;
  let stopTimer: Disposer | undefined;
  let finder: TextFinder = createTextFinder("");
  let searched: SessionId | undefined;
  /** Of turns that no event reaches: earlier ones of this page, and those that only the server has, oldest first. */
  let settled: readonly FoundTurn[] = [];
  let beyond: readonly FoundTurn[] = [];

  const later = (delayMs: number, run: () => void): void => {
    stopTimer?.();
    stopTimer = clock.setTimer(delayMs, () => {
      stopTimer = undefined;
      run();
    });
  };
  const nextTask = (): Promise<void> =>
    new Promise((resolve) => {
      clock.setTimer(0, resolve);
    });

  function look(turn: TurnState): FoundTurn | undefined {
    let count = 0;
    for (const { text } of searchedTexts(turn)) count += finder.count(text);
    return count > 0 ? { turn: turn.id, count } : undefined;
  }

  function publish(sid: SessionId): void {
    const folded = engine.core.view(sid)?.conversation.turns.values() ?? [];
    const found = [...beyond, ...settled];
    for (const turn of folded) found.push(...[look(turn)].filter((match) => match !== undefined));
    // A page that came in meanwhile, or turns that were moved out of reach of events: they count once.
    const seen = new Set<TurnId>();
    search.setFound(
      found.filter(({ turn }) => {
        const isNew = !seen.has(turn);
        seen.add(turn);
        return isNew;
      }),
    );
  }

  async function run(sid: SessionId): Promise<void> {
    searches += 1;
    const own = searches;
    const isOver = (): boolean => own !== searches || parts.viewed() !== sid;
    finder = createTextFinder(search.query.peek());
    searched = sid;
    settled = [];
    beyond = [];
    search.setShortfall(undefined);
    if (search.query.peek().trim() === "") return;
    search.setSearching(true);
    const first = firstLoaded(sid);
    await searchLoaded(sid, isOver);
    if (isOver()) return;
    publish(sid);
    goToNearest(sid);
    if (engine.core.view(sid)?.hasMore === true && first !== undefined)
      await searchBeyond(sid, first, isOver);
    if (isOver()) return;
    search.setSearching(false);
    if (search.current.peek() === undefined) goToNearest(sid);
  }

  function firstLoaded(sid: SessionId): TurnId | undefined {
    const view = engine.core.view(sid);
    return view?.earlier[0]?.id ?? view?.conversation.turns.keys().next().value;
  }

  async function searchLoaded(sid: SessionId, isOver: () => boolean): Promise<void> {
    let chars = 0;
    const found: FoundTurn[] = [];
    for (const turn of engine.core.view(sid)?.earlier ?? []) {
      const match = look(turn);
      if (match !== undefined) found.push(match);
      for (const { text } of searchedTexts(turn)) chars += text.length;
      if (chars < SEARCH_SLICE_CHARS) continue;
      chars = 0;
      await nextTask();
      if (isOver()) return;
    }
    settled = found;
  }

  async function searchBeyond(sid: SessionId, first: TurnId, isOver: () => boolean): Promise<void> {
    if (state.connection.isOffline.peek()) {
      searchFar(sid);
      search.setShortfall(OFFLINE_WORDS);
      return;
    }
    let before: TurnId | undefined = first;
    while (before !== undefined) {
      const answer = await api.search(sid, { q: search.query.peek(), before });
      if (isOver()) return;
      if (!answer.ok) {
        searchFar(sid);
        search.setShortfall(`Only what is loaded was searched. ${failureWords(answer.error)}`);
        return;
      }
      const { matches, hasMore, next } = answer.value;
      beyond = [...matches.map(({ turn, count }) => ({ turn, count })).toReversed(), ...beyond];
      publish(sid);
      if (hasMore && beyond.length >= MAX_FOUND_TURNS) {
        search.setShortfall("There are more, further up: these are the latest.");
        return;
      }
      before = hasMore ? next : undefined;
    }
  }

  /** What is loaded far up, where the server does not say what stands there. */
  function searchFar(sid: SessionId): void {
    const known = new Set(beyond.map(({ turn }) => turn));
    const found = parts.farTurns(sid).flatMap((turn) => (known.has(turn.id) ? [] : (look(turn) ?? [])));
    beyond = [...found, ...beyond];
    publish(sid);
  }

  /** The first occurrence from where he reads on; what is not loaded is gone to only when he asks. */
  function goToNearest(sid: SessionId): void {
    if (search.current.peek() !== undefined) return;
    const found = search.found.peek();
    const position = context.environment.positions.read(sid);
    const order = new Map(conversation.rows.peek().map((row, at) => [row.key as string, at]));
    const from = position?.kind === "row" ? order.get(position.row) : undefined;
    const atOf = ({ turn }: FoundTurn): number | undefined =>
      order.get(conversation.placeOf(turn)?.row.key ?? "");
    const next =
      from === undefined
        ? undefined
        : found.find((match) => (atOf(match) ?? Number.NEGATIVE_INFINITY) >= from);
    const last = found.at(-1);
    const chosen = next ?? last;
    if (chosen === undefined || conversation.placeOf(chosen.turn) === undefined) return;
    void go({ turn: chosen.turn, index: next === undefined ? chosen.count - 1 : 0 });
  }

  async function go(occurrence: Occurrence): Promise<void> {
    search.setCurrent(occurrence);
    await parts.jumpToTurn(occurrence.turn, occurrence.index);
    if (search.current.peek() === occurrence) search.setPlace(locate(occurrence));
  }

  function locate({ turn, index }: Occurrence): OccurrencePlace | undefined {
    const row = conversation.placeOf(turn)?.row;
    const view = row?.slots.flatMap((slot) => slot.alternatives).find((other) => other.id === turn);
    if (view === undefined) return undefined;
    let before = 0;
    let inPart: PartId | undefined;
    let beforePart = 0;
    for (const { part, text } of searchedTexts(view)) {
      if (part !== inPart) beforePart = before;
      inPart = part;
      before += finder.count(text);
      if (index < before) return { turn, part, index: index - beforePart };
    }
    return undefined;
  }

  const unsubscribe = engine.core.subscribe((change) => {
    if (!search.isOpen.peek() || change.session !== searched || change.session !== parts.viewed()) return;
    if (change.kind !== "grown" && change.kind !== "conversation" && change.kind !== "ended") return;
    if (stopTimer === undefined && search.query.peek().trim() !== "") {
      const sid = change.session;
      later(SEARCH_AGAIN_MS, () => {
        if (search.isOpen.peek() && searched === parts.viewed()) publish(sid);
      });
    }
  });

  function closeSearch(): void {
    searches += 1;
    stopTimer?.();
    stopTimer = undefined;
    searched = undefined;
    search.close();
  }

  return {
    openSearch: () => search.ask(),
    closeSearch,
    searchFor(query) {
      searches += 1;
      search.setQuery(query);
      const sid = parts.viewed();
      if (sid === undefined) return;
      later(SEARCH_DELAY_MS, () => {
        if (parts.viewed() === sid && search.isOpen.peek()) void run(sid);
      });
    },
    shown(sid) {
      if (searched !== sid) closeSearch();
    },
    goToOccurrence(by) {
      const next = neighbourOf(search.found.peek(), search.current.peek(), by);
      if (next !== undefined) void go(next);
    },
    dispose() {
      unsubscribe();
      closeSearch();
    },
  };
}
