import type { Block, BlockLook, BlockMarker, BlockType } from "./block.ts";
import {
  isClosingFence,
  isSettledText,
  isThematicBreak,
  scanAtxHeading,
  scanFence,
  scanFootnoteLabel,
  scanMathStart,
  setextLevel,
} from "./block-starts.ts";
import { trim } from "./character-class.ts";
import type { Definitions } from "./definitions.ts";
import { htmlBlockStart, isHtmlBlockEnd } from "./html-syntax.ts";
import { LineCursor } from "./line-cursor.ts";
import { normalizeLabel } from "./link-syntax.ts";
import { scanListMarker } from "./list-marker.ts";
import { findMathCloser } from "./math-span.ts";
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

/** Lines to blocks. */
export interface LineMachine {
  /**
   * Takes a line without its end. For a partial line: the block that gets all that is still to come of it, when that is
   * certain already.
   */
  takeLine(line: string, isComplete: boolean): Block | undefined;
  /** More of a line whose block `takeLine` has given. */
  addToLine(block: Block, text: string): void;
  /** The end of a line that was given in pieces. */
  endSettledLine(block: Block): void;
}

/**
 * The open blocks are a spine from the document down to the last; every line first goes down the spine as far as it
 * matches, then begins new blocks, then adds its text to the last one. [CommonMark, "Parsing strategy", phase 1]
 */
