import { Block, type BlockLook, type BlockMarker, type BlockState, type BlockType } from "./block.ts";
import type { DecodeReference } from "./character-reference.ts";
import type { Definitions } from "./definitions.ts";
import { scanLinkDefinition, type ScannedDefinition } from "./link-definition.ts";

/** The open blocks from the document down to the last one, and how they begin and end. */
export interface Spine {
  /** The document first. */
  readonly open: readonly Block[];
  /** The last one. */
  readonly tip: () => Block;
  /** What is done from here on is undone by `rollback`. O(depth). */
  save(): void;
  rollback(): void;
  /** What was done since `save` stays. */
  commit(): void;
  /** Another line is taken. */
  nextLine(): void;
  /** The line belongs to the first `count` blocks. Default: to all. */
  touch(count?: number): void;
  make(type: BlockType, parent: Block, look: BlockLook): Block;
  /** Closes what can't hold the type. */
  containerFor(type: BlockType): Block;
  readonly push: (type: BlockType, look?: BlockLook, marker?: BlockMarker) => Block;
  closeTip(): void;
  readonly closeTo: (depth: number) => void;
  /** The last block gets its line's number here: it is closed by it. */
  readonly closeLeaf: () => void;
  /** Takes the definitions from the start of a paragraph; `mustBeWhole`: only if it is nothing else. [CommonMark 4.7] */
  readDefinitions(paragraph: Block, mustBeWhole?: boolean): void;
  /** Takes a paragraph away without a trace but for where it stood. */
  drop(paragraph: Block): void;
  /** The block whose text the next character most likely belongs to. Asked for after a partial line. */
  growing(): Block | undefined;
  /** The text so far is shown as if it ended here: only a paragraph makes a difference. */
  endForNow(): void;
  /** Closes all, as the end of the text does. */
  end(): void;
}

/** @param onDrop Called with blocks that are gone for good. */
export function createSpine(
  document: Block,
  definitions: Definitions,
  decode: DecodeReference,
  onDrop: (block: Block) => void,
): Spine {
  const open = [document];
  let line = 0;
  let sequence = 1;
  let states: readonly BlockState[] | undefined;
  let lineBefore = 0;
  /** Blocks made since `save`. */
  let made: Block[] = [];

  function tip(): Block {
    return open.at(-1) ?? document;
  }

  function commit(): void {
    states = undefined;
    made = [];
    definitions.commit();
  }

  function make(type: BlockType, parent: Block, look: BlockLook, marker: BlockMarker = {}): Block {
    const block = new Block(type, parent, look, marker, line, sequence);
    sequence += 1;
    if (states !== undefined) made.push(block);
    return block;
  }

  function containerFor(type: BlockType): Block {
    while (!canHold(tip().type, type)) closeTip();
    return tip();
  }

  function closeTip(): void {
    const block = tip();
    resolveDefinitions(block);
    if (tip() === block) open.pop();
    block.isOpen = false;
    if (isLiteral(block.type)) block.markDirty();
  }

  function drop(paragraph: Block): void {
    open.pop();
    paragraph.parent?.pop();
    if (states === undefined) onDrop(paragraph);
  }

  function readDefinitions(paragraph: Block, mustBeWhole = false): void {
    if (!paragraph.mayDefine) return;
    const { text } = paragraph;
    const found: ScannedDefinition[] = [];
    let end = 0;
    while (text.charCodeAt(end) === 91) {
      const definition = scanLinkDefinition(text, end, decode);
      if (definition === undefined) break;
      found.push(definition);
      end = definition.end;
    }
    if (end === 0 || (mustBeWhole && end < text.length)) return;
    for (const definition of found) definitions.defineLink(definition.label, definition);
    paragraph.setText(text.slice(end));
  }

  /** A paragraph that is nothing but definitions goes away. */
  function resolveDefinitions(block: Block): void {
    if (block.type !== "paragraph") return;
    readDefinitions(block);
    if (block.text !== "") return;
    drop(block);
    const { parent, isAfterGap, wasLoose } = block;
    if (parent === undefined) return;
    // The blank line before it is before what comes next.
    parent.hasGap = isAfterGap;
    setLoose(listOf(parent), wasLoose);
  }

  return {
    open,
    tip,
    save() {
      made = [];
      states = open.map((block) => block.save());
      lineBefore = line;
      definitions.save();
    },
    rollback() {
      if (states === undefined) return;
      definitions.rollback();
      for (const block of made) onDrop(block);
      open.length = 0;
      for (const state of states) {
        state.block.restore(state);
        open.push(state.block);
      }
      line = lineBefore;
      commit();
    },
    commit,
    nextLine() {
      line += 1;
    },
    touch(count = open.length) {
      for (const block of open.slice(0, count)) block.endLine = line;
    },
    make,
    containerFor,
    push(type, look = {}, marker = {}) {
      const parent = containerFor(type);
      const block = make(type, parent, look, marker);
      const list = listOf(parent);
      block.isAfterGap = parent.hasGap || (parent.children.length > 0 && parent.endLine < line - 1);
      block.wasLoose = list?.isLoose ?? false;
      // A blank line between two children of an item, or between two items, makes the list loose. [CommonMark 5.3]
      if (block.isAfterGap || (parent === list && parent.children.at(-1)?.hasGap === true))
        setLoose(list, true);
      parent.hasGap = false;
      open.push(block);
      if (type !== "footnote") parent.push(block);
      return block;
    },
    closeTip,
    closeTo(depth) {
      while (open.length > depth) closeTip();
    },
    closeLeaf() {
      tip().endLine = line;
      closeTip();
    },
    readDefinitions,
    drop,
    growing() {
      const last = tip();
      if (last.type === "paragraph") return last;
      const leaf = made.findLast((block) => block.type !== "table-cell" || block.text !== "");
      return leaf?.type === "heading" || leaf?.type === "table-cell" ? leaf : undefined;
    },
    endForNow() {
      resolveDefinitions(tip());
    },
    end() {
      while (open.length > 0) closeTip();
    },
  };
}

/** The list the block is, or is an item of. */
function listOf(block: Block): Block | undefined {
  return block.type === "list-item" ? block.parent : block.type === "list" ? block : undefined;
}

function setLoose(list: Block | undefined, isLoose: boolean): void {
  if (list === undefined || list.isLoose === isLoose) return;
  list.isLoose = isLoose;
  list.markDirty();
}

/** Its text is taken as it is. */
export function isLiteral(type: BlockType): boolean {
  return type === "code-block" || type === "html-block" || type === "math-block";
}

function canHold(parent: BlockType, child: BlockType): boolean {
  if (parent === "list" || child === "list-item") return parent === "list" && child === "list-item";
  return parent === "document" || parent === "block-quote" || parent === "list-item" || parent === "footnote";
}
