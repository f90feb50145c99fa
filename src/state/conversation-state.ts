import { batch, computed, signal, type ReadonlySignal } from "@preact/signals";
import type { PartId, SessionId, TurnId } from "../protocol/ids.ts";
import type { SendTurn } from "../protocol/requests.ts";
import type { OutboxEntry, SessionView } from "../streaming/ports.ts";
import { groupTurns, type TurnRow } from "./turn-groups.ts";
import { toSentTurnView, toTurnView, toWaitingTurnView, type TurnView } from "./turn-view.ts";

/** The conversation that is shown: its structure, never its text. */
export interface ConversationSignals {
  readonly session: ReadonlySignal<SessionId | undefined>;
  readonly rows: ReadonlySignal<readonly TurnRow[]>;
  readonly running: ReadonlySignal<readonly TurnView[]>;
  /** Turns that a later one goes on from. */
  readonly continued: ReadonlySignal<ReadonlySet<TurnId>>;
  readonly hasMore: ReadonlySignal<boolean>;
  readonly source: ReadonlySignal<SessionView["source"] | "none">;
  /** In words, when it could not be read and nothing is shown. */
  readonly failure: ReadonlySignal<string | undefined>;
  readonly isLoadingEarlier: ReadonlySignal<boolean>;
  /** How often something was sent from this page: whoever sends wants to see it, wherever he was reading. */
  readonly sends: ReadonlySignal<number>;
}

/** A catch-up may bring a thousand turns between two frames; their rows come in over several, or one would hold the page up. */
export const MAX_NEW_TURNS = 50;

export interface ConversationState extends ConversationSignals {
  /**
   * Shows the session as it is now; of a conversation that is shown already at most {@link MAX_NEW_TURNS} more turns
   * at a time. Answers whether there are more: then call it again in the next frame.
   */
  show(
    session: SessionId | undefined,
    view: SessionView | undefined,
    waiting: readonly OutboxEntry[],
    /** Accepted by the server; shown until the stream brings them. */
    sent: readonly SendTurn[],
  ): boolean;
  /** Whether the page has a place for this part's text already. */
  hasPart(turn: TurnId, part: string): boolean;
  setLoadingEarlier(isLoading: boolean): void;
  countSend(): void;
}

export function createConversationState(): ConversationState {
  const session = signal<SessionId | undefined>(undefined);
  const turns = signal<readonly TurnView[]>([]);
  const rows = signal<readonly TurnRow[]>([]);
  const hasMore = signal(false);
  const source = signal<SessionView["source"] | "none">("none");
  const failure = signal<string | undefined>(undefined);
  const isLoadingEarlier = signal(false);
  const sends = signal(0);
  let partsByTurn = new Map<TurnId, ReadonlySet<string>>();

  return {
    session,
    rows,
    running: computed(() => turns.value.filter((turn) => turn.status === "running")),
    continued: computed(() => new Set(turns.value.flatMap((turn) => turn.continues ?? []))),
    hasMore,
    source,
    failure,
    isLoadingEarlier,
    sends,
    show(sid, view, waiting, sent) {
      const isOther = sid !== session.peek();
      const known = isOther ? [] : turns.peek();
      const knownById = new Map(known.map((turn) => [turn.id, turn]));
      const shown: TurnView[] = [];
      // What a person opens is painted at once, however long it is.
      let newTurns = known.length === 0 ? Number.NEGATIVE_INFINITY : 0;
      for (const turn of view?.conversation.turns.values() ?? []) {
        const same = knownById.get(turn.id);
        if (same === undefined) newTurns += 1;
        if (same !== undefined || newTurns <= MAX_NEW_TURNS) shown.push(toTurnView(turn, same));
      }
      const unknown = [
        ...sent.map((body) => toSentTurnView(body, 0, { kind: "sent" })),
        ...waiting.map(toWaitingTurnView),
      ];
      for (const turn of unknown) {
        if (turn === undefined || view?.conversation.turns.has(turn.id) === true) continue;
        const same = knownById.get(turn.id);
        shown.push(same !== undefined && isSameWaiting(same, turn) ? same : turn);
      }
      partsByTurn = new Map(
        shown.map((turn) => [turn.id, new Set<PartId>(turn.parts.map((part) => part.id))]),
      );
      batch(() => {
        session.value = sid;
        if (shown.length !== known.length || isOther || shown.some((turn, at) => turn !== known[at])) {
          turns.value = shown;
          rows.value = groupTurns(shown, isOther ? [] : rows.peek());
        }
        hasMore.value = view?.hasMore ?? false;
        source.value = view?.source ?? "none";
        failure.value = view?.failure;
        if (isOther) isLoadingEarlier.value = false;
      });
      return newTurns > MAX_NEW_TURNS;
    },
    hasPart: (turn, part) => partsByTurn.get(turn)?.has(part) ?? false,
    setLoadingEarlier(isLoading) {
      isLoadingEarlier.value = isLoading;
    },
    countSend() {
      sends.value += 1;
    },
  };
}

function isSameWaiting(known: TurnView, turn: TurnView): boolean {
  return known.delivery.kind === turn.delivery.kind && known.text === turn.text;
}
