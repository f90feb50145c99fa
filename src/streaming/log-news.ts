import type { ConversationState, TurnState } from "../protocol/conversation.ts";
import type { Cursor } from "../protocol/cursor.ts";
import { isDelta } from "../protocol/events.ts";
import type { LogFrame } from "../protocol/frames.ts";
import type { ConversationMoment, LogNews } from "./ports.ts";

/** More than this is not kept for the disk: it gets what has come of it instead. Unit: UTF-16 code units, and frames. */
const MAX_NEWS_CHARS = 1_048_576;
const MAX_NEWS_FRAMES = 4_096;

/**
 * What was folded since the disk was last known to be current: a save writes this and nothing that is there already.
 * Frames are kept without a gap from `after` to `upTo`; whatever brought the cursor elsewhere (a snapshot, the disk
 * itself) is noticed by that and leaves nothing to append to.
 */
export interface NewsKeeper {
  /** A frame was folded, and took the cursor on from `before`. */
  note(before: Cursor, frame: LogFrame): void;
  /** The news up to `cursor`. `shape`: by which pieces the turns are held. */
  read(cursor: Cursor, shape: Shape): LogNews;
  /** The disk has what `moment` was; or, when `moment` has no new shape, something later of its epoch. */
  saved(moment: Pick<ConversationMoment, "cursor" | "news">): void;
}

/** Each is another object whenever turns were put before or taken out of it by something else than an event. */
export interface Shape {
  readonly earlier: readonly TurnState[];
  readonly conversation: ConversationState;
}

export function createNewsKeeper(): NewsKeeper {
  let epoch = "";
  let after = 0;
  let upTo = 0;
  let chars = 0;
  let frames: LogFrame[] = [];
  /** Grows with every event that is more than text. */
  let structure = 0;
  let saved: (Shape & { readonly structure: number }) | undefined;

  function beginAt(cursor: Cursor): void {
    epoch = cursor.epoch;
    after = cursor.seq;
    upTo = cursor.seq;
    chars = 0;
    frames = [];
  }

  return {
    note(before, frame) {
      if (before.epoch !== epoch || before.seq !== upTo) beginAt(before);
      frames.push(frame);
      upTo = frame.seq;
      for (const event of frame.events) {
        if (isDelta(event)) chars += event.delta.length;
        else structure += 1;
      }
      if (chars > MAX_NEWS_CHARS || frames.length > MAX_NEWS_FRAMES)
        beginAt({ epoch: before.epoch, seq: upTo });
    },
    read(cursor, shape) {
      if (cursor.epoch !== epoch || cursor.seq !== upTo) beginAt(cursor);
      const isReshaped =
        saved === undefined ||
        saved.structure !== structure ||
        saved.earlier !== shape.earlier ||
        saved.conversation !== shape.conversation;
      return { after, frames: [...frames], mark: { ...shape, structure }, isReshaped };
    },
    saved({ cursor, news }) {
      saved = news.mark;
      if (cursor.epoch !== epoch || cursor.seq <= after) return;
      after = Math.min(cursor.seq, upTo);
      frames = frames.filter((frame) => frame.seq > cursor.seq);
      chars = frames.reduce((sum, frame) => sum + deltaChars(frame), 0);
    },
  };
}

function deltaChars(frame: LogFrame): number {
  return frame.events.reduce((sum, event) => sum + (isDelta(event) ? event.delta.length : 0), 0);
}
