import type { Block } from "./block.ts";
import type { Definitions } from "./definitions.ts";
import { referencesIn } from "./footnotes.ts";
import { normalizeLabel } from "./link-syntax.ts";
import { setNode, type NodeKeeper } from "./node-keeper.ts";
import { isInTree } from "./shown-block.ts";
import type { DocumentNode, FootnoteNode, FootnotesNode, TreeChange } from "./tree.ts";

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

  /**
   * Numbers by first reference in the source, as cmark-gfm does; what isn't referred to isn't shown.
   *
   * @param changesIn Where the changes in a block go.
   * @returns The footnotes that were shown before and still stand where they were.
   */
  write(changes: TreeChange[], changesIn: (block: Block) => TreeChange[]): readonly FootnoteNode[] {
    const counts = new Map<FootnoteNode, FootnoteCount>();
    for (const block of [...this.#referring].sort((a, b) => a.sequence - b.sequence)) {
      const { node } = block;
      const references = node !== undefined && isInTree(block) ? referencesIn([node]) : [];
      if (references.length === 0) this.#referring.delete(block);
      for (const reference of references) {
        const note = this.#definitions.findFootnote(normalizeLabel(reference.label))?.node;
        if (note?.type !== "footnote") continue;
        const count = counts.get(note) ?? { number: counts.size + 1, references: 0 };
        counts.set(note, count);
        count.references += 1;
        const isTold = !this.#nodes.untold.has(reference);
        const state = { number: count.number, occurrence: count.references };
        setNode(reference, state, isTold ? changesIn(block) : undefined);
      }
    }
    return this.#show(counts, changes);
  }

  /** Shows them in the order of their numbers. */
  #show(counts: ReadonlyMap<FootnoteNode, FootnoteCount>, changes: TreeChange[]): readonly FootnoteNode[] {
    const root = this.#root;
    const shown = this.holder;
    const holder = shown ?? { type: "footnotes", id: this.#nodes.newId(), children: [] };
    const { id, children } = holder;
    const told = shown && changes;
    const kept: FootnoteNode[] = [];
    const take = (note: FootnoteNode): void => {
      const at = children.indexOf(note);
      this.#nodes.removeFrom(children, at, at + 1, told);
    };
    for (const note of children.filter((node) => !counts.has(node))) take(note);
    for (const [note, count] of counts) {
      const index = count.number - 1;
      if (children[index] === note) {
        setNode(note, count, told);
        kept.push(note);
        continue;
      }
      if (children.includes(note)) take(note);
      this.#nodes.giveIds(note);
      Object.assign(note, count);
      told?.push({ kind: "insert", parent: id, before: children[index]?.id, node: note });
      children.splice(index, 0, note);
    }
    const isShown = counts.size > 0;
    this.holder = isShown ? holder : undefined;
    if (isShown && shown === undefined) {
      root.children.push(holder);
      changes.push({ kind: "insert", parent: root.id, before: undefined, node: holder });
    } else if (!isShown && shown !== undefined) {
      root.children.pop();
      changes.push({ kind: "remove", id });
    }
    return kept;
  }
}
