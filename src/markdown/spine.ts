import { Block, type BlockGap, type BlockMarker, type BlockState, type BlockType } from "./block.ts";
import type { DecodeReference } from "./character-reference.ts";
import type { Definitions } from "./definitions.ts";
import { scanLinkDefinition, type ScannedDefinition } from "./link-definition.ts";

interface Snapshot {
  readonly open: readonly Block[];
  readonly states: readonly BlockState[];
  readonly line: number;
}

/** The open blocks from the document down to the last one, and how they begin and end. */
export class Spine {
  readonly document: Block;
  /** Number of the line that is being taken. */
  line = 0;
  #open: Block[];
  #sequence = 1;
  #snapshot: Snapshot | undefined = undefined;
  /** Blocks made since the snapshot. */
  #made: Block[] = [];
  readonly #definitions: Definitions;
  readonly #decode: DecodeReference;
  /** Called with blocks that are gone for good. */
  readonly #onDrop: (block: Block) => void;

  constructor(definitions: Definitions, decode: DecodeReference, onDrop: (block: Block) => void) {
    this.#definitions = definitions;
    this.#decode = decode;
    this.#onDrop = onDrop;
    this.document = new Block("document", undefined, {}, 0, 0);
    this.#open = [this.document];
  }

  /** The document counts. */
  get depth(): number {
    return this.#open.length;
  }

  get tip(): Block {
    return this.#open.at(-1) ?? this.document;
  }

  at(depth: number): Block | undefined {
    return this.#open[depth];
  }

  /** What is done from here on is undone by `rollback`. O(depth). */
  save(): void {
    this.#snapshot = {
      open: [...this.#open],
      states: this.#open.map((block) => block.save()),
      line: this.line,
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
    this.line = snapshot.line;
    for (const [index, state] of snapshot.states.entries()) this.#open[index]?.restore(state);
  }

  /** What was done since `save` stays. */
  commit(): void {
    this.#snapshot = undefined;
    this.#made = [];
    this.#definitions.commit();
  }

  /** The block whose text the next character most likely belongs to. Asked for after a partial line. */
  get growing(): Block | undefined {
    if (this.tip.type === "paragraph") return this.tip;
    const last = this.#made.findLast((block) => block.type !== "table-cell" || block.text !== "");
    return last?.type === "heading" || last?.type === "table-cell" ? last : undefined;
  }

  /** Closes all, as the end of the text does. */
  end(): void {
    while (this.#open.length > 0) this.closeTip();
  }

  /** The text so far is shown as if it ended here: only a paragraph makes a difference. */
  endForNow(): void {
    if (this.tip.type === "paragraph") this.resolveDefinitions(this.tip);
  }

  defineFootnote(label: string, block: Block): void {
    this.#definitions.defineFootnote(label, block);
  }

  /** The last block gets its line's number here: it is closed by it. */
  closeLeaf(): void {
    this.tip.endLine = this.line;
    this.closeTip();
  }

  touch(count: number): void {
    for (let depth = 0; depth < count; depth += 1) {
      const block = this.#open[depth];
      if (block !== undefined) block.endLine = this.line;
    }
  }

  /** Without a trace but for where it stood. */
  dropParagraph(paragraph: Block): void {
    this.#open.pop();
    paragraph.parent?.pop();
    if (this.#snapshot === undefined) this.#onDrop(paragraph);
  }

  make(type: BlockType, parent: Block, marker: BlockMarker): Block {
    const block = new Block(type, parent, marker, this.line, this.#sequence);
    this.#sequence += 1;
    if (this.#snapshot !== undefined) this.#made.push(block);
    return block;
  }

  /** Closes what can't hold the type. */
  containerFor(type: BlockType): Block {
    while (!canHold(this.tip.type, type)) this.closeTip();
    return this.tip;
  }

  push(type: BlockType, marker: BlockMarker): Block {
    const parent = this.containerFor(type);
    const gap = this.#noteGap(parent);
    const block = this.make(type, parent, marker);
    block.gapBefore = gap;
    this.#open.push(block);
    if (type !== "footnote") parent.push(block);
    return block;
  }

  /** A blank line between two children of an item, or between two items, makes the list loose. [CommonMark 5.3] */
  #noteGap(parent: Block): BlockGap {
    const hasGap = parent.hasGap || (parent.children.length > 0 && parent.endLine < this.line - 1);
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

  closeTo(depth: number): void {
    while (this.#open.length > depth) this.closeTip();
  }

  closeTip(): void {
    const block = this.tip;
    if (block.type === "paragraph") this.resolveDefinitions(block);
    if (this.#open.at(-1) === block) this.#open.pop();
    block.isOpen = false;
    if (isLiteral(block.type)) block.markDirty();
  }

  /** Takes the definitions from the start of a paragraph; one that is nothing else goes away. [CommonMark 4.7] */
  resolveDefinitions(paragraph: Block): void {
    this.readDefinitions(paragraph);
    if (paragraph.text !== "") return;
    this.dropParagraph(paragraph);
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

  readDefinitions(paragraph: Block): void {
    if (!paragraph.mayDefine) return;
    const { definitions, end } = this.#scanDefinitions(paragraph.text);
    for (const definition of definitions) this.#definitions.defineLink(definition.label, definition);
    if (end > 0) paragraph.setText(paragraph.text.slice(end));
  }

  /** Before a line that begins with a bracket: no title can follow, so what is definitions to its end is done with. */
  takeWholeDefinitions(paragraph: Block): void {
    const { definitions, end } = this.#scanDefinitions(paragraph.text);
    if (end < paragraph.text.length) return;
    for (const definition of definitions) this.#definitions.defineLink(definition.label, definition);
    paragraph.setText("");
  }

  #scanDefinitions(text: string): {
    readonly definitions: readonly ScannedDefinition[];
    readonly end: number;
  } {
    const definitions: ScannedDefinition[] = [];
    let end = 0;
    while (text.charCodeAt(end) === 91) {
      const definition = scanLinkDefinition(text, end, this.#decode);
      if (definition === undefined) break;
      definitions.push(definition);
      end = definition.end;
    }
    return { definitions, end };
  }
}

/** Its text is taken as it is. */
export function isLiteral(type: BlockType): boolean {
  return type === "code-block" || type === "html-block" || type === "math-block";
}

function canHold(parent: BlockType, child: BlockType): boolean {
  if (parent === "list") return child === "list-item";
  const isContainer =
    parent === "document" || parent === "block-quote" || parent === "list-item" || parent === "footnote";
  return isContainer && child !== "list-item";
}
