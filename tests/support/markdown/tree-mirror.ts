import type { DocumentNode, MarkdownNode, NodeId, TreeChange } from "../../../src/markdown/tree.ts";

/** The same node, with arrays that a mirror may change. */
interface MirrorNode {
  [property: string]: unknown;
  id: NodeId;
  children?: MirrorNode[];
}

/**
 * A copy of a tree that is kept by its changes alone. It holds no object of the parser's: what it knows, it was told.
 * It refuses what a change list must not say: an id that was given before, a node or a sibling that isn't there,
 * a text that is shorter than what is to be kept of it, a `set` that moves between types.
 */
export interface TreeMirror {
  /** The copy, to compare with the parser's tree. */
  readonly root: DocumentNode;
  apply(changes: readonly TreeChange[]): void;
}

export function createTreeMirror(root: DocumentNode): TreeMirror {
  const nodes = new Map<NodeId, MirrorNode>();
  const parents = new Map<NodeId, NodeId>();
  const given = new Set<NodeId>();

  const adopt = (node: MarkdownNode): MirrorNode => {
    if (given.has(node.id)) throw new Error(`Id ${node.id} (${node.type}) is given a second time.`);
    const copy = { ...node } as unknown as MirrorNode;
    given.add(node.id);
    nodes.set(node.id, copy);
    if ("children" in node) {
      copy.children = node.children.map((child) => adopt(child));
      for (const child of copy.children) parents.set(child.id, node.id);
    }
    return copy;
  };

  const forget = (node: MirrorNode): void => {
    nodes.delete(node.id);
    parents.delete(node.id);
    for (const child of node.children ?? []) forget(child);
  };

  const find = (id: NodeId, change: TreeChange): MirrorNode => {
    const node = nodes.get(id);
    if (node === undefined)
      throw new Error(`A change names node ${id}, which isn't there: ${describe(change)}`);
    return node;
  };

  const childrenOf = (node: MirrorNode): MirrorNode[] => {
    if (node.children === undefined)
      throw new Error(`Node ${node.id} (${String(node["type"])}) can't have children.`);
    return node.children;
  };

  const applyOne = (change: TreeChange): void => {
    switch (change.kind) {
      case "insert": {
        const siblings = childrenOf(find(change.parent, change));
        const at =
          change.before === undefined
            ? siblings.length
            : siblings.findIndex((sibling) => sibling.id === change.before);
        if (at < 0)
          throw new Error(`No sibling ${change.before} under ${change.parent}: ${describe(change)}`);
        siblings.splice(at, 0, adopt(change.node));
        parents.set(change.node.id, change.parent);
        return;
      }
      case "remove": {
        const node = find(change.id, change);
        const parent = parents.get(change.id);
        if (parent === undefined) throw new Error("The document itself is removed.");
        const siblings = childrenOf(find(parent, change));
        siblings.splice(siblings.indexOf(node), 1);
        forget(node);
        return;
      }
      case "text": {
        const node = find(change.id, change);
        const text = node["text"];
        if (typeof text !== "string") throw new Error(`Node ${change.id} has no text: ${describe(change)}`);
        if (change.keep < 0 || change.keep > text.length) {
          throw new Error(`Keeps ${change.keep} of ${text.length} code units: ${describe(change)}`);
        }
        node["text"] = text.slice(0, change.keep) + change.text;
        return;
      }
      case "set": {
        const node = find(change.node.id, change);
        if (node["type"] !== change.node.type)
          throw new Error(`A node changes its type: ${describe(change)}`);
        for (const [name, value] of Object.entries(change.node)) {
          if (name !== "children" && name !== "text") node[name] = value;
        }
      }
    }
  };

  const copy = adopt(root);
  return {
    root: copy as unknown as DocumentNode,
    apply(changes) {
      for (const change of changes) applyOne(change);
    },
  };
}

function describe(change: TreeChange): string {
  return JSON.stringify(change).slice(0, 300);
}

/** How many nodes a list of changes names, those within inserted nodes too. */
export function countNamedNodes(changes: readonly TreeChange[]): number {
  let count = 0;
  const add = (node: MarkdownNode): void => {
    count += 1;
    if ("children" in node) for (const child of node.children) add(child);
  };
  for (const change of changes) {
    if (change.kind === "insert") add(change.node);
    else count += 1;
  }
  return count;
}
