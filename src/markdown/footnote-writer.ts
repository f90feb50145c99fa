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
export interface FootnoteWriter {
  /** The last child of the root, while there are any. */
  holder(): FootnotesNode | undefined;
  /**
   * Numbers by first reference in the source, as cmark-gfm does; what isn't referred to isn't shown.
   *
   * @param changesIn Where the changes in a block go.
   * @returns The footnotes that were shown before and still stand where they were.
   */
  write(changes: TreeChange[], changesIn: (block: Block) => TreeChange[]): readonly FootnoteNode[];
}

/** @param referring Blocks that hold references, or did. */
export function createFootnoteWriter(
  root: DocumentNode,
  definitions: Definitions,
  nodes: NodeKeeper,
  referring: Set<Block>,
): FootnoteWriter {
  let shown: FootnotesNode | undefined;

  /** Shows them in the order of their numbers. */
  function show(counts: ReadonlyMap<FootnoteNode, FootnoteCount>, changes: TreeChange[]): FootnoteNode[] {
    const holder = shown ?? { type: "footnotes", id: nodes.newId(), children: [] };
    const { id, children } = holder;
    const told = shown && changes;
    const kept: FootnoteNode[] = [];
    const take = (note: FootnoteNode): void => {
      const at = children.indexOf(note);
      nodes.removeFrom(children, at, at + 1, told);
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
      nodes.giveIds(note);
      Object.assign(note, count);
      told?.push({ kind: "insert", parent: id, before: children[index]?.id, node: note });
      children.splice(index, 0, note);
    }
    if (counts.size === 0) {
      if (shown !== undefined)
        nodes.removeFrom(root.children, root.children.length - 1, root.children.length, changes);
      shown = undefined;
    } else if (shown === undefined) {
      shown = holder;
      root.children.push(holder);
      changes.push({ kind: "insert", parent: root.id, before: undefined, node: holder });
    }
    return kept;
  }

  return {
    holder: () => shown,
    write(changes, changesIn) {
      const counts = new Map<FootnoteNode, FootnoteCount>();
      for (const block of [...referring].sort((a, b) => a.sequence - b.sequence)) {
        const { node } = block;
        const references = node !== undefined && isInTree(block) ? referencesIn([node]) : [];
        if (references.length === 0) referring.delete(block);
        for (const reference of references) {
          const note = definitions.findFootnote(normalizeLabel(reference.label))?.node;
          if (note?.type !== "footnote") continue;
          const count = counts.get(note) ?? { number: counts.size + 1, references: 0 };
          counts.set(note, count);
          count.references += 1;
          const told = nodes.untold.has(reference) ? undefined : changesIn(block);
          setNode(reference, { number: count.number, occurrence: count.references }, told);
        }
      }
      return show(counts, changes);
    },
  };
}
