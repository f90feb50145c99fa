import { batch, computed, signal, type ReadonlySignal } from "@preact/signals";
import type { PartId, TurnId } from "../protocol/ids.ts";

/** A turn that holds what is searched for. */
export interface FoundTurn {
  readonly turn: TurnId;
  readonly count: number;
}

/** One occurrence: the how-manieth within its turn, from 0 on. */
export interface Occurrence {
  readonly turn: TurnId;
  readonly index: number;
}

/** Where an occurrence stands, once its turn is loaded. A new object for each time it is gone to. */
export interface OccurrencePlace {
  readonly turn: TurnId;
  /** Undefined: the question. */
  readonly part: PartId | undefined;
  /** The how-manieth within the question or that part, from 0 on. */
  readonly index: number;
}

/** The search within the conversation that is shown. */
export interface SearchSignals {
  readonly isOpen: ReadonlySignal<boolean>;
  readonly query: ReadonlySignal<string>;
  /** In the order of the conversation. */
  readonly found: ReadonlySignal<readonly FoundTurn[]>;
  readonly current: ReadonlySignal<Occurrence | undefined>;
  /** Of the current one. */
  readonly place: ReadonlySignal<OccurrencePlace | undefined>;
  /** Occurrences in all. */
  readonly total: ReadonlySignal<number>;
  /** The current one's place among all, from 1 on; 0: none. */
  readonly position: ReadonlySignal<number>;
  readonly isSearching: ReadonlySignal<boolean>;
  /** In words, when not all of the conversation was searched. */
  readonly shortfall: ReadonlySignal<string | undefined>;
  /** How often the search was asked for: the field takes the focus each time. */
  readonly asks: ReadonlySignal<number>;
}

export interface SearchState extends SearchSignals {
  ask(): void;
  close(): void;
  setQuery(query: string): void;
  /** What was found so far; keeps the current occurrence while it is among it. */
  setFound(found: readonly FoundTurn[]): void;
  setCurrent(occurrence: Occurrence): void;
  setPlace(place: OccurrencePlace | undefined): void;
  setSearching(isSearching: boolean): void;
  setShortfall(words: string | undefined): void;
}

export function createSearchState(): SearchState {
  const isOpen = signal(false);
  const query = signal("");
  const found = signal<readonly FoundTurn[]>([]);
  const current = signal<Occurrence | undefined>(undefined);
  const place = signal<OccurrencePlace | undefined>(undefined);
  const isSearching = signal(false);
  const shortfall = signal<string | undefined>(undefined);
  const asks = signal(0);
  const clear = (): void => {
    found.value = [];
    current.value = undefined;
    place.value = undefined;
    isSearching.value = false;
    shortfall.value = undefined;
  };
  return {
    isOpen,
    query,
    found,
    current,
    place,
    total: computed(() => found.value.reduce((sum, { count }) => sum + count, 0)),
    position: computed(() => {
      if (current.value === undefined) return 0;
      let before = 0;
      for (const { turn, count } of found.value) {
        if (turn === current.value.turn) return before + current.value.index + 1;
        before += count;
      }
      return 0;
    }),
    isSearching,
    shortfall,
    asks,
    ask() {
      batch(() => {
        isOpen.value = true;
        asks.value += 1;
      });
    },
    close() {
      batch(() => {
        isOpen.value = false;
        query.value = "";
        clear();
      });
    },
    setQuery(news) {
      batch(() => {
        query.value = news;
        clear();
      });
    },
    setFound(news) {
      batch(() => {
        found.value = news;
        const at = current.peek();
        const held = at === undefined ? undefined : news.find(({ turn }) => turn === at.turn);
        if (at !== undefined && (held === undefined || held.count <= at.index)) {
          current.value = held === undefined ? undefined : { turn: at.turn, index: held.count - 1 };
        }
      });
    },
    setCurrent(occurrence) {
      current.value = occurrence;
    },
    setPlace(news) {
      place.value = news;
    },
    setSearching(is) {
      isSearching.value = is;
    },
    setShortfall(words) {
      shortfall.value = words;
    },
  };
}
