import { Block, type BlockGap, type BlockMarker, type BlockState, type BlockType } from "./block.ts";
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
import type { DecodeReference } from "./character-reference.ts";
import type { Definitions } from "./definitions.ts";
import { htmlBlockStart, isHtmlBlockEnd } from "./html-syntax.ts";
import { LineCursor } from "./line-cursor.ts";
import { scanLinkDefinition } from "./link-definition.ts";
import { scanListMarker } from "./list-marker.ts";
import { parseDelimiterRow, splitTableRow } from "./table-row.ts";

const CODE_INDENT = 4;
const MAX_OPEN_BLOCKS = 100;
/** Cells that a table may be given where its rows have too few. As cmark-gfm. */
const MAX_FILLED_CELLS = 0x8_00_00;
const TASK = /^\[([ xX])\][ \t]+(?=[^ \t])/;
/** A line that may yet become a thematic break or a delimiter row, whatever it is now. */
const MAYBE_BREAK = /^[-*_:| \t]+$/;
/** A line of code that may yet become the closing fence, or loses spaces of its indent. */
const MAYBE_FENCE = /^[ \t]*(?:`*|~*)[ \t]*$/;

export interface LineMachineOptions {
  readonly isGfm: boolean;
  readonly hasFootnotes: boolean;
  readonly hasMath: boolean;
  readonly decode: DecodeReference;
}

interface Snapshot {
  readonly open: readonly Block[];
  readonly states: readonly BlockState[];
  readonly line: number;
}

/** What a line means to an open block. */
type Continuation = "matches" | "fails" | "consumed";

/**
 * Lines to blocks. The open blocks are a spine from the document down to the last; every line first goes down the spine
 * as far as it matches, then begins new blocks, then adds its text to the last one. [CommonMark, "Parsing strategy", phase 1]
 */
export class LineMachine {
  readonly document: Block;
  readonly #options: LineMachineOptions;
  readonly #definitions: Definitions;
  readonly #cursor = new LineCursor();
  #open: Block[];
  #line = 0;
  #sequence = 1;
  #snapshot: Snapshot | undefined = undefined;
  /** Blocks made since the snapshot. */
  #made: Block[] = [];
  #isAmbiguous = false;
  /** Called with blocks that are gone for good. */
  readonly #onDrop: (block: Block) => void;

  constructor(options: LineMachineOptions, definitions: Definitions, onDrop: (block: Block) => void) {
    this.#options = options;
    this.#definitions = definitions;
    this.#onDrop = onDrop;
    this.document = new Block("document", undefined, {}, 0, 0);
    this.#open = [this.document];
  }

  get #tip(): Block {
    return this.#open.at(-1) ?? this.document;
  }

  /** What is done from here on is undone by `rollback`. O(depth). */
  save(): void {
    this.#snapshot = {
      open: [...this.#open],
      states: this.#open.map((block) => block.save()),
      line: this.#line,
    };
    this.#made = [];
    this.#definitions.save();
  }

  rollback(): void {
    const snapshot = this.#snapshot;
    if (snapshot === undefined) return;
    this.#snapshot = undefined;
    this.#definitions.rollback();
    for (const block of this.#made) this.#onDrop(block);
    this.#made = [];
    this.#open = [...snapshot.open];
    this.#line = snapshot.line;
    for (const [index, state] of snapshot.states.entries()) this.#open[index]?.restore(state);
  }

  /** What was done since `save` stays. */
  commit(): void {
    this.#snapshot = undefined;
    this.#made = [];
    this.#definitions.commit();
  }

  /** Closes all, as the end of the text does. */
  end(): void {
    while (this.#open.length > 0) this.#closeTip();
  }

  /** The text so far is shown as if it ended here: only a paragraph makes a difference. */
  endForNow(): void {
    if (this.#tip.type === "paragraph") this.#resolveDefinitions(this.#tip);
  }

  /** The block whose text the next character most likely belongs to. Asked for after a partial line. */
  get growing(): Block | undefined {
    if (this.#tip.type === "paragraph") return this.#tip;
    const last = this.#made.findLast((block) => block.type !== "table-cell" || block.text !== "");
    return last?.type === "heading" || last?.type === "table-cell" ? last : undefined;
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
    this.#line += 1;
    this.#isAmbiguous = false;
    const cursor = this.#cursor;
    cursor.reset(line);
    let depth = 1;
    let quoteDepth = 0;
    for (; depth < this.#open.length; depth += 1) {
      const block = this.#open[depth];
      const found = block === undefined ? "fails" : this.#continue(block);
      if (found === "fails") break;
      if (found === "consumed") {
        this.#touch(depth);
        return undefined;
      }
      if (block?.type === "block-quote") quoteDepth = depth;
    }
    const matched = depth;
    const leaf = this.#open[matched - 1];
    if (leaf !== undefined && isLiteral(leaf.type)) return this.#addLiteral(leaf, isComplete);

    const started = this.#startBlocks(matched, isComplete);
    if (started !== undefined) {
      this.#touch(this.#open.length);
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
      this.#closeLeaf();
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
    this.#closeLeaf();
    return "consumed";
  }

  /** The last block gets its line's number here: it is closed by it. */
  #closeLeaf(): void {
    this.#tip.endLine = this.#line;
    this.#closeTip();
  }

  #touch(count: number): void {
    for (let depth = 0; depth < count; depth += 1) {
      const block = this.#open[depth];
      if (block !== undefined) block.endLine = this.#line;
    }
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
      this.#touch(this.#open.length);
      return !isComplete && (isIndented || !MAYBE_FENCE.test(line)) ? block : undefined;
    }
    this.#touch(this.#open.length);
    addLiteralLine(block, line);
    if (block.type !== "html-block") return undefined;
    if (isHtmlBlockEnd(htmlCondition, line)) this.#closeLeaf();
    return !isComplete && htmlCondition >= 6 && !isBlank ? block : undefined;
  }

  /** Begins blocks as long as the line does; the block that gets the rest of a partial line, or "done" when the line is used up. */
  #startBlocks(matched: number, isComplete: boolean): Block | "done" | undefined {
    const cursor = this.#cursor;
    let container = this.#open[matched - 1] ?? this.document;
    let isMatched = matched === this.#open.length;
    let depth = matched;
    let hasStarted = false;
    for (;;) {
      if (cursor.isBlank) return hasStarted ? "done" : undefined;
      this.#isAmbiguous ||= MAYBE_BREAK.test(cursor.text);
      if (cursor.indent >= CODE_INDENT) {
        if (this.#tip.type === "paragraph") break;
        this.#closeTo(depth);
        cursor.advanceColumns(CODE_INDENT);
        return this.#addLiteral(this.#push("code-block", {}), isComplete) ?? "done";
      }
      const leaf = this.#startLeaf(container, depth, cursor.text, isMatched);
      if (leaf !== undefined) {
        if (leaf.type === "html-block") this.#addLiteral(leaf, isComplete);
        return "done";
      }
      if (!this.#startContainer(container, depth, cursor.text)) break;
      container = this.#tip;
      depth = this.#open.length;
      isMatched = true;
      hasStarted = true;
    }
    return hasStarted ? (this.#startParagraph(isComplete) ?? "done") : undefined;
  }

  /** A leaf that isn't a paragraph and not indented. */
  #startLeaf(container: Block, depth: number, text: string, isMatched: boolean): Block | undefined {
    const isParagraph = container.type === "paragraph";
    const begin = (type: BlockType, marker: BlockMarker): Block => {
      this.#closeTo(depth);
      return this.#push(type, marker);
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
        const mayInterrupt = !isParagraph && (isMatched || this.#tip.type !== "paragraph");
        const htmlCondition = htmlBlockStart(text, mayInterrupt);
        return htmlCondition === 0 ? undefined : begin("html-block", { htmlCondition });
      }
      case "$":
      case "\\": {
        const math = this.#options.hasMath ? scanMathStart(text) : undefined;
        if (math === undefined) return undefined;
        const block = begin("math-block", { fence: math.closer, endsAtBlank: math.content !== "" });
        if (math.content !== "") addLiteralLine(block, math.content);
        if (math.isClosed) this.#closeLeaf();
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
    this.#closeLeaf();
    return block;
  }

  /** An underline makes a heading of a paragraph, a delimiter row makes a table of its last line. [CommonMark 4.3, GFM 4.10] */
  #convertParagraph(paragraph: Block, text: string): Block | undefined {
    const level = setextLevel(text);
    if (level !== undefined) {
      this.#readDefinitions(paragraph);
      if (paragraph.text !== "") {
        const content = paragraph.text;
        this.#dropParagraph(paragraph);
        return this.#closed(this.#push("heading", { level }), trim(content));
      }
    }
    const alignments = this.#options.isGfm ? parseDelimiterRow(text) : undefined;
    if (alignments === undefined) return undefined;
    const lineStart = paragraph.text.length - paragraph.lastLine.length;
    const header = splitTableRow(paragraph.lastLine);
    if (header.length !== alignments.length) return undefined;
    if (lineStart === 0) this.#dropParagraph(paragraph);
    else {
      paragraph.setText(paragraph.text.slice(0, lineStart - 1));
      this.#closeTip();
    }
    const table = this.#push("table", { alignments });
    this.#addRow(table, header, true);
    return table;
  }

  /** Without a trace but for where it stood. */
  #dropParagraph(paragraph: Block): void {
    this.#open.pop();
    paragraph.parent?.pop();
    if (this.#snapshot === undefined) this.#onDrop(paragraph);
  }

  #addRow(table: Block, texts: readonly string[], isHeader: boolean): void {
    const { alignments = [] } = table.marker;
    const row = this.#make("table-row", table, { isHeader });
    table.filledCells += Math.max(0, alignments.length - texts.length);
    const count =
      table.filledCells > MAX_FILLED_CELLS ? Math.min(texts.length, alignments.length) : alignments.length;
    for (let column = 0; column < count; column += 1) {
      const cell = this.#make("table-cell", row, { alignment: alignments[column] });
      cell.setText(texts[column] ?? "");
      row.push(cell);
    }
    table.push(row);
  }

  #startContainer(container: Block, depth: number, text: string): boolean {
    if (depth >= MAX_OPEN_BLOCKS) return false;
    const cursor = this.#cursor;
    if (text.startsWith(">")) {
      this.#closeTo(depth);
      cursor.advanceToNext();
      cursor.advanceOffset(1);
      cursor.skipSpace();
      this.#push("block-quote", {});
      return true;
    }
    const footnote =
      this.#options.hasFootnotes && text.startsWith("[^") ? scanFootnoteMarker(text) : undefined;
    if (footnote !== undefined) {
      this.#closeTo(depth);
      cursor.advanceToNext();
      cursor.advanceOffset(footnote.length);
      const block = this.#push("footnote", { label: footnote.label, info: footnote.written });
      this.#definitions.defineFootnote(footnote.label, block);
      return true;
    }
    const marker = scanListMarker(cursor, container.type === "paragraph");
    if (marker === undefined) return false;
    this.#closeTo(depth);
    const list = this.#tip;
    const goesOn =
      list.type === "list" &&
      list.marker.bullet === marker.bullet &&
      list.marker.isOrdered === marker.isOrdered;
    if (!goesOn) this.#push("list", marker);
    this.#push("list-item", marker);
    return true;
  }

  /** The line is text: of a paragraph that goes on, of a row, or of a new paragraph. */
  #addText(matched: number, quoteDepth: number, isComplete: boolean): Block | undefined {
    const cursor = this.#cursor;
    const tip = this.#tip;
    if (cursor.isBlank) {
      this.#closeTo(matched);
      this.#touch(quoteDepth + 1 > 1 ? quoteDepth + 1 : 0);
      return undefined;
    }
    if (tip.type === "paragraph") {
      // Lazily, too. [CommonMark 5.1]
      const text = cursor.text;
      tip.append(tip.text === "" ? text : `\n${text}`);
      tip.lastLine = text;
      this.#touch(this.#open.length);
      return !isComplete && isSettledText(text) ? tip : undefined;
    }
    this.#closeTo(matched);
    const leaf = this.#tip;
    if (leaf.type === "table") {
      this.#addRow(leaf, splitTableRow(cursor.text), false);
      this.#touch(this.#open.length);
      return undefined;
    }
    return this.#startParagraph(isComplete);
  }

  #startParagraph(isComplete: boolean): Block | undefined {
    const cursor = this.#cursor;
    const parent = this.#containerFor("paragraph");
    const text = cursor.text;
    const task =
      this.#options.isGfm && parent.type === "list-item" && parent.children.length === 0
        ? TASK.exec(text)
        : null;
    if (task !== null) {
      parent.isChecked = task[1] !== " ";
      parent.markDirty();
    }
    const paragraph = this.#push("paragraph", {});
    paragraph.mayDefine = text.startsWith("[");
    paragraph.lastLine = task === null ? text : text.slice(task[0].length);
    paragraph.append(paragraph.lastLine);
    this.#touch(this.#open.length);
    return !isComplete && isSettledText(text) ? paragraph : undefined;
  }

  #make(type: BlockType, parent: Block, marker: BlockMarker): Block {
    const block = new Block(type, parent, marker, this.#line, this.#sequence);
    this.#sequence += 1;
    if (this.#snapshot !== undefined) this.#made.push(block);
    return block;
  }

  /** Closes what can't hold the type. */
  #containerFor(type: BlockType): Block {
    while (!canHold(this.#tip.type, type)) this.#closeTip();
    return this.#tip;
  }

  #push(type: BlockType, marker: BlockMarker): Block {
    const parent = this.#containerFor(type);
    const gap = this.#noteGap(parent);
    const block = this.#make(type, parent, marker);
    block.gapBefore = gap;
    this.#open.push(block);
    if (type !== "footnote") parent.push(block);
    return block;
  }

  /** A blank line between two children of an item, or between two items, makes the list loose. [CommonMark 5.3] */
  #noteGap(parent: Block): BlockGap {
    const hasGap = parent.hasGap || (parent.children.length > 0 && parent.endLine < this.#line - 1);
    const list = parent.type === "list" ? parent : parent.type === "list-item" ? parent.parent : undefined;
    const lastItem = parent.type === "list" ? parent.children.at(-1) : undefined;
    const wasLoose = list?.isLoose ?? false;
    if (list !== undefined && !list.isLoose && (hasGap || lastItem?.hasGap === true)) {
      list.isLoose = true;
      list.markDirty();
    }
    parent.hasGap = false;
    return { hasGap, wasLoose };
  }

  #closeTo(depth: number): void {
    while (this.#open.length > depth) this.#closeTip();
  }

  #closeTip(): void {
    const block = this.#tip;
    if (block.type === "paragraph") this.#resolveDefinitions(block);
    if (this.#open.at(-1) === block) this.#open.pop();
    block.isOpen = false;
    if (isLiteral(block.type)) block.markDirty();
  }

  /** Takes the definitions from the start of a paragraph; one that is nothing else goes away. [CommonMark 4.7] */
  #resolveDefinitions(paragraph: Block): void {
    this.#readDefinitions(paragraph);
    if (paragraph.text !== "") return;
    this.#dropParagraph(paragraph);
    // The blank line before it is before what comes next.
    const { parent, gapBefore } = paragraph;
    if (parent === undefined) return;
    parent.hasGap = gapBefore.hasGap;
    if (
      parent.type === "list-item" &&
      parent.parent !== undefined &&
      parent.parent.isLoose !== gapBefore.wasLoose
    ) {
      parent.parent.isLoose = gapBefore.wasLoose;
      parent.parent.markDirty();
    }
  }

  #readDefinitions(paragraph: Block): void {
    if (!paragraph.mayDefine) return;
    const { text } = paragraph;
    let at = 0;
    while (text.charCodeAt(at) === 91) {
      const definition = scanLinkDefinition(text, at, this.#options.decode);
      if (definition === undefined) break;
      this.#definitions.defineLink(definition.label, definition);
      at = definition.end;
    }
    if (at > 0) paragraph.setText(text.slice(at));
  }
}

function isLiteral(type: BlockType): boolean {
  return type === "code-block" || type === "html-block" || type === "math-block";
}

function canHold(parent: BlockType, child: BlockType): boolean {
  if (parent === "list") return child === "list-item";
  const isContainer =
    parent === "document" || parent === "block-quote" || parent === "list-item" || parent === "footnote";
  return isContainer && child !== "list-item";
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
