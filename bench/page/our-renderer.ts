import { createBuffer } from "../../src/protocol/conversation.ts";
import { createAnswerWriter } from "../../src/ui/markdown/answer-writer.ts";
import { NO_DECORATIONS, type Decorations } from "../../src/ui/markdown/decorations.ts";
import { watchLongTable } from "../../src/ui/markdown/table/long-table.ts";
import type { CreateRenderer, Renderer } from "./renderer.ts";
import type { Stage } from "./stage.ts";

/** How a table is laid out is no decoration of its words. */
const LAYOUT: Decorations = { ...NO_DECORATIONS, decorateTable: (scroller) => watchLongTable(scroller) };

/** The product's own writer with all of its healing; caret, colours and formulas left out, as the peers' own and their plugins are. */
export const createOurRenderer: CreateRenderer = (stage) => createWriterRenderer(stage, false);

/** With the caret that blinks at the end: a box of its own in the line that is laid out each frame. */
export const createCaretRenderer: CreateRenderer = (stage) => createWriterRenderer(stage, true);

function createWriterRenderer({ mount }: Stage, hasCaret: boolean): Renderer {
  const buffer = createBuffer();
  const writer = createAnswerWriter(mount, { decorations: LAYOUT, idPrefix: "bench" });
  writer.showCaret(hasCaret);
  return {
    append(chunk) {
      buffer.chunks.push(chunk);
      buffer.length += chunk.length;
      writer.update(buffer, false);
    },
    isLong: () => writer.isLong?.() === true,
    dispose: () => writer.dispose(),
  };
}
