import { Block } from "./block.ts";
import { decodeBasicReference } from "./character-reference.ts";
import { Definitions } from "./definitions.ts";
import { createLineMachine } from "./line-machine.ts";
import { createSpine } from "./spine.ts";
import type { MarkdownOptions, MarkdownStream, TreeChange } from "./tree.ts";
import { createTreeWriter } from "./tree-writer.ts";

const LINE_END = /\r\n?|\n/g;

/** An empty document that grows by `append`. Default: GFM, footnotes and math, without healing. */
export function createMarkdownStream(options: MarkdownOptions = {}): MarkdownStream {
  const { isGfm = true, hasFootnotes = true, hasMath = true, isHealing = false } = options;
  const { decodeReference = decodeBasicReference } = options;
  const settings = { isGfm, hasFootnotes, hasMath, isHealing, decode: decodeReference };
  const definitions = new Definitions();
  const writer = createTreeWriter(settings, definitions);
  const document = new Block("document", undefined, {}, {}, 0, 0);
  const spine = createSpine(document, definitions, decodeReference, (block) => writer.forget(block));
  const machine = createLineMachine(settings, definitions, spine);
  /** What has come of the last line, as long as it isn't certain what it is. */
  let partial = "";
  /** The block that gets all that is still to come of the last line. */
  let settled: Block | undefined;
  /** A line feed belongs to the carriage return before it. */
  let isAfterReturn = false;

  function takePiece(piece: string, isComplete: boolean): void {
    if (settled !== undefined) {
      if (piece !== "") machine.addToLine(settled, piece);
      if (isComplete) machine.endSettledLine(settled);
      if (isComplete) settled = undefined;
      return;
    }
    if (isComplete) machine.takeLine(partial + piece, true);
    partial = isComplete ? "" : partial + piece;
  }

  /** Speculates on the line that isn't complete. */
  function takePartial(): void {
    spine.save();
    if (partial === "") return;
    settled = machine.takeLine(partial, false);
    if (settled === undefined) return;
    spine.commit();
    spine.save();
    partial = "";
  }

  return {
    root: writer.root,
    append(text: string): readonly TreeChange[] {
      if (text === "") return [];
      spine.rollback();
      let from = isAfterReturn && text.startsWith("\n") ? 1 : 0;
      isAfterReturn = text.endsWith("\r");
      // [CommonMark 2.3]
      const source = text.includes("\0") ? text.replaceAll("\0", "\uFFFD") : text;
      LINE_END.lastIndex = from;
      for (let match = LINE_END.exec(source); match !== null; match = LINE_END.exec(source)) {
        takePiece(source.slice(from, match.index), true);
        from = LINE_END.lastIndex;
      }
      if (from < source.length) takePiece(source.slice(from), false);
      takePartial();
      const growing = spine.growing();
      spine.endForNow();
      return writer.write(document, growing);
    },
    end(): readonly TreeChange[] {
      spine.rollback();
      if (settled === undefined && partial !== "") machine.takeLine(partial, false);
      settled = undefined;
      partial = "";
      spine.end();
      return writer.write(document, undefined);
    },
  };
}
