import type { Block } from "./block.ts";
import type { Definitions } from "./definitions.ts";
import { inSourceOrder, referencesIn } from "./footnotes.ts";
import { normalizeLabel } from "./link-syntax.ts";
import type { Changes, NodeKeeper } from "./node-keeper.ts";
import { isShown } from "./shown-block.ts";
import type {
  DocumentNode,
  FootnoteNode,
  FootnoteReferenceNode,
  FootnotesNode,
  InlineNode,
  TreeChange,
} from "./tree.ts";

/** Numbers the references, and shows the footnotes that are referred to at the end of the document. */
export class FootnoteWriter {
  /** The last child of the root, while there are any. */
  holder: FootnotesNode | undefined = undefined;
  readonly #root: DocumentNode;
  readonly #definitions: Definitions;
  readonly #nodes: NodeKeeper;
  /** Blocks that hold references, or did. */
  readonly #referring: Set<Block>;

  constructor(root: DocumentNode, definitions: Definitions, nodes: NodeKeeper, referring: Set<Block>) {
    this.#root = root;
    this.#definitions = definitions;
    this.#nodes = nodes;
    this.#referring = referring;
  }

  /** Whether what holds the block was told of before. */
  isTold(block: Block): boolean {
    for (let at: Block | undefined = block; at !== undefined; at = at.parent) {
      if (at.type !== "footnote") continue;
      const { node } = at;
      return node?.type === "footnote" && this.holder?.children.includes(node) === true;
    }
    return true;
  }

  /** Numbers by first reference in the source, as cmark-gfm does; what isn't referred to isn't shown. */
  write(changes: TreeChange[]): void {
    const counts = new Map<FootnoteNode, number>();
    for (const block of inSourceOrder(this.#referring)) {
      const { node } = block;
      const references =
        node !== undefined && isShown(block) && "children" in node
          ? referencesIn(node.children as InlineNode[])
          : [];
      if (references.length === 0) this.#referring.delete(block);
      const told = this.isTold(block) ? changes : undefined;
      for (const reference of references) this.#numberReference(reference, counts, told);
    }
    this.#showFootnotes([...counts.keys()], counts, changes);
  }

  #numberReference(
    reference: FootnoteReferenceNode,
    counts: Map<FootnoteNode, number>,
    changes: Changes,
  ): void {
    const footnote = this.#definitions.findFootnote(normalizeLabel(reference.label))?.node;
    if (footnote?.type !== "footnote") return;
    const occurrence = (counts.get(footnote) ?? 0) + 1;
    counts.set(footnote, occurrence);
    const number = occurrence === 1 ? counts.size : [...counts.keys()].indexOf(footnote) + 1;
    if (reference.number === number && reference.occurrence === occurrence) return;
    reference.number = number;
    reference.occurrence = occurrence;
    if (!this.#nodes.untold.has(reference)) changes?.push({ kind: "set", node: reference });
  }

  #showFootnotes(
    wanted: FootnoteNode[],
    counts: ReadonlyMap<FootnoteNode, number>,
    changes: TreeChange[],
  ): void {
    let holder = this.holder;
    if (wanted.length === 0) {
      if (holder === undefined) return;
      this.#root.children.pop();
      this.holder = undefined;
      changes.push({ kind: "remove", id: holder.id });
      return;
    }
    const isNew = holder === undefined;
    if (holder === undefined) {
      holder = { type: "footnotes", id: this.#nodes.newId(), children: [] };
    }
    const told = isNew ? undefined : changes;
    let same = 0;
    while (same < wanted.length && holder.children[same] === wanted[same]) same += 1;
    for (const node of holder.children.splice(same)) told?.push({ kind: "remove", id: node.id });
    for (const [index, node] of wanted.entries()) {
      const references = counts.get(node) ?? 0;
      const isChanged = node.number !== index + 1 || node.references !== references;
      node.number = index + 1;
      node.references = references;
      if (index < same) {
        if (isChanged) told?.push({ kind: "set", node });
        continue;
      }
      this.#nodes.renewIds(node);
      holder.children.push(node);
      told?.push({ kind: "insert", parent: holder.id, before: undefined, node });
    }
    if (!isNew) return;
    this.holder = holder;
    this.#root.children.push(holder);
    changes.push({ kind: "insert", parent: this.#root.id, before: undefined, node: holder });
  }
}
