import type { BlockNode, CellAlignment, DocumentNode } from "./tree.ts";

export type BlockType = Exclude<BlockNode["type"], "footnotes"> | "document";

/** How a block begins and goes on, as far as its kind needs it. */
export interface BlockMarker {
  /** Columns to what is in a list item, from the container's edge. */
  readonly contentIndent?: number;
  /** A list goes on with items of the same character. */
  readonly bullet?: string;
  readonly isOrdered?: boolean;
  readonly start?: number;
  readonly level?: number;
  /** Code: the fence. Math: what closes it. */
  readonly fence?: string;
  readonly fenceIndent?: number;
  /** Math begun with text on its first line: a blank line ends it. */
  readonly endsAtBlank?: boolean;
  readonly htmlCondition?: number;
  readonly alignments?: readonly CellAlignment[];
  readonly alignment?: CellAlignment;
  readonly isHeader?: boolean;
  readonly isChecked?: boolean | undefined;
  /** Footnotes: normalized. */
  readonly label?: string;
  /** Code: the info string, unescaped. Footnotes: the label as written. */
  readonly info?: string;
}

/** A blank line before a block, and whether the list was loose before it counted. */
export interface BlockGap {
  readonly hasGap: boolean;
  readonly wasLoose: boolean;
}

/** What a line may change of a block that was there before it. */
export interface BlockState {
  readonly text: string;
  readonly tail: string;
  readonly tailStart: number;
  readonly generation: number;
  readonly blanks: string;
  readonly lastLine: string;
  readonly count: number;
  readonly last: Block | undefined;
  readonly endLine: number;
  readonly hasGap: boolean;
  readonly isLoose: boolean;
  readonly isChecked: boolean | undefined;
  readonly isOpen: boolean;
  readonly filledCells: number;
}

/** How far the inline nodes of a block are certain, and what they depend on. */
export interface InlineView {
  readonly generation: number;
  /** Offset in the block's text from which it is parsed with every change. */
  start: number;
  /** Nodes before that are whole and certain. */
  count: number;
  /** The certain part of the text node that is growing; "": there is none. */
  certainText: string;
  /** The rest of that node's text. */
  uncertainText: string;
  /** Labels whose definitions it depends on. */
  asked: Set<string>;
}

let generations = 0;

/**
 * A block as the line machine sees it. The tree of nodes is made from it afterwards: a block that only a partial line has
 * made goes away without a trace, while the node it was shown as may stay and belong to the next.
 */
export class Block {
  readonly type: BlockType;
  readonly marker: BlockMarker;
  readonly parent: Block | undefined;
  /** Order in the source. */
  readonly sequence: number;
  /** Place among the parent's children. */
  index = 0;
  readonly children: Block[] = [];

  /** Source of the inline content, or literal text. Built up and never read while it grows: reading costs its length. */
  text = "";
  /** The end of `text` from `tailStart` on: all that has to be read. */
  tail = "";
  tailStart = 0;
  /** This much of the text is there for good; the rest comes from a partial line. */
  certainChars = 0;
  /** What is shown of a literal text after `tailStart`. */
  shownTail = "";
  /** Another number: the text isn't a continuation of what it was. */
  generation = 0;
  /** Literal blocks: blank lines that count only when another follows. */
  blanks = "";
  /** Number of the last line that belongs to it. */
  endLine: number;
  /** A blank line stands after the last child. */
  hasGap = false;
  isLoose = false;
  /** What its beginning found before it. */
  gapBefore: BlockGap = { hasGap: false, wasLoose: false };
  /** Paragraphs: the last line, which may be a table's header. */
  lastLine = "";
  /** Paragraphs: begins with a bracket. */
  mayDefine = false;
  isChecked: boolean | undefined = undefined;
  isOpen = true;
  /** Tables: cells that were missing and have been added. */
  filledCells = 0;

  /** What it is shown as. */
  node: BlockNode | DocumentNode | undefined = undefined;
  inline: InlineView | undefined = undefined;
  /** Its node wasn't its own before. */
  isNew = true;
  /** It or something in it differs from what is shown. */
  isDirty = true;
  /** The children before are shown as they are. */
  dirtyFrom = 0;

  constructor(
    type: BlockType,
    parent: Block | undefined,
    marker: BlockMarker,
    line: number,
    sequence: number,
  ) {
    this.type = type;
    this.parent = parent;
    this.marker = marker;
    this.endLine = line;
    this.sequence = sequence;
    this.isChecked = marker.isChecked;
  }

  /** Adds to the end of the text. */
  append(text: string): void {
    this.text += text;
    this.tail += text;
    this.markDirty();
  }

  /** Replaces the text. */
  setText(text: string): void {
    this.text = text;
    this.restart();
    this.markDirty();
  }

  /** Makes the whole text be read anew. */
  restart(): void {
    this.tail = this.text;
    this.tailStart = 0;
    this.certainChars = 0;
    this.shownTail = "";
    generations += 1;
    this.generation = generations;
  }

  /** What is before `offset` needn't be read again. */
  advanceTail(offset: number): void {
    if (offset <= this.tailStart) return;
    this.tail = this.tail.slice(offset - this.tailStart);
    this.tailStart = offset;
  }

  push(child: Block): void {
    child.index = this.children.length;
    this.children.push(child);
    child.markDirty();
  }

  /** Takes the last child away. */
  pop(): void {
    this.children.pop();
    this.dirtyFrom = Math.min(this.dirtyFrom, this.children.length);
    this.markDirty();
  }

  markDirty(): void {
    this.isDirty = true;
    const { parent, index } = this;
    // A footnote is no child of what it stands in.
    if (parent === undefined || this.type === "footnote" || (parent.isDirty && parent.dirtyFrom <= index))
      return;
    parent.dirtyFrom = Math.min(parent.dirtyFrom, index);
    parent.markDirty();
  }

  save(): BlockState {
    this.certainChars = this.text.length;
    const {
      text,
      tail,
      tailStart,
      generation,
      blanks,
      lastLine,
      endLine,
      hasGap,
      isLoose,
      isChecked,
      isOpen,
      filledCells,
    } = this;
    const count = this.children.length;
    const last = this.children[count - 1];
    return {
      text,
      tail,
      tailStart,
      generation,
      blanks,
      lastLine,
      count,
      last,
      endLine,
      hasGap,
      isLoose,
      isChecked,
      isOpen,
      filledCells,
    };
  }

  restore(state: BlockState): void {
    if (this.children.length !== state.count || this.children[state.count - 1] !== state.last) {
      this.children.length = state.count;
      if (state.last !== undefined) this.children[state.count - 1] = state.last;
      this.dirtyFrom = Math.min(this.dirtyFrom, Math.max(0, state.count - 1));
      this.markDirty();
    }
    const isSame = this.generation === state.generation;
    if (!isSame || this.text.length !== state.text.length) this.markDirty();
    if (
      this.isLoose !== state.isLoose ||
      this.isChecked !== state.isChecked ||
      this.isOpen !== state.isOpen
    ) {
      this.markDirty();
    }
    const { tailStart } = this;
    Object.assign(this, {
      text: state.text,
      tail: state.tail,
      tailStart: state.tailStart,
      blanks: state.blanks,
      lastLine: state.lastLine,
      endLine: state.endLine,
      hasGap: state.hasGap,
      isLoose: state.isLoose,
      isChecked: state.isChecked,
      isOpen: state.isOpen,
      filledCells: state.filledCells,
    });
    if (isSame) this.advanceTail(tailStart);
    else this.restart();
  }
}
