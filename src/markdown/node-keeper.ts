import { referencesIn } from "./footnotes.ts";
import type {
  BlockNode,
  FootnoteReferenceNode,
  InlineNode,
  MarkdownNode,
  NodeId,
  TreeChange,
} from "./tree.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Where changes go; undefined: the node they are in is told as a whole. */
export type Changes = TreeChange[] | undefined;

/** Gives nodes their ids, takes nodes out, and notes what that means for the numbers of footnotes. */
export class NodeKeeper {
  /** A reference has come or gone since this was last set back. */
  hasNewReferences = false;
  /** References that nobody was told of yet. */
  readonly untold = new Set<FootnoteReferenceNode>();
  #nextId = 1;

  newId(): NodeId {
    const id = this.#nextId;
    this.#nextId += 1;
    return id;
  }

  /** What is put in again is another node for whoever follows, too. */
  giveIds(node: MarkdownNode): void {
    (node as Mutable<MarkdownNode>).id = this.newId();
    if (node.type === "footnote-reference") {
      this.hasNewReferences = true;
      this.untold.add(node);
    } else if ("children" in node) {
      for (const child of node.children) this.giveIds(child);
    }
  }

  removeFrom(nodes: MarkdownNode[], from: number, end: number, changes: Changes): void {
    for (let index = end - 1; index >= from; index -= 1) {
      const [node] = nodes.splice(index, 1);
      if (node === undefined) continue;
      this.hasNewReferences ||= referencesIn([node]).length > 0;
      changes?.push({ kind: "remove", id: node.id });
    }
  }
}

/** Sets what may change of a node. */
export function setNode<Node extends BlockNode | InlineNode>(
  node: Node,
  state: Partial<Node>,
  changes: Changes,
): void {
  let isSame = true;
  // No entries, no keys: this is asked of every list and item around each new word.
  for (const name in state) isSame &&= node[name] === state[name];
  if (isSame) return;
  Object.assign(node, state);
  changes?.push({ kind: "set", node });
}
