import type { Block } from "./block.ts";
import { canShow, newBlockNode } from "./block-nodes.ts";
import { commonPrefix } from "./common-prefix.ts";
import type { Definitions } from "./definitions.ts";
import { FootnoteWriter } from "./footnote-writer.ts";
import { InlineWriter } from "./inline-writer.ts";
import { footnoteOf } from "./footnotes.ts";
import { NodeKeeper, setNode, type Changes } from "./node-keeper.ts";
import type { Settings } from "./settings.ts";
import { isInTree } from "./shown-block.ts";
import type { BlockNode, DocumentNode, MarkdownNode, TreeChange } from "./tree.ts";

/** Brings the tree of nodes up to date with the blocks, and tells what has changed. It looks at nothing that is not marked. */
export class TreeWriter {
  readonly root: DocumentNode;
  readonly #nodes = new NodeKeeper();
  readonly #isHealing: boolean;
  readonly #definitions: Definitions;
  readonly #inlines: InlineWriter;
  readonly #footnotes: FootnoteWriter;

  constructor(settings: Settings, definitions: Definitions) {
    this.#isHealing = settings.isHealing;
    this.#definitions = definitions;
    this.root = { type: "document", id: this.#nodes.newId(), children: [] };
    this.#inlines = new InlineWriter(settings, definitions, this.#nodes);
    this.#footnotes = new FootnoteWriter(this.root, definitions, this.#nodes, this.#inlines.referring);
  }

  /** All that the blocks have become since the last call. */
  write(document: Block, growing: Block | undefined): TreeChange[] {
    const changes: TreeChange[] = [];
    const inFootnotes = new Map<Block, TreeChange[]>();
    /** A footnote's are told only if it was shown and stays. */
    const changesIn = (block: Block): TreeChange[] => {
      const footnote = footnoteOf(block);
      if (footnote === undefined) return changes;
      const own = inFootnotes.get(footnote) ?? [];
      inFootnotes.set(footnote, own);
      return own;
    };
    // What has stopped growing is shown as it is written.
    if (this.#inlines.growing !== growing) this.#inlines.growing?.markDirty();
    this.#inlines.growing = this.#isHealing ? growing : undefined;
    const stale = this.#definitions.takeStale();
    // Before anything is told: what they hold may be put into other nodes.
    for (const block of stale) block.restart();
    document.node = this.root;
    if (document.isDirty) this.#writeBlock(document, changes);
    for (const block of this.#definitions.footnotes) {
      if (block.isDirty) this.#writeFootnote(block, changesIn(block));
    }
    // What asked for a label that means something else now is parsed anew.
    for (const block of stale) {
      if (block.inline === undefined || !isInTree(block)) continue;
      this.#writeBlock(block, changesIn(block));
    }
    const kept = this.#nodes.hasNewReferences
      ? this.#footnotes.write(changes, changesIn)
      : (this.#footnotes.holder?.children ?? []);
    for (const [{ node }, own] of inFootnotes) {
      if (node?.type === "footnote" && kept.includes(node)) for (const change of own) changes.push(change);
    }
    this.#nodes.hasNewReferences = false;
    this.#nodes.untold.clear();
    return changes;
  }

  /** The block is gone for good. */
  forget(block: Block): void {
    this.#inlines.forget(block);
    if (block.type === "footnote") this.#nodes.hasNewReferences = true;
  }

  #writeChildren(
    block: Block,
    parent: { readonly id: number; readonly children: MarkdownNode[] },
    changes: Changes,
  ): void {
    const nodes = parent.children;
    const atEnd = parent === this.root ? this.#footnotes.holder : undefined;
    const end = (): number => nodes.length - (atEnd === undefined ? 0 : 1);
    const { children } = block;
    for (let index = block.dirtyFrom; index < children.length; index += 1) {
      const child = children[index];
      if (child === undefined) continue;
      const shown = index < end() ? nodes[index] : undefined;
      const isShown = shown !== undefined && child.node === shown;
      if (isShown || (shown !== undefined && canShow(child, shown))) {
        // What another block was shown as is this one now: it keeps its id.
        if (!isShown) this.#startOver(child, shown as BlockNode);
        if (child.isDirty || child.isNew) this.#writeBlock(child, changes);
        continue;
      }
      this.#nodes.removeFrom(nodes, index, end(), changes);
      const node = newBlockNode(child, this.#nodes.newId());
      this.#startOver(child, node);
      this.#writeBlock(child, undefined);
      nodes.splice(index, 0, node);
      changes?.push({ kind: "insert", parent: parent.id, before: atEnd?.id, node });
    }
    this.#nodes.removeFrom(nodes, children.length, end(), changes);
    block.dirtyFrom = children.length;
  }

  #startOver(block: Block, node: BlockNode): void {
    block.node = node;
    block.dirtyFrom = 0;
    this.#inlines.unask(block);
    block.inline = undefined;
    if (block.tailStart > 0) block.restart();
    block.shownTail = "";
    block.isNew = true;
  }

  #writeBlock(block: Block, changes: Changes): void {
    const { node, isOpen, isLoose, isChecked } = block;
    block.isDirty = false;
    if (node === undefined) return;
    if ("text" in node) this.#writeText(block, node, changes);
    else if (node.type === "paragraph" || node.type === "heading" || node.type === "table-cell")
      this.#inlines.write(block, node, changes);
    else if ("children" in node) this.#writeChildren(block, node, changes);
    if (node.type === "code-block") setNode(node, { isOpen, info: block.marker.info ?? "" }, changes);
    else if (node.type === "math-block") setNode(node, { isOpen }, changes);
    else if (node.type === "list") setNode(node, { isLoose }, changes);
    else if (node.type === "list-item") setNode(node, { isChecked }, changes);
    block.isNew = false;
  }

  #writeText(block: Block, node: Extract<BlockNode, { text: string }>, changes: Changes): void {
    const old = block.isNew ? node.text : block.shownTail;
    const { tail, tailStart } = block;
    const keep = commonPrefix(old, tail);
    if (keep < old.length || keep < tail.length) {
      changes?.push({ kind: "text", id: node.id, keep: tailStart + keep, text: tail.slice(keep) });
      node.text = block.text;
    }
    block.shownTail = tail;
    if (block.certainChars > tailStart) {
      block.shownTail = tail.slice(block.certainChars - tailStart);
      block.advanceTail(block.certainChars);
    }
  }

  #writeFootnote(block: Block, changes: TreeChange[]): void {
    if (block.node === undefined) {
      // The same line, taken anew: what its footnote was shown as stays.
      const shown = this.#footnotes.holder?.children.find((node) => node.label === block.look.label);
      this.#startOver(block, shown ?? newBlockNode(block, this.#nodes.newId()));
      this.#nodes.hasNewReferences = true;
    }
    this.#writeBlock(block, changes);
  }
}
