import { createBufferReader } from "./buffer-reader.ts";
import { createTextRun, growTextRun, textRunLength } from "./text-run.ts";
import type { TextWriter } from "./text-writer.ts";

/** Taken in one go, before the time is looked at. Unit: UTF-16 code units. */
const SLICE_CHARS = 64 * 1024;

/** Text as it is, appended. Never reads the page, nor the buffer's joined text. */
export function createPlainWriter(mount: HTMLElement): TextWriter {
  const reader = createBufferReader();
  const run = createTextRun("");
  mount.append(...run.pieces);
  return {
    update(buffer, _isSettled, hasTime = () => true) {
      let text = reader.take(buffer, SLICE_CHARS);
      while (text !== undefined) {
        growTextRun(run, textRunLength(run), text);
        text = hasTime() ? reader.take(buffer, SLICE_CHARS) : undefined;
      }
      return reader.takenChars() >= buffer.length;
    },
    showCaret: () => undefined,
    dispose() {
      mount.replaceChildren();
    },
  };
}
