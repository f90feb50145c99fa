import { bufferText } from "../protocol/conversation.ts";
import type { TextWriter } from "./text-writer.ts";

/** One text run is cut off here: a run of 100 KB costs WebKit 9 ms a frame. Unit: UTF-16 code units. */
const RUN_CHARS = 2_000;

/** Text as it is, appended. Never reads the page, and the buffer's joined text only when the buffer was made anew. */
export function createPlainWriter(mount: HTMLElement): TextWriter {
  let takenChunks = 0;
  let takenChars = 0;
  let run: Text | undefined;

  function append(text: string): void {
    if (text === "") return;
    takenChars += text.length;
    if (run !== undefined && run.length + text.length <= RUN_CHARS) {
      run.appendData(text);
      return;
    }
    run = document.createTextNode(text);
    const span = document.createElement("span");
    span.append(run);
    mount.append(span);
  }

  return {
    update(buffer) {
      if (buffer.chunks.length < takenChunks) {
        // Its chunks were joined meanwhile; the text only ever grows.
        append(bufferText(buffer).slice(takenChars));
      } else {
        for (let at = takenChunks; at < buffer.chunks.length; at += 1) append(buffer.chunks[at] ?? "");
      }
      takenChunks = buffer.chunks.length;
    },
    dispose() {
      mount.replaceChildren();
    },
  };
}
