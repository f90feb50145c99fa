import type { TextBuffer } from "../protocol/conversation.ts";

/** Takes what is new in a growing text, chunk by chunk; the joined text is never asked for. */
export interface BufferReader {
  /** The next piece of at most `maxChars`, undefined when all has been taken. It ends within a surrogate pair only where a chunk does. */
  take(buffer: TextBuffer, maxChars?: number): string | undefined;
  /** Unit: UTF-16 code units. */
  takenChars(): number;
}

export function createBufferReader(): BufferReader {
  let takenChars = 0;
  /** The chunk that is being taken, and how much of it has been. */
  let chunk = 0;
  let offset = 0;
  let seenChunks = 0;
  let firstLength = 0;

  /** Chunks that were joined meanwhile: the text itself only ever grows. */
  function findPlace({ chunks }: TextBuffer): void {
    chunk = 0;
    offset = takenChars;
    while (chunk < chunks.length && offset >= (chunks[chunk]?.length ?? 0)) {
      offset -= chunks[chunk]?.length ?? 0;
      chunk += 1;
    }
  }

  return {
    take(buffer, maxChars = Number.POSITIVE_INFINITY) {
      const { chunks } = buffer;
      const length = chunks[0]?.length ?? 0;
      if (chunks.length < seenChunks || (seenChunks > 0 && length !== firstLength)) findPlace(buffer);
      seenChunks = chunks.length;
      firstLength = length;
      const pieces: string[] = [];
      let left = maxChars;
      while (left > 0 && chunk < chunks.length) {
        const whole = chunks[chunk] ?? "";
        let end = Math.min(whole.length, offset + left);
        if (end < whole.length && end - offset > 1 && isHighSurrogate(whole, end - 1)) end -= 1;
        pieces.push(whole.slice(offset, end));
        left -= end - offset;
        offset = end;
        if (end < whole.length) break;
        chunk += 1;
        offset = 0;
      }
      const text = pieces.join("");
      takenChars += text.length;
      return text === "" ? undefined : text;
    },
    takenChars: () => takenChars,
  };
}

function isHighSurrogate(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0xd8_00 && code <= 0xdb_ff;
}
