import type { TextBuffer } from "../protocol/conversation.ts";

/** What a text has become in the page. */
export interface Keepable {
  dispose(): void;
}

/** Texts that went out of the page, as they stood there: whoever comes back finds them written. */
export interface KeptTexts<Text extends Keepable> {
  /** Keeps it until it is taken or others, kept later, need its room. */
  keep(buffer: TextBuffer, text: Text): void;
  /** Hands back what was made of this very buffer. Whoever takes it owns it. */
  take(buffer: TextBuffer): Text | undefined;
}

export interface KeptTextsPorts {
  /** All that are kept hold no more than this. Unit: UTF-16 code units. */
  readonly maxChars: number;
  /** Calls `run` in a task of its own. */
  readonly later: (run: () => void) => void;
}

/**
 * Told by the buffer, not by names: of another log the same turn may hold other words. What has no room is disposed of
 * in tasks of its own, one text each: the task in which the page changes has other things to do.
 */
export function createKeptTexts<Text extends Keepable>({ maxChars, later }: KeptTextsPorts): KeptTexts<Text> {
  // A Map keeps the order of insertion: the first was kept the longest ago.
  const kept = new Map<TextBuffer, { readonly text: Text; readonly chars: number }>();
  const leaving: Text[] = [];
  let chars = 0;

  function leave(text: Text): void {
    leaving.push(text);
    if (leaving.length === 1) later(disposeOne);
  }

  function disposeOne(): void {
    leaving[0]?.dispose();
    leaving.shift();
    if (leaving.length > 0) later(disposeOne);
  }

  function take(buffer: TextBuffer): Text | undefined {
    const known = kept.get(buffer);
    if (known === undefined) return undefined;
    kept.delete(buffer);
    chars -= known.chars;
    return known.text;
  }

  return {
    keep(buffer, text) {
      const before = take(buffer);
      if (before !== undefined) leave(before);
      // The shortest text takes room as well: elements, a parser.
      const own = buffer.length + TEXT_CHARS;
      if (own > maxChars) {
        leave(text);
        return;
      }
      kept.set(buffer, { text, chars: own });
      chars += own;
      for (const [oldest] of kept) {
        if (chars <= maxChars) return;
        const last = take(oldest);
        if (last !== undefined) leave(last);
      }
    },
    take,
  };
}

/** What each text counts beside its words. Unit: UTF-16 code units. */
const TEXT_CHARS = 1_000;
