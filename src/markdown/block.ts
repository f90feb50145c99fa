import type { InlineView } from "./inline-writer.ts";
import type { BlockNode, CellAlignment, DocumentNode } from "./tree.ts";

export type BlockType = Exclude<BlockNode["type"], "footnotes"> | "document";

/** What a block is shown with and keeps: of its node, by the same names. */
export interface BlockLook {
  readonly level?: number;
  readonly isOrdered?: boolean;
  readonly start?: number;
  readonly isFenced?: boolean;
  readonly alignments?: readonly CellAlignment[];
  readonly alignment?: CellAlignment;
  readonly isHeader?: boolean;
  /** Footnotes: as written. */
  readonly label?: string;
}

/** How a block goes on and ends, as far as its kind needs it. */
export interface BlockMarker {
  /** Columns to what is in a list item or a footnote, from the container's edge. */
  readonly contentIndent?: number;
  /** A list goes on with items of the same character. */
  readonly bullet?: string;
  /** Code: the fence. Math: what closes it. */
  readonly fence?: string;
  readonly fenceIndent?: number;
  /** Math begun with text on its first line: a blank line ends it. */
  readonly endsAtBlank?: boolean;
  readonly htmlCondition?: number;
  /** Code: the info string, unescaped. Footnotes: the label as written. */
  readonly info?: string;
}

/** What a line may change of a block that was there before it. */
export interface BlockState {
  readonly block: Block;
  readonly generation: number;
  readonly count: number;
  readonly last: Block | undefined;
  readonly fields: Pick<
    Block,
    | "text"
    | "tail"
    | "tailStart"
    | "blanks"
    | "lastLine"
    | "endLine"
    | "hasGap"
    | "isLoose"
    | "isChecked"
    | "isOpen"
    | "filledCells"
  >;
}

let generations = 0;

/**
 * A block as the line machine sees it. The tree of nodes is made from it afterwards: a block that only a partial line has
 * made goes away without a trace, while the node it was shown as may stay and belong to the next.
 */
export class Block {
  readonly type: BlockType;
  readonly look: BlockLook;
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
  /** Its beginning found a blank line before it. */
  isAfterGap = false;
  /** The list was loose before that counted. */
  wasLoose = false;
  /** Paragraphs: the last line, which may be a table's header. */
  lastLine = "";
  /** Paragraphs: begins with a bracket. */
  mayDefine = false;
  isChecked: boolean | undefined;
  isOpen = true;
  /** Tables: cells that were missing and have been added. */
  filledCells = 0;

  /** What it is shown as. */
  node: BlockNode | DocumentNode | undefined;
  inline: InlineView | undefined;
  /** Its node wasn't its own before. */
  isNew = true;
  /** It or something in it differs from what is shown. */
  isDirty = true;
  /** The children before are shown as they are. */
  dirtyFrom = 0;

  constructor(
    type: BlockType,
    parent: Block | undefined,
    look: BlockLook,
    marker: BlockMarker,
    line: number,
    sequence: number,
  ) {
    this.type = type;
    this.parent = parent;
    this.look = look;
    this.marker = marker;
    this.endLine = line;
    this.sequence = sequence;
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
    this.markDirtyFrom(this.children.length);
  }

  markDirty(): void {
    this.isDirty = true;
    // A footnote is no child of what it stands in.
    if (this.type !== "footnote") this.parent?.markDirtyFrom(this.index);
  }

  /** From the child of that index on. */
  markDirtyFrom(index: number): void {
    if (this.isDirty && this.dirtyFrom <= index) return;
    this.dirtyFrom = Math.min(this.dirtyFrom, index);
    this.markDirty();
  }

  save(): BlockState {
    this.certainChars = this.text.length;
    const { generation, children, text, tail, tailStart, blanks, lastLine, endLine } = this;
    const { hasGap, isLoose, isChecked, isOpen, filledCells } = this;
    return {
      block: this,
      generation,
      count: children.length,
      last: children.at(-1),
      fields: {
        text,
        tail,
        tailStart,
        blanks,
        lastLine,
        endLine,
        hasGap,
        isLoose,
        isChecked,
        isOpen,
        filledCells,
      },
    };
  }

  restore({ generation, count, last, fields }: BlockState): void {
    const { children, tailStart } = this;
    if (last !== undefined && children[count - 1] !== last) {
      children[count - 1] = last;
      this.markDirtyFrom(count - 1);
    }
    if (children.length > count) {
      children.length = count;
      this.markDirtyFrom(count);
    }
    const { text, isLoose, isChecked, isOpen } = this;
    Object.assign(this, fields);
    const isSame = this.generation === generation;
    if (isSame) this.advanceTail(tailStart);
    else this.restart();
    const isAsBefore =
      isSame &&
      text.length === this.text.length &&
      isLoose === this.isLoose &&
      isChecked === this.isChecked &&
      isOpen === this.isOpen;
    if (!isAsBefore) this.markDirty();
  }
}
