import { batch, computed, signal, type ReadonlySignal } from "@preact/signals";
import type { SessionId, TurnId } from "../protocol/ids.ts";
import type { SendTurn } from "../protocol/requests.ts";
import type { OutboxEntry, SessionView } from "../streaming/ports.ts";
import type { FarTurns } from "./far-turns.ts";
import type { RowGroup } from "./row-groups.ts";
import type { TurnRow } from "./turn-groups.ts";
import { TurnPlacer, type TurnPlace, type TurnPlaces } from "./turn-places.ts";
import { toSentTurnView, toWaitingTurnView, type TurnView } from "./turn-view.ts";

/** A turn that is to be brought into sight. A new object each time, so that the same one can be asked for again. */
export interface TurnTarget {
  readonly session: SessionId;
  /** That very turn, whichever alternative it is; or a row, whichever of its alternatives is shown. */
  readonly kind: "turn" | "row";
  /** The id of the turn, or the key of the row. */
  readonly turn: string;
  /** Where in the turn: an occurrence of what is searched for; undefined: its beginning. */
  readonly occurrence: number | undefined;
  /** How far below the upper edge; undefined: as a jump puts it. Unit: px. */
  readonly offsetPx: number | undefined;
}

/** How it stands with turns before those that are loaded. */
export type EarlierState =
  | { readonly kind: "idle" }
  | {
      readonly kind: "loading";
      /** A reader waits for it to be brought somewhere. */
      readonly isJump: boolean;
      /** Turns that a jump has loaded on its way. */
      readonly loadedTurns: number;
    }
  | { readonly kind: "failed"; readonly why: string };

/** A move from question to question, or to the end. */
export type ReaderMove = "previous-question" | "next-question" | "end";

/** The conversation that is shown: its structure, never its text. */
export interface ConversationSignals {
  readonly session: ReadonlySignal<SessionId | undefined>;
  /** All turns that are loaded, in groups: few objects however long the conversation is. */
  readonly groups: ReadonlySignal<readonly RowGroup[]>;
  /** The rows of all groups. Made when it is read: nothing that is done per frame or per event may. */
  readonly rows: ReadonlySignal<readonly TurnRow[]>;
  readonly isEmpty: ReadonlySignal<boolean>;
  readonly running: ReadonlySignal<readonly TurnView[]>;
  /** Turns that a later one goes on from. */
  readonly continued: ReadonlySignal<ReadonlySet<TurnId>>;
  /** Whether the server has turns before the first group. */
  readonly hasMore: ReadonlySignal<boolean>;
  readonly source: ReadonlySignal<SessionView["source"] | "none">;
  /** In words, when it could not be read and nothing is shown. */
  readonly failure: ReadonlySignal<string | undefined>;
  readonly earlier: ReadonlySignal<EarlierState>;
  /** The group after which turns are missing in the page, by its key; undefined where there is no gap. */
  readonly gapAfter: ReadonlySignal<string | undefined>;
  /** How it stands with those. */
  readonly between: ReadonlySignal<EarlierState>;
  /** How often something was sent from this page: whoever sends wants to see it, wherever he was reading. */
  readonly sends: ReadonlySignal<number>;
  readonly target: ReadonlySignal<TurnTarget | undefined>;
  /** What the reader asked for last; a new object each time. */
  readonly move: ReadonlySignal<{ readonly kind: ReaderMove } | undefined>;
  /** Where a turn stands; undefined while it is not loaded. */
  placeOf(turn: string): TurnPlace | undefined;
}

export interface ConversationState extends ConversationSignals {
  /** Shows the session as it is now. */
  show(
    session: SessionId | undefined,
    view: SessionView | undefined,
    waiting: readonly OutboxEntry[],
    /** Accepted by the server; shown until the stream brings them. */
    sent: readonly SendTurn[],
    /** Stand before the session's turns. */
    far?: FarTurns,
  ): void;
  /** Whether the page has a place for this part's text already. */
  hasPart(turn: TurnId, part: string): boolean;
  setEarlier(state: EarlierState): void;
  setBetween(state: EarlierState): void;
  setTarget(target: TurnTarget): void;
  setMove(move: ReaderMove): void;
  countSend(): void;
}

const IDLE: EarlierState = { kind: "idle" };

export function createConversationState(): ConversationState {
  const session = signal<SessionId | undefined>(undefined);
  const groups = signal<readonly RowGroup[]>([]);
  const open = signal<readonly TurnView[]>([]);
  const settledContinued = signal<readonly TurnId[]>([]);
  const hasMore = signal(false);
  const source = signal<SessionView["source"] | "none">("none");
  const failure = signal<string | undefined>(undefined);
  const earlier = signal<EarlierState>(IDLE);
  const gapAfter = signal<string | undefined>(undefined);
  const between = signal<EarlierState>(IDLE);
  const sends = signal(0);
  const target = signal<TurnTarget | undefined>(undefined);
  const move = signal<{ readonly kind: ReaderMove } | undefined>(undefined);
  let placer = new TurnPlacer();
  let places: TurnPlaces | undefined;

  /** What only this page knows of: shown at the end until the conversation holds it. */
  function unfoldedTurns(
    view: SessionView | undefined,
    waiting: readonly OutboxEntry[],
    sent: readonly SendTurn[],
  ): readonly TurnView[] {
    const turns = [
      ...sent.map((body) => toSentTurnView(body, 0, { kind: "sent" })),
      ...waiting.map(toWaitingTurnView),
    ];
    return turns.flatMap((turn) => {
      if (turn === undefined || view?.conversation.turns.has(turn.id) === true) return [];
      const known = placer.known(turn.id);
      return [known !== undefined && isSameWaiting(known, turn) ? known : turn];
    });
  }

  return {
    session,
    groups,
    rows: computed(() => groups.value.flatMap((group) => group.rows)),
    isEmpty: computed(() => groups.value.length === 0),
    running: computed(() => open.value.filter((turn) => turn.status === "running")),
    continued: computed(
      () => new Set([...settledContinued.value, ...open.value.flatMap((turn) => turn.continues ?? [])]),
    ),
    hasMore,
    source,
    failure,
    earlier,
    gapAfter,
    between,
    sends,
    target,
    move,
    placeOf: (turn) => places?.placeOf(turn),
    show(sid, view, waiting, sent, far) {
      const isOther = sid !== session.peek();
      if (isOther) placer = new TurnPlacer();
      const now = placer.place(view, unfoldedTurns(view, waiting, sent), far);
      places = now;
      batch(() => {
        session.value = sid;
        groups.value = now.groups;
        open.value = now.open;
        settledContinued.value = now.settledContinued;
        hasMore.value = far?.hasMore ?? view?.hasMore ?? false;
        gapAfter.value = now.gapAfter;
        source.value = view?.source ?? "none";
        failure.value = view?.failure;
        if (isOther) {
          earlier.value = IDLE;
          between.value = IDLE;
          if (target.peek()?.session !== sid) target.value = undefined;
        }
      });
    },
    hasPart: (turn, part) => placer.known(turn)?.parts.some((known) => known.id === part) ?? false,
    setEarlier(state) {
      earlier.value = state;
    },
    setBetween(state) {
      between.value = state;
    },
    setTarget(news) {
      target.value = news;
    },
    setMove(kind) {
      move.value = { kind };
    },
    countSend() {
      sends.value += 1;
    },
  };
}

function isSameWaiting(known: TurnView, turn: TurnView): boolean {
  return known.delivery.kind === turn.delivery.kind && known.text === turn.text;
}
