import type { Block } from "./block.ts";
import { canShow, newBlockNode } from "./block-nodes.ts";
import { commonPrefix } from "./common-prefix.ts";
import type { Definitions } from "./definitions.ts";
import { createFootnoteWriter } from "./footnote-writer.ts";
import { InlineWriter } from "./inline-writer.ts";
import { footnoteOf } from "./footnotes.ts";
import { NodeKeeper, setNode, type Changes } from "./node-keeper.ts";
import type { Settings } from "./settings.ts";
import { isInTree } from "./shown-block.ts";
import type { BlockNode, DocumentNode, MarkdownNode, TreeChange } from "./tree.ts";

/** Brings the tree of nodes up to date with the blocks, and tells what has changed. It looks at nothing that is not marked. */
export interface TreeWriter {
  readonly root: DocumentNode;
  /** All that the blocks have become since the last call. */
  write(document: Block, growing: Block | undefined): TreeChange[];
  /** The block is gone for good. */
  forget(block: Block): void;
}

export function createTreeWriter(settings: Settings, definitions: Definitions): TreeWriter {
  const keeper = new NodeKeeper();
  const root: DocumentNode = { type: "document", id: keeper.newId(), children: [] };
  const inlines = new InlineWriter(settings, definitions, keeper);
  const footnotes = createFootnoteWriter(root, definitions, keeper, inlines.referring);

  let changes: TreeChange[] = [];
  /** The changes in footnotes: told only where a footnote was shown and stays. */
  const inFootnotes = new Map<Block, TreeChange[]>();

  function changesIn(block: Block): TreeChange[] {
    const footnote = footnoteOf(block);
    if (footnote === undefined) return changes;
    const own = inFootnotes.get(footnote) ?? [];
    inFootnotes.set(footnote, own);
    return own;
  }

  function writeChildren(
    block: Block,
    parent: { readonly id: number; readonly children: MarkdownNode[] },
    changes: Changes,
  ): void {
    const nodes = parent.children;
    const atEnd = parent === root ? footnotes.holder() : undefined;
    const end = (): number => nodes.length - (atEnd === undefined ? 0 : 1);
    const { children } = block;
    for (let index = block.dirtyFrom; index < children.length; index += 1) {
      const child = children[index];
      if (child === undefined) continue;
      const shown = index < end() ? nodes[index] : undefined;
      const isShown = shown !== undefined && child.node === shown;
      if (isShown || (shown !== undefined && canShow(child, shown))) {
        // What another block was shown as is this one now: it keeps its id.
        if (!isShown) startOver(child, shown as BlockNode);
        if (child.isDirty || child.isNew) writeBlock(child, changes);
        continue;
      }
      keeper.removeFrom(nodes, index, end(), changes);
      const node = newBlockNode(child, keeper.newId());
      startOver(child, node);
      writeBlock(child, undefined);
      nodes.splice(index, 0, node);
      changes?.push({ kind: "insert", parent: parent.id, before: atEnd?.id, node });
    }
    keeper.removeFrom(nodes, children.length, end(), changes);
    block.dirtyFrom = children.length;
  }

  function startOver(block: Block, node: BlockNode): void {
    block.node = node;
    block.dirtyFrom = 0;
    inlines.unask(block);
    block.inline = undefined;
    if (block.tailStart > 0) block.restart();
    block.shownTail = "";
    block.isNew = true;
  }

  function writeBlock(block: Block, changes: Changes): void {
    const { node, isOpen, isLoose, isChecked } = block;
    block.isDirty = false;
    if (node === undefined) return;
    if ("text" in node) writeText(block, node, changes);
    else if (node.type === "paragraph" || node.type === "heading" || node.type === "table-cell")
      inlines.write(block, node, changes);
    else if ("children" in node) writeChildren(block, node, changes);
    if (node.type === "code-block") setNode(node, { isOpen, info: block.marker.info ?? "" }, changes);
    else if (node.type === "math-block") setNode(node, { isOpen }, changes);
    else if (node.type === "list") setNode(node, { isLoose }, changes);
    else if (node.type === "list-item") setNode(node, { isChecked }, changes);
    block.isNew = false;
  }

  function writeText(block: Block, node: Extract<BlockNode, { text: string }>, changes: Changes): void {
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

  function writeFootnote(block: Block, changes: TreeChange[]): void {
    if (block.node === undefined) {
      // The same line, taken anew: what its footnote was shown as stays.
      const shown = footnotes.holder()?.children.find((node) => node.label === block.look.label);
      startOver(block, shown ?? newBlockNode(block, keeper.newId()));
      keeper.hasNewReferences = true;
    }
    writeBlock(block, changes);
  }

  return {
    root,
    write(document, growing) {
      changes = [];
      // What has stopped growing is shown as it is written.
      if (inlines.growing !== growing) inlines.growing?.markDirty();
      inlines.growing = settings.isHealing ? growing : undefined;
      const stale = definitions.takeStale();
      // Before anything is told: what they hold may be put into other nodes.
      for (const block of stale) block.restart();
      document.node = root;
      if (document.isDirty) writeBlock(document, changes);
      for (const block of definitions.footnotes) {
        if (block.isDirty) writeFootnote(block, changesIn(block));
      }
      // What asked for a label that means something else now is parsed anew.
      for (const block of stale) {
        if (block.inline === undefined || !isInTree(block)) continue;
        writeBlock(block, changesIn(block));
      }
      const kept = keeper.hasNewReferences
        ? footnotes.write(changes, changesIn)
        : (footnotes.holder()?.children ?? []);
      for (const [{ node }, own] of inFootnotes) {
        if (node?.type === "footnote" && kept.includes(node)) for (const change of own) changes.push(change);
      }
      inFootnotes.clear();
      keeper.hasNewReferences = false;
      keeper.untold.clear();
      return changes;
    },
    forget(block) {
      inlines.forget(block);
      if (block.type === "footnote") keeper.hasNewReferences = true;
    },
  };
}
