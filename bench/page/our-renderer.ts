import { createBuffer } from "../../src/protocol/conversation.ts";
import { createAnswerWriter } from "../../src/ui/markdown/answer-writer.ts";
import type { CreateRenderer } from "./renderer.ts";

/** The product's own writer with all of its healing and its caret; colours and formulas left out, as the peers' plugins are. */
export const createOurRenderer: CreateRenderer = ({ mount }) => {
  const buffer = createBuffer();
  const writer = createAnswerWriter(mount, { idPrefix: "bench" });
  writer.showCaret(true);
  return {
    append(chunk) {
      buffer.chunks.push(chunk);
      buffer.length += chunk.length;
      writer.update(buffer, false);
    },
    dispose: () => writer.dispose(),
  };
};
