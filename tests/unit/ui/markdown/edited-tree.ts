import type {
  BlockNode,
  DocumentNode,
  InlineNode,
  MarkdownNode,
  NodeId,
  TreeChange,
} from "../../../../src/markdown/tree.ts";

type Child = BlockNode | InlineNode;

/** A tree that is changed by hand, and tells each change as a parser would. */
export interface EditedTree {
  readonly root: DocumentNode;
  /** What has happened since the last call. */
  takeChanges(): readonly TreeChange[];
  insert(parent: MarkdownNode, node: Child, before?: Child): void;
  remove(parent: MarkdownNode, node: Child): void;
  setText(node: Child & { text: string }, keep: number, text: string): void;
  set(node: Child): void;
  nextId(): NodeId;
  /** All nodes but the root, parents first. */
  all(): readonly { readonly node: Child; readonly parent: MarkdownNode }[];
}

export function childrenOf(node: MarkdownNode): Child[] {
  return "children" in node ? node.children : [];
}

export function createEditedTree(): EditedTree {
  let lastId = 0;
  const root: DocumentNode = { id: 0, type: "document", children: [] };
  let changes: TreeChange[] = [];
  /** Inserted since the last take: what happens within is not told. */
  let fresh = new Set<NodeId>();

  const walk = (parent: MarkdownNode): { node: Child; parent: MarkdownNode }[] =>
    childrenOf(parent).flatMap((node) => [{ node, parent }, ...walk(node)]);

  const isTold = (node: MarkdownNode): boolean => !fresh.has(node.id);

  return {
    root,
    takeChanges() {
      const taken = changes;
      changes = [];
      fresh = new Set();
      return taken;
    },
    insert(parent, node, before) {
      const children = childrenOf(parent);
      const at = before === undefined ? children.length : children.indexOf(before);
      children.splice(at, 0, node);
      if (isTold(parent)) changes.push({ kind: "insert", parent: parent.id, before: before?.id, node });
      for (const within of [node, ...walk(node).map((entry) => entry.node)]) fresh.add(within.id);
    },
    remove(parent, node) {
      const children = childrenOf(parent);
      children.splice(children.indexOf(node), 1);
      if (isTold(parent)) changes.push({ kind: "remove", id: node.id });
    },
    setText(node, keep, text) {
      node.text = node.text.slice(0, keep) + text;
      if (isTold(node)) changes.push({ kind: "text", id: node.id, keep, text });
    },
    set(node) {
      if (isTold(node)) changes.push({ kind: "set", node });
    },
    nextId: () => (lastId += 1),
    all: () => walk(root),
  };
}
