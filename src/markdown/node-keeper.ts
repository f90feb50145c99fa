import type { FootnoteReferenceNode, MarkdownNode, NodeId, TreeChange } from "./tree.ts";

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
      this.#noteRemoval(node);
      changes?.push({ kind: "remove", id: node.id });
    }
  }

  #noteRemoval(node: MarkdownNode): void {
    if (node.type === "footnote-reference") this.hasNewReferences = true;
    else if ("children" in node) for (const child of node.children) this.#noteRemoval(child);
  }

  /** What is put in again is another node for whoever follows. */
  renewIds(node: MarkdownNode): void {
    (node as Mutable<MarkdownNode>).id = this.newId();
    if ("children" in node) for (const child of node.children) this.renewIds(child);
  }
}
