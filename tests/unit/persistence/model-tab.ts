import {
  createConversation,
  type ConversationState,
  type TurnState,
} from "../../../src/protocol/conversation.ts";
import { fromTurnSnapshot } from "../../../src/protocol/conversation-snapshot.ts";
import { applyFrame } from "../../../src/streaming/apply-frame.ts";
import type { Epoch, SessionId } from "../../../src/protocol/ids.ts";
import type { SessionSummary } from "../../../src/protocol/snapshot.ts";
import { createNewsKeeper } from "../../../src/streaming/log-news.ts";
import type { ConversationMoment, ConversationStore, SaveOutcome } from "../../../src/streaming/ports.ts";
import { fromStored } from "../../../src/streaming/stored-conversation.ts";
import { frameOf, queuedAt, turnsAt } from "./model-log.ts";

/** A tab as the store sees it: it folds the model log in frames of any size, and may jump by a snapshot. */
export interface ModelTab {
  readonly store: ConversationStore;
  seq(): number;
  /** Folds up to `seq`, in frames of `size` events, each of which may repeat `overlap` events before it. */
  fold(seq: number, size?: number, overlap?: number): void;
  /** Knows nothing but the latest `turns` of the log at `seq`, as after a snapshot. */
  jump(of: Epoch, seq: number, turns?: number): void;
  /** Puts the `count` turns before the first known one in front, as after paging. */
  page(count: number): void;
  /** Moves all but the latest turns to where events don't look for them. */
  settleEarlier(): void;
  save(isConfirmed?: boolean): Promise<SaveOutcome>;
  /** Takes what the disk has for its own. Whether there was anything. */
  load(): Promise<boolean>;
  moment(): ConversationMoment;
}

export function createModelTab(sid: SessionId, session: SessionSummary, store: ConversationStore): ModelTab {
  const news = createNewsKeeper();
  let cursor = { epoch: "e1" as Epoch, seq: 0 };
  let conversation: ConversationState = createConversation();
  let earlier: readonly TurnState[] = [];
  let hasMore = false;

  function moment(): ConversationMoment {
    return {
      cursor,
      session,
      hasMore,
      earlier,
      conversation,
      news: news.read(cursor, { earlier, conversation }),
      inflight: { reattach: true, startedAtMs: 5 },
      confirmedEpoch: cursor.epoch,
    };
  }

  return {
    store,
    seq: () => cursor.seq,
    fold(seq, size = 1, overlap = 0) {
      // No frame is so long that it repeats the beginning of a turn that events don't look for: they look for dozens.
      const floor =
        overlap === 0
          ? 1
          : turnsAt(cursor.epoch, cursor.seq)
              .filter((turn) => !conversation.turns.has(turn.id))
              .reduce((latest, turn) => Math.max(latest, queuedAt(cursor.epoch, turn.id) + 1), 1);
      while (cursor.seq < seq) {
        const upTo = Math.min(seq, cursor.seq + size);
        const frame = frameOf(cursor.epoch, Math.max(floor, cursor.seq + 1 - overlap), upTo);
        const applied = applyFrame(conversation, cursor, frame);
        if (applied.kind !== "applied") throw new Error(`the model folds without holes: ${applied.kind}`);
        news.note(cursor, frame);
        cursor = applied.cursor;
      }
    },
    jump(of, seq, turns = Number.POSITIVE_INFINITY) {
      const all = turnsAt(of, seq);
      const firstUnfinished = all.findIndex((turn) => turn.status !== "ended");
      const from = Math.min(
        Math.max(0, all.length - turns),
        firstUnfinished < 0 ? all.length : firstUnfinished,
      );
      cursor = { epoch: of, seq };
      hasMore = from > 0;
      earlier = [];
      conversation = createConversation();
      for (const turn of all.slice(from)) conversation.turns.set(turn.id, fromTurnSnapshot(turn));
    },
    page(count) {
      const first = earlier[0]?.id ?? conversation.turns.keys().next().value;
      const all = turnsAt(cursor.epoch, cursor.seq);
      const at = all.findIndex((turn) => turn.id === first);
      if (at <= 0) return;
      const from = Math.max(0, at - count);
      earlier = [...all.slice(from, at).map(fromTurnSnapshot), ...earlier];
      hasMore = from > 0;
    },
    settleEarlier() {
      const moved: TurnState[] = [];
      for (const turn of conversation.turns.values()) {
        if (turn.status !== "ended" || conversation.turns.size - moved.length <= 6) break;
        moved.push(turn);
      }
      for (const turn of moved) conversation.turns.delete(turn.id);
      if (moved.length > 0) earlier = [...earlier, ...moved];
    },
    async save(isConfirmed = true) {
      let taken: ConversationMoment | undefined;
      const outcome = await store.save(sid, () => {
        taken = { ...moment(), ...(isConfirmed ? {} : { confirmedEpoch: undefined }) };
        return taken;
      });
      if (outcome === "written" && taken !== undefined) news.saved(taken);
      return outcome;
    },
    async load() {
      const stored = await store.load(sid);
      if (stored === undefined) return false;
      cursor = stored.cursor;
      conversation = fromStored(stored);
      earlier = [];
      ({ hasMore } = stored.transcript);
      return true;
    },
    moment,
  };
}
