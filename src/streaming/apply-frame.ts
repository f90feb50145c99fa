import { foldEvent, type ConversationState } from "../protocol/conversation.ts";
import type { Cursor } from "../protocol/cursor.ts";
import type { LogFrame } from "../protocol/frames.ts";
import type { PartId, TurnId } from "../protocol/ids.ts";

export interface GrownPart {
  readonly turn: TurnId;
  readonly part: PartId;
}

/** What a frame did to a conversation. */
export type Applied =
  /** All of it was known. */
  | { readonly kind: "dropped" }
  /** Something before it is missing. What was folded until then is right as far as it goes; the cursor stays. */
  | { readonly kind: "hole"; readonly why: string; readonly effects: FrameEffects }
  | { readonly kind: "applied"; readonly cursor: Cursor; readonly effects: FrameEffects };

export interface FrameEffects {
  readonly grown: readonly GrownPart[];
  readonly ended: readonly TurnId[];
  /** Turns, their states or their order changed. */
  readonly hasChanged: boolean;
  /** UTF-16 code units of deltas. */
  readonly chars: number;
}

const NOTHING: FrameEffects = { grown: [], ended: [], hasChanged: false, chars: 0 };

/**
 * Folds a log frame into `conversation`, in place and at once (PROTOCOL §3: "what a client does").
 * S2: what is known is dropped by seq and by offset, what came too early is refused, so the text stays a prefix of the log's.
 */
export function applyFrame(conversation: ConversationState, cursor: Cursor, frame: LogFrame): Applied {
  if (frame.seq <= cursor.seq) return { kind: "dropped" };
  if (frame.from > cursor.seq + 1) {
    return {
      kind: "hole",
      why: `events ${cursor.seq + 1} to ${frame.from - 1} are missing`,
      effects: NOTHING,
    };
  }
  // A follower wants to know of a part once a frame, however many deltas it got.
  const grown = new Map<string, GrownPart>();
  const ended: TurnId[] = [];
  let hasChanged = false;
  let chars = 0;
  for (const event of frame.events) {
    const outcome = foldEvent(conversation, event);
    switch (outcome.kind) {
      case "hole":
        return {
          kind: "hole",
          why: outcome.why,
          effects: { grown: [...grown.values()], ended, hasChanged, chars },
        };
      case "grown":
        grown.set(`${outcome.turn} ${outcome.part}`, { turn: outcome.turn, part: outcome.part });
        if ("delta" in event) chars += event.delta.length;
        break;
      case "ended":
        ended.push(outcome.turn);
        hasChanged = true;
        break;
      case "changed":
      case "removed":
        hasChanged = true;
        break;
      case "session":
      case "unchanged":
        break;
    }
  }
  return {
    kind: "applied",
    cursor: { epoch: cursor.epoch, seq: frame.seq },
    effects: { grown: [...grown.values()], ended, hasChanged, chars },
  };
}
