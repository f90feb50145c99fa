import type { Block } from "./block.ts";
import { canShow, newBlockNode } from "./block-nodes.ts";
import { commonPrefix } from "./common-prefix.ts";
import type { Definitions } from "./definitions.ts";
import { FootnoteWriter } from "./footnote-writer.ts";
import { InlineWriter } from "./inline-writer.ts";
import { NodeKeeper, type Changes } from "./node-keeper.ts";
import type { Settings } from "./settings.ts";
import { isShown } from "./shown-block.ts";
import type { BlockNode, DocumentNode, MarkdownNode, TreeChange } from "./tree.ts";

/** Brings the tree of nodes up to date with the blocks, and tells what has changed. It looks at nothing that is not marked. */
export class TreeWriter {
  readonly root: DocumentNode;
  readonly #nodes = new NodeKeeper();
  readonly #settings: Settings;
  readonly #definitions: Definitions;
  readonly #inlines: InlineWriter;
  readonly #footnotes: FootnoteWriter;

  constructor(settings: Settings, definitions: Definitions) {
    this.#settings = settings;
    this.#definitions = definitions;
    this.root = { type: "document", id: this.#nodes.newId(), children: [] };
    this.#inlines = new InlineWriter(settings, definitions, this.#nodes);
    this.#footnotes = new FootnoteWriter(this.root, definitions, this.#nodes, this.#inlines.referring);
  }

  /** All that the blocks have become since the last call. */
  write(document: Block, growing: Block | undefined): TreeChange[] {
    const changes: TreeChange[] = [];
    // What has stopped growing is shown as it is written.
    if (this.#inlines.growing !== growing) this.#inlines.growing?.markDirty();
    this.#inlines.growing = this.#settings.isHealing ? growing : undefined;
    const stale = this.#definitions.takeStale();
    document.node = this.root;
    if (document.isDirty) this.#writeChildren(document, this.root, changes);
    document.isDirty = false;
    if (!this.#settings.hasFootnotes) {
      this.#rewrite(stale, changes);
      return changes;
    }
    for (const block of this.#definitions.footnotes) {
      if (block.isDirty) this.#writeFootnote(block, changes);
    }
    this.#rewrite(stale, changes);
    if (this.#nodes.hasNewReferences) this.#footnotes.write(changes);
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
    for (let index = block.dirtyFrom; index < block.children.length; index += 1) {
      const child = block.children[index];
      if (child === undefined) continue;
      const shown = index < end() ? nodes[index] : undefined;
      if (shown !== undefined && child.node === shown) {
        if (child.isDirty) this.#writeBlock(child, changes);
      } else if (shown !== undefined && canShow(child, shown)) {
        // What another block was shown as is this one now: it keeps its id.
        child.node = shown;
        this.#startOver(child);
        this.#writeBlock(child, changes);
      } else {
        this.#nodes.removeFrom(nodes, index, end(), changes);
        const node = newBlockNode(child, this.#nodes.newId());
        child.node = node;
        this.#startOver(child);
        this.#writeBlock(child, undefined);
        nodes.splice(index, 0, node);
        changes?.push({ kind: "insert", parent: parent.id, before: atEnd?.id, node });
      }
    }
    this.#nodes.removeFrom(nodes, block.children.length, end(), changes);
    block.dirtyFrom = block.children.length;
  }

  #startOver(block: Block): void {
    block.dirtyFrom = 0;
    this.#inlines.unask(block);
    block.inline = undefined;
    if (block.tailStart > 0) block.restart();
    block.shownTail = "";
    block.isNew = true;
  }

  #writeBlock(block: Block, changes: Changes): void {
    const { node } = block;
    block.isDirty = false;
    if (node === undefined) return;
    switch (node.type) {
      case "paragraph":
      case "heading":
      case "table-cell":
        this.#inlines.write(block, node, changes);
        break;
      case "code-block":
      case "html-block":
      case "math-block":
        this.#writeLiteral(block, node, changes);
        break;
      case "list":
        if (node.isLoose !== block.isLoose) {
          node.isLoose = block.isLoose;
          changes?.push({ kind: "set", node });
        }
        this.#writeChildren(block, node, changes);
        break;
      case "list-item":
        if (node.isChecked !== block.isChecked) {
          node.isChecked = block.isChecked;
          changes?.push({ kind: "set", node });
        }
        this.#writeChildren(block, node, changes);
        break;
      case "document":
      case "block-quote":
      case "footnote":
      case "table":
      case "table-row":
        this.#writeChildren(block, node, changes);
        break;
      case "thematic-break":
      case "footnotes":
        break;
    }
    block.isNew = false;
  }

  #writeLiteral(block: Block, node: Extract<BlockNode, { text: string }>, changes: Changes): void {
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
    if (node.type === "html-block") return;
    const info = node.type === "code-block" ? (block.marker.info ?? "") : "";
    if (node.isOpen === block.isOpen && (node.type !== "code-block" || node.info === info)) return;
    node.isOpen = block.isOpen;
    if (node.type === "code-block") node.info = info;
    changes?.push({ kind: "set", node });
  }

  /** Parses anew what asked for a label that means something else now. */
  #rewrite(stale: Iterable<Block>, changes: TreeChange[]): void {
    for (const block of stale) {
      const { node, inline } = block;
      if (node === undefined || inline === undefined || !("children" in node) || !isShown(block)) continue;
      block.restart();
      this.#writeBlock(block, this.#footnotes.isTold(block) ? changes : undefined);
    }
  }

  #writeFootnote(block: Block, changes: TreeChange[]): void {
    if (block.node === undefined) {
      // The same line, taken anew: what its footnote was shown as stays.
      const shown = this.#footnotes.holder?.children.find((node) => node.label === block.marker.info);
      block.node = shown ?? newBlockNode(block, this.#nodes.newId());
      this.#startOver(block);
      this.#nodes.hasNewReferences = true;
    }
    this.#writeBlock(block, this.#footnotes.isTold(block) ? changes : undefined);
  }
}
