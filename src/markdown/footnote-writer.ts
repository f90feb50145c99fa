import type { Block } from "./block.ts";
import type { Definitions } from "./definitions.ts";
import { inSourceOrder, referencesIn } from "./footnotes.ts";
import { normalizeLabel } from "./link-syntax.ts";
import type { NodeKeeper } from "./node-keeper.ts";
import { isShown } from "./shown-block.ts";
import type {
  DocumentNode,
  FootnoteNode,
  FootnoteReferenceNode,
  FootnotesNode,
  InlineNode,
  MarkdownNode,
  NodeId,
  TreeChange,
} from "./tree.ts";

interface FootnoteCount {
  readonly number: number;
  references: number;
}

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
    const footnote = footnoteOf(block);
    if (footnote === undefined) return true;
    const { node } = footnote;
    return node?.type === "footnote" && this.holder?.children.includes(node) === true;
  }

  /** Numbers by first reference in the source, as cmark-gfm does; what isn't referred to isn't shown. */
  write(changes: TreeChange[]): void {
    const counts = new Map<FootnoteNode, FootnoteCount>();
    const renumbered: { readonly block: Block; readonly reference: FootnoteReferenceNode }[] = [];
    for (const block of inSourceOrder(this.#referring)) {
      const { node } = block;
      const isHolder = node !== undefined && isShown(block) && "children" in node;
      const references = isHolder ? referencesIn(node.children as InlineNode[]) : [];
      if (references.length === 0) this.#referring.delete(block);
      for (const reference of references) {
        if (this.#number(reference, counts)) renumbered.push({ block, reference });
      }
    }
    const kept = this.#show(counts, changes);
    for (const { block, reference } of renumbered) {
      const footnote = footnoteOf(block)?.node;
      const isTold = footnote === undefined || (footnote.type === "footnote" && kept.has(footnote));
      if (isTold && !this.#nodes.untold.has(reference)) changes.push({ kind: "set", node: reference });
    }
  }

  /** True: it has another number than before. */
  #number(reference: FootnoteReferenceNode, counts: Map<FootnoteNode, FootnoteCount>): boolean {
    const footnote = this.#definitions.findFootnote(normalizeLabel(reference.label))?.node;
    if (footnote?.type !== "footnote") return false;
    const count = counts.get(footnote) ?? { number: counts.size + 1, references: 0 };
    count.references += 1;
    counts.set(footnote, count);
    if (reference.number === count.number && reference.occurrence === count.references) return false;
    reference.number = count.number;
    reference.occurrence = count.references;
    return true;
  }

  /** Shows them in the order of their numbers; those that stay where they were are given back. */
  #show(counts: ReadonlyMap<FootnoteNode, FootnoteCount>, changes: TreeChange[]): ReadonlySet<FootnoteNode> {
    const wanted = [...counts.keys()];
    const shown = this.holder;
    if (wanted.length === 0) {
      if (shown !== undefined) {
        this.#root.children.pop();
        this.holder = undefined;
        changes.push({ kind: "remove", id: shown.id });
      }
      return new Set();
    }
    const holder = shown ?? { type: "footnotes", id: this.#nodes.newId(), children: [] };
    const told = shown === undefined ? undefined : changes;
    const stays = new Set(holder.children.filter((node) => counts.has(node)));
    const place = new Map(wanted.map((node, index) => [node, index]));
    let last = -1;
    for (const node of holder.children.slice()) {
      const index = place.get(node) ?? -1;
      if (index > last) {
        last = index;
        continue;
      }
      // It isn't wanted any more, or not in this order.
      stays.delete(node);
      holder.children.splice(holder.children.indexOf(node), 1);
      if (told !== undefined) withdraw(told, node);
      told?.push({ kind: "remove", id: node.id });
    }
    for (const [index, node] of wanted.entries()) {
      const { number = 0, references = 0 } = counts.get(node) ?? {};
      const isChanged = node.number !== number || node.references !== references;
      node.number = number;
      node.references = references;
      if (!stays.has(node)) {
        this.#nodes.renewIds(node);
        told?.push({ kind: "insert", parent: holder.id, before: holder.children[index]?.id, node });
        holder.children.splice(index, 0, node);
      } else if (isChanged) {
        told?.push({ kind: "set", node });
      }
    }
    if (shown === undefined) {
      this.holder = holder;
      this.#root.children.push(holder);
      changes.push({ kind: "insert", parent: this.#root.id, before: undefined, node: holder });
    }
    return stays;
  }
}

/** Takes back what was told of nodes in `root`, which goes away as a whole. */
function withdraw(changes: TreeChange[], root: MarkdownNode): void {
  const ids = new Set<NodeId>();
  const collect = (node: MarkdownNode): void => {
    ids.add(node.id);
    if ("children" in node) for (const child of node.children) collect(child);
  };
  collect(root);
  for (let at = changes.length - 1; at >= 0; at -= 1) {
    const change = changes[at];
    if (change === undefined) continue;
    const id = change.kind === "insert" ? change.parent : change.kind === "set" ? change.node.id : change.id;
    if (ids.has(id)) changes.splice(at, 1);
  }
}

/** The footnote the block is in, or is. */
function footnoteOf(block: Block): Block | undefined {
  let at: Block | undefined = block;
  while (at !== undefined && at.type !== "footnote") at = at.parent;
  return at;
}