export function createLineMachine(settings: Settings, definitions: Definitions, spine: Spine): LineMachine {
  const { isGfm, hasMath, hasFootnotes, decode } = settings;
  const { open, tip, push, closeTo, closeLeaf } = spine;
  const cursor = new LineCursor();
  /** The line is partial. */
  let isPartial = false;
  /** It may become something else yet. */
  let isAmbiguous = false;
  /** How many of the open blocks the line belongs to; undefined: to all. */
  let touched: number | undefined;

  /** @returns The block that gets the rest of the line, whatever it is. */
  function takeLine(line: string): Block | undefined {
    spine.nextLine();
    cursor.reset(line);
    let depth = 1;
    let quotes = 0;
    for (let block = open[depth]; block !== undefined; block = open[depth]) {
      const isMatched = goesOn(block);
      if (isMatched === "consumed") return undefined;
      if (!isMatched) break;
      depth += 1;
      if (block.type === "block-quote") quotes = depth;
    }
    const leaf = open[depth - 1];
    if (leaf !== undefined && isLiteral(leaf.type)) return addLiteral(leaf);
    return startBlocks(depth, quotes);
  }

  /** Whether the line belongs to an open block. "consumed": it was its end. */
  function goesOn(block: Block): boolean | "consumed" {
    const { isBlank } = cursor;
    const { contentIndent = 0, htmlCondition = 0 } = block.marker;
    switch (block.type) {
      case "block-quote":
        return takeQuoteMarker();
      case "list-item":
      case "footnote":
        if (isBlank ? block.children.length === 0 : cursor.indent < contentIndent) return false;
        cursor.advance(isBlank ? cursor.indent : contentIndent);
        return true;
      case "paragraph":
      case "table":
        return !isBlank;
      case "code-block":
        return codeGoesOn(block.marker);
      case "html-block":
        return !isBlank || htmlCondition < 6;
      case "math-block":
        return mathGoesOn(block);
      // The others are closed before another line comes.
      case "list":
      case "document":
      case "heading":
      case "thematic-break":
      case "table-row":
      case "table-cell":
        return true;
    }
  }

  function takeQuoteMarker(): boolean {
    if (cursor.indent >= CODE_INDENT || !cursor.text.startsWith(">")) return false;
    cursor.advanceOver(">");
    cursor.advance(Math.min(1, cursor.indent));
    return true;
  }

  function codeGoesOn({ fence, fenceIndent = 0 }: BlockMarker): boolean | "consumed" {
    const { indent } = cursor;
    const isIndented = indent >= CODE_INDENT;
    if (fence !== undefined && !isIndented && isClosingFence(cursor.text, fence)) {
      closeLeaf();
      return "consumed";
    }
    if (fence === undefined && !isIndented && !cursor.isBlank) return false;
    cursor.advance(Math.min(fence === undefined ? CODE_INDENT : fenceIndent, indent));
    return true;
  }

  function mathGoesOn(block: Block): boolean | "consumed" {
    const { fence = "", endsAtBlank = false } = block.marker;
    if (cursor.isBlank && endsAtBlank) return false;
    const line = trim(cursor.rest);
    if (!line.endsWith(fence) || findMathCloser(line, fence) !== line.length - 2) return true;
    const before = trim(line.slice(0, -2));
    if (before !== "") addLiteralLine(block, before);
    closeLeaf();
    return "consumed";
  }

  function addLiteral(block: Block): Block | undefined {
    const { isBlank, rest } = cursor;
    const { fence, htmlCondition = 0 } = block.marker;
    if (block.type === "code-block") {
      const isIndented = fence === undefined;
      // An empty last line without its end is a line none the less.
      const source = isPartial && rest !== "" ? rest : `${rest}\n`;
      if (isIndented && isBlank) {
        block.blanks += source;
        touched = 0;
        return undefined;
      }
      block.append(block.blanks + source);
      block.blanks = "";
      return isIndented || !MAYBE_FENCE.test(rest) ? block : undefined;
    }
    addLiteralLine(block, rest);
    if (isHtmlBlockEnd(htmlCondition, rest)) closeLeaf();
    return htmlCondition >= 6 && !isBlank ? block : undefined;
  }

  /** Begins blocks as long as the line does; what is left is text. @param quotes As many blocks as the last quote that matches. */
  function startBlocks(matched: number, quotes: number): Block | undefined {
    let depth = matched;
    // The depth alone doesn't tell: a container may take the place of the paragraph that it ends.
    let hasBegun = false;
    while (!cursor.isBlank) {
      isAmbiguous ||= MAYBE_BREAK.test(cursor.text);
      if (cursor.indent >= CODE_INDENT) {
        if (tip().type === "paragraph") break;
        closeTo(depth);
        cursor.advance(CODE_INDENT);
        return addLiteral(push("code-block", { isFenced: false }));
      }
      const isInParagraph = open[depth - 1]?.type === "paragraph";
      if (startLeaf(depth, isInParagraph)) return undefined;
      if (!startContainer(depth, isInParagraph)) break;
      depth = open.length;
      hasBegun = true;
    }
    if (!hasBegun) return addText(matched, quotes);
    return cursor.isBlank ? undefined : startParagraph();
  }

  /** A leaf that isn't a paragraph and not indented. */
  function startLeaf(depth: number, isInParagraph: boolean): boolean {
    const { text, indent } = cursor;
    const begin = (type: BlockType, look?: BlockLook, marker?: BlockMarker): Block => {
      closeTo(depth);
      return push(type, look, marker);
    };
    switch (text.charAt(0)) {
      case "#": {
        const heading = scanAtxHeading(text);
        if (heading === undefined) return false;
        addClosed(begin("heading", { level: heading.level }), heading.content);
        return true;
      }
      case "`":
      case "~": {
        const fence = scanFence(text, decode);
        if (fence === undefined) return false;
        begin("code-block", { isFenced: true }, { ...fence, fenceIndent: indent });
        return true;
      }
      case "<": {
        // What isn't matched may be a paragraph that goes on lazily.
        const htmlCondition = htmlBlockStart(text, tip().type !== "paragraph");
        if (htmlCondition === 0) return false;
        addLiteral(begin("html-block", {}, { htmlCondition }));
        return true;
      }
      case "$":
      case "\\": {
        const math = hasMath ? scanMathStart(text) : undefined;
        if (math === undefined) return false;
        const { closer, content, isClosed } = math;
        const block = begin("math-block", {}, { fence: closer, endsAtBlank: content !== "" });
        if (content !== "") addLiteralLine(block, content);
        if (isClosed) closeLeaf();
        return true;
      }
      default:
        break;
    }
    if (isInParagraph && convertParagraph(tip(), text)) return true;
    const isBreak = isThematicBreak(text);
    if (isBreak) addClosed(begin("thematic-break"), "");
    return isBreak;
  }

  function addClosed(block: Block, content: string): void {
    block.setText(content);
    closeLeaf();
  }

  /** An underline makes a heading of a paragraph, a delimiter row makes a table of its last line. [CommonMark 4.3, GFM 4.10] */
  function convertParagraph(paragraph: Block, text: string): boolean {
    const level = setextLevel(text);
    if (level !== undefined) {
      spine.readDefinitions(paragraph);
      if (paragraph.text !== "") {
        spine.drop(paragraph);
        addClosed(push("heading", { level }), trim(paragraph.text));
        return true;
      }
    }
    const alignments = isGfm ? parseDelimiterRow(text) : undefined;
    if (alignments === undefined) return false;
    const lineStart = paragraph.text.length - paragraph.lastLine.length;
    const header = splitTableRow(paragraph.lastLine);
    if (header.length !== alignments.length) return false;
    if (lineStart === 0) spine.drop(paragraph);
    else {
      paragraph.setText(paragraph.text.slice(0, lineStart - 1));
      spine.closeTip();
    }
    addRow(push("table", { alignments }), header, true);
    return true;
  }

  function addRow(table: Block, texts: readonly string[], isHeader: boolean): void {
    const { alignments = [] } = table.look;
    const row = spine.make("table-row", table, { isHeader });
    table.filledCells += Math.max(0, alignments.length - texts.length);
    for (const [column, alignment] of alignments.entries()) {
      const text = texts[column];
      if (text === undefined && table.filledCells > MAX_FILLED_CELLS) break;
      const cell = spine.make("table-cell", row, { alignment });
      cell.setText(text ?? "");
      row.push(cell);
    }
    table.push(row);
  }

  function startContainer(depth: number, isInParagraph: boolean): boolean {
    if (depth >= MAX_OPEN_BLOCKS) return false;
    if (takeQuoteMarker()) {
      closeTo(depth);
      push("block-quote");
      return true;
    }
    const label = hasFootnotes ? scanFootnoteLabel(cursor.text) : undefined;
    if (label !== undefined) {
      closeTo(depth);
      cursor.advanceOver(`[^${label}]:`);
      cursor.advance(cursor.indent);
      const block = push("footnote", { label }, { contentIndent: CODE_INDENT });
      definitions.defineFootnote(normalizeLabel(label), block);
      return true;
    }
    const marker = scanListMarker(cursor, isInParagraph);
    if (marker === undefined) return false;
    const { isOrdered, start, bullet, contentIndent } = marker;
    closeTo(depth);
    const list = tip();
    if (list.type !== "list" || list.marker.bullet !== bullet) push("list", { isOrdered, start }, { bullet });
    push("list-item", {}, { contentIndent });
    return true;
  }

  /** The line is text: of a paragraph that goes on, of a row, or of a new paragraph. */
  function addText(matched: number, quotes: number): Block | undefined {
    const { text, isBlank } = cursor;
    const paragraph = tip();
    if (paragraph.type === "paragraph" && !isBlank) {
      // Lazily, too. [CommonMark 5.1]
      if (text.startsWith("[")) spine.readDefinitions(paragraph, true);
      paragraph.append(paragraph.text === "" ? text : `\n${text}`);
      paragraph.lastLine = text;
      return isSettledText(text) ? paragraph : undefined;
    }
    closeTo(matched);
    if (isBlank) {
      touched = quotes;
      return undefined;
    }
    const table = tip();
    if (table.type !== "table") return startParagraph();
    addRow(table, splitTableRow(text, table.look.alignments?.length), false);
    return undefined;
  }

  function startParagraph(): Block | undefined {
    const parent = spine.containerFor("paragraph");
    const { text } = cursor;
    const mayBeTask = isGfm && parent.type === "list-item" && parent.children.length === 0;
    const task = mayBeTask ? TASK.exec(text) : null;
    if (task !== null) {
      parent.isChecked = task[1] !== " ";
      parent.markDirty();
    }
    const paragraph = push("paragraph");
    paragraph.mayDefine = text.startsWith("[");
    paragraph.lastLine = text.slice(task?.[0].length ?? 0);
    paragraph.append(paragraph.lastLine);
    return isSettledText(text) ? paragraph : undefined;
  }

  return {
    takeLine(line, isComplete) {
      isPartial = !isComplete;
      isAmbiguous = false;
      touched = undefined;
      const settled = takeLine(line);
      spine.touch(touched);
      return isPartial && !isAmbiguous ? settled : undefined;
    },
    addToLine(block, text) {
      block.append(text);
      if (block.type === "paragraph") block.lastLine += text;
    },
    endSettledLine(block) {
      if (block.type === "code-block") block.append("\n");
    },
  };
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
