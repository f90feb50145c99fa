import type { Block, BlockMarker, BlockType } from "./block.ts";
import {
  findMathCloser,
  isClosingFence,
  isSettledText,
  isThematicBreak,
  scanAtxHeading,
  scanFence,
  scanFootnoteMarker,
  scanMathStart,
  setextLevel,
} from "./block-starts.ts";
import { trim } from "./character-class.ts";
import { htmlBlockStart, isHtmlBlockEnd } from "./html-syntax.ts";
import { LineCursor } from "./line-cursor.ts";
import { scanListMarker } from "./list-marker.ts";
import type { Settings } from "./settings.ts";
import { isLiteral, type Spine } from "./spine.ts";
import { parseDelimiterRow, splitTableRow } from "./table-row.ts";

const CODE_INDENT = 4;
const MAX_OPEN_BLOCKS = 100;
/** Cells that a table may be given where its rows have too few: a row of one bar must not cost as much as the header. */
const MAX_FILLED_CELLS = 0x20_00;
const TASK = /^\[([ xX])\][ \t]+(?=[^ \t])/;
/** A line that may yet become a thematic break or a delimiter row, whatever it is now. */
const MAYBE_BREAK = /^[-*_:| \t]+$/;
/** A line of code that may yet become the closing fence, or loses spaces of its indent. */
const MAYBE_FENCE = /^[ \t]*(?:`*|~*)[ \t]*$/;

/** What a line means to an open block. */
type Continuation = "matches" | "fails" | "consumed";

/**
 * Lines to blocks. The open blocks are a spine from the document down to the last; every line first goes down the spine
 * as far as it matches, then begins new blocks, then adds its text to the last one. [CommonMark, "Parsing strategy", phase 1]
 */
export class LineMachine {
  readonly #options: Settings;
  readonly #spine: Spine;
  readonly #cursor = new LineCursor();
  #isAmbiguous = false;

  constructor(options: Settings, spine: Spine) {
    this.#options = options;
    this.#spine = spine;
  }

  /** More of a line whose block `takeLine` has given. */
  addToLine(block: Block, text: string): void {
    block.append(text);
    if (block.type === "paragraph") block.lastLine += text;
  }

  /** The end of a line that was given in pieces. */
  endSettledLine(block: Block): void {
    if (block.type === "code-block") block.append("\n");
  }

  /**
   * Takes a line without its end. For a partial line: the block that gets all that is still to come of it, when that is
   * certain already.
   */
  takeLine(line: string, isComplete: boolean): Block | undefined {
    const settled = this.#takeLine(line, isComplete);
    return this.#isAmbiguous ? undefined : settled;
  }

  #takeLine(line: string, isComplete: boolean): Block | undefined {
    this.#spine.line += 1;
    this.#isAmbiguous = false;
    const cursor = this.#cursor;
    cursor.reset(line);
    let depth = 1;
    let quoteDepth = 0;
    for (; depth < this.#spine.depth; depth += 1) {
      const block = this.#spine.at(depth);
      const found = block === undefined ? "fails" : this.#continue(block);
      if (found === "fails") break;
      if (found === "consumed") {
        this.#spine.touch(depth);
        return undefined;
      }
      if (block?.type === "block-quote") quoteDepth = depth;
    }
    const matched = depth;
    const leaf = this.#spine.at(matched - 1);
    if (leaf !== undefined && isLiteral(leaf.type)) return this.#addLiteral(leaf, isComplete);

    const started = this.#startBlocks(matched, isComplete);
    if (started !== undefined) {
      this.#spine.touch(this.#spine.depth);
      return started === "done" ? undefined : started;
    }
    return this.#addText(matched, quoteDepth, isComplete);
  }

  #continue(block: Block): Continuation {
    const cursor = this.#cursor;
    switch (block.type) {
      case "block-quote":
        if (cursor.indent >= CODE_INDENT || !cursor.text.startsWith(">")) return "fails";
        cursor.advanceToNext();
        cursor.advanceOffset(1);
        cursor.skipSpace();
        return "matches";
      case "list":
        return "matches";
      case "list-item":
        if (cursor.isBlank) {
          if (block.children.length === 0) return "fails";
          cursor.advanceToNext();
          return "matches";
        }
        return this.#takeIndent(block.marker.contentIndent ?? 0);
      case "footnote":
        if (cursor.isBlank) {
          if (block.children.length === 0) return "fails";
          cursor.advanceToNext();
          return "matches";
        }
        return this.#takeIndent(CODE_INDENT);
      case "paragraph":
      case "table":
        return cursor.isBlank ? "fails" : "matches";
      case "code-block":
        return this.#continueCode(block);
      case "html-block":
        return cursor.isBlank && (block.marker.htmlCondition ?? 0) >= 6 ? "fails" : "matches";
      case "math-block":
        return this.#continueMath(block);
      case "document":
      case "heading":
      case "thematic-break":
      case "table-row":
      case "table-cell":
        return "fails";
    }
  }

  #takeIndent(columns: number): Continuation {
    if (this.#cursor.indent < columns) return "fails";
    this.#cursor.advanceColumns(columns);
    return "matches";
  }

  #continueCode(block: Block): Continuation {
    const cursor = this.#cursor;
    const { fence, fenceIndent = 0 } = block.marker;
    if (fence === undefined) {
      if (cursor.indent >= CODE_INDENT) cursor.advanceColumns(CODE_INDENT);
      else if (cursor.isBlank) cursor.advanceToNext();
      else return "fails";
      return "matches";
    }
    if (cursor.indent < CODE_INDENT && isClosingFence(cursor.text, fence)) {
      this.#spine.closeLeaf();
      return "consumed";
    }
    cursor.advanceColumns(Math.min(fenceIndent, cursor.indent));
    return "matches";
  }

  #continueMath(block: Block): Continuation {
    const { fence = "$$", endsAtBlank = false } = block.marker;
    const cursor = this.#cursor;
    if (cursor.isBlank && endsAtBlank) return "fails";
    const line = trim(cursor.rest);
    if (!line.endsWith(fence) || findMathCloser(line, fence) !== line.length - 2) return "matches";
    const before = trim(line.slice(0, -2));
    if (before !== "") addLiteralLine(block, before);
    this.#spine.closeLeaf();
    return "consumed";
  }

  #addLiteral(block: Block, isComplete: boolean): Block | undefined {
    const cursor = this.#cursor;
    const isBlank = cursor.isBlank;
    const { fence, htmlCondition = 0 } = block.marker;
    const line = cursor.rest;
    if (block.type === "code-block") {
      const isIndented = fence === undefined;
      // An empty last line without its end is a line none the less.
      const source = isComplete || line === "" ? `${line}\n` : line;
      if (isIndented && isBlank) {
        block.blanks += source;
        return undefined;
      }
      block.append(block.blanks + source);
      block.blanks = "";
      this.#spine.touch(this.#spine.depth);
      return !isComplete && (isIndented || !MAYBE_FENCE.test(line)) ? block : undefined;
    }
    this.#spine.touch(this.#spine.depth);
    addLiteralLine(block, line);
    if (block.type !== "html-block") return undefined;
    if (isHtmlBlockEnd(htmlCondition, line)) this.#spine.closeLeaf();
    return !isComplete && htmlCondition >= 6 && !isBlank ? block : undefined;
  }

  /** Begins blocks as long as the line does; the block that gets the rest of a partial line, or "done" when the line is used up. */
  #startBlocks(matched: number, isComplete: boolean): Block | "done" | undefined {
    const cursor = this.#cursor;
    let container = this.#spine.at(matched - 1) ?? this.#spine.document;
    let isMatched = matched === this.#spine.depth;
    let depth = matched;
    let hasStarted = false;
    for (;;) {
      if (cursor.isBlank) return hasStarted ? "done" : undefined;
      this.#isAmbiguous ||= MAYBE_BREAK.test(cursor.text);
      if (cursor.indent >= CODE_INDENT) {
        if (this.#spine.tip.type === "paragraph") break;
        this.#spine.closeTo(depth);
        cursor.advanceColumns(CODE_INDENT);
        return this.#addLiteral(this.#spine.push("code-block", {}), isComplete) ?? "done";
      }
      const leaf = this.#startLeaf(container, depth, cursor.text, isMatched);
      if (leaf !== undefined) {
        if (leaf.type === "html-block") this.#addLiteral(leaf, isComplete);
        return "done";
      }
      if (!this.#startContainer(container, depth, cursor.text)) break;
      container = this.#spine.tip;
      depth = this.#spine.depth;
      isMatched = true;
      hasStarted = true;
    }
    return hasStarted ? (this.#startParagraph(isComplete) ?? "done") : undefined;
  }

  /** A leaf that isn't a paragraph and not indented. */
  #startLeaf(container: Block, depth: number, text: string, isMatched: boolean): Block | undefined {
    const isParagraph = container.type === "paragraph";
    const begin = (type: BlockType, marker: BlockMarker): Block => {
      this.#spine.closeTo(depth);
      return this.#spine.push(type, marker);
    };
    switch (text.charAt(0)) {
      case "#": {
        const heading = scanAtxHeading(text);
        return heading && this.#closed(begin("heading", { level: heading.level }), heading.content);
      }
      case "`":
      case "~": {
        const fence = scanFence(text, this.#options.decode);
        return fence && begin("code-block", { ...fence, fenceIndent: this.#cursor.indent });
      }
      case "<": {
        // What isn't matched may be a paragraph that goes on lazily.
        const mayInterrupt = !isParagraph && (isMatched || this.#spine.tip.type !== "paragraph");
        const htmlCondition = htmlBlockStart(text, mayInterrupt);
        return htmlCondition === 0 ? undefined : begin("html-block", { htmlCondition });
      }
      case "$":
      case "\\": {
        const math = this.#options.hasMath ? scanMathStart(text) : undefined;
        if (math === undefined) return undefined;
        const block = begin("math-block", { fence: math.closer, endsAtBlank: math.content !== "" });
        if (math.content !== "") addLiteralLine(block, math.content);
        if (math.isClosed) this.#spine.closeLeaf();
        return block;
      }
      default:
        break;
    }
    if (isParagraph && isMatched) {
      const converted = this.#convertParagraph(container, text);
      if (converted !== undefined) return converted;
    }
    return isThematicBreak(text) ? this.#closed(begin("thematic-break", {}), "") : undefined;
  }

  #closed(block: Block, content: string): Block {
    if (content !== "") block.setText(content);
    this.#spine.closeLeaf();
    return block;
  }

  /** An underline makes a heading of a paragraph, a delimiter row makes a table of its last line. [CommonMark 4.3, GFM 4.10] */
  #convertParagraph(paragraph: Block, text: string): Block | undefined {
    const level = setextLevel(text);
    if (level !== undefined) {
      this.#spine.readDefinitions(paragraph);
      if (paragraph.text !== "") {
        const content = paragraph.text;
        this.#spine.dropParagraph(paragraph);
        return this.#closed(this.#spine.push("heading", { level }), trim(content));
      }
    }
    const alignments = this.#options.isGfm ? parseDelimiterRow(text) : undefined;
    if (alignments === undefined) return undefined;
    const lineStart = paragraph.text.length - paragraph.lastLine.length;
    const header = splitTableRow(paragraph.lastLine);
    if (header.length !== alignments.length) return undefined;
    if (lineStart === 0) this.#spine.dropParagraph(paragraph);
    else {
      paragraph.setText(paragraph.text.slice(0, lineStart - 1));
      this.#spine.closeTip();
    }
    const table = this.#spine.push("table", { alignments });
    this.#addRow(table, header, true);
    return table;
  }

  #addRow(table: Block, texts: readonly string[], isHeader: boolean): void {
    const { alignments = [] } = table.marker;
    const row = this.#spine.make("table-row", table, { isHeader });
    table.filledCells += Math.max(0, alignments.length - texts.length);
    const count =
      table.filledCells > MAX_FILLED_CELLS ? Math.min(texts.length, alignments.length) : alignments.length;
    for (let column = 0; column < count; column += 1) {
      const cell = this.#spine.make("table-cell", row, { alignment: alignments[column] });
      cell.setText(texts[column] ?? "");
      row.push(cell);
    }
    table.push(row);
  }

  #startContainer(container: Block, depth: number, text: string): boolean {
    if (depth >= MAX_OPEN_BLOCKS) return false;
    const cursor = this.#cursor;
    if (text.startsWith(">")) {
      this.#spine.closeTo(depth);
      cursor.advanceToNext();
      cursor.advanceOffset(1);
      cursor.skipSpace();
      this.#spine.push("block-quote", {});
      return true;
    }
    const footnote =
      this.#options.hasFootnotes && text.startsWith("[^") ? scanFootnoteMarker(text) : undefined;
    if (footnote !== undefined) {
      this.#spine.closeTo(depth);
      cursor.advanceToNext();
      cursor.advanceOffset(footnote.length);
      const block = this.#spine.push("footnote", { label: footnote.label, info: footnote.written });
      this.#spine.defineFootnote(footnote.label, block);
      return true;
    }
    const marker = scanListMarker(cursor, container.type === "paragraph");
    if (marker === undefined) return false;
    this.#spine.closeTo(depth);
    const list = this.#spine.tip;
    const goesOn =
      list.type === "list" &&
      list.marker.bullet === marker.bullet &&
      list.marker.isOrdered === marker.isOrdered;
    if (!goesOn) this.#spine.push("list", marker);
    this.#spine.push("list-item", marker);
    return true;
  }

  /** The line is text: of a paragraph that goes on, of a row, or of a new paragraph. */
  #addText(matched: number, quoteDepth: number, isComplete: boolean): Block | undefined {
    const cursor = this.#cursor;
    const tip = this.#spine.tip;
    if (cursor.isBlank) {
      this.#spine.closeTo(matched);
      this.#spine.touch(quoteDepth + 1 > 1 ? quoteDepth + 1 : 0);
      return undefined;
    }
    if (tip.type === "paragraph") {
      // Lazily, too. [CommonMark 5.1]
      const text = cursor.text;
      if (tip.mayDefine && text.startsWith("[")) this.#spine.takeWholeDefinitions(tip);
      tip.append(tip.text === "" ? text : `\n${text}`);
      tip.lastLine = text;
      this.#spine.touch(this.#spine.depth);
      return !isComplete && isSettledText(text) ? tip : undefined;
    }
    this.#spine.closeTo(matched);
    const leaf = this.#spine.tip;
    if (leaf.type === "table") {
      this.#addRow(leaf, splitTableRow(cursor.text), false);
      this.#spine.touch(this.#spine.depth);
      return undefined;
    }
    return this.#startParagraph(isComplete);
  }

  #startParagraph(isComplete: boolean): Block | undefined {
    const cursor = this.#cursor;
    const parent = this.#spine.containerFor("paragraph");
    const text = cursor.text;
    const task =
      this.#options.isGfm && parent.type === "list-item" && parent.children.length === 0
        ? TASK.exec(text)
        : null;
    if (task !== null) {
      parent.isChecked = task[1] !== " ";
      parent.markDirty();
    }
    const paragraph = this.#spine.push("paragraph", {});
    paragraph.mayDefine = text.startsWith("[");
    paragraph.lastLine = task === null ? text : text.slice(task[0].length);
    paragraph.append(paragraph.lastLine);
    this.#spine.touch(this.#spine.depth);
    return !isComplete && isSettledText(text) ? paragraph : undefined;
  }
}

/** Lines with their ends between them only; blank ones when another follows. */
function addLiteralLine(block: Block, line: string): void {
  if (trim(line) === "") {
    block.blanks += `\n${line}`;
    return;
  }
  block.append(block.text === "" ? line : `${block.blanks}\n${line}`);
  block.blanks = "";
}
