import type { BlockNode, DocumentNode, InlineNode, NodeId, TreeChange } from "../../markdown/tree.ts";
import { createBlockSlots } from "./block-slots.ts";
import { buildEntry, type BuildContext } from "./build-entry.ts";
import { createGroup } from "./element.ts";
import type { Entry } from "./entry.ts";

/** Keeps the page the image of a tree. The cost of a change doesn't grow with what is there already. */
export interface TreeWriter {
  /** Brings the page from what the tree was to what it is. @param changes All that has happened to it since the last call. */
  apply(changes: readonly TreeChange[], isEnded: boolean): void;
  /** Where the next word will be, as far as that can be known. */
  lastElement(): Element;
  /** Lets go of all decorations. What stands in the page is left to the caller. */
  dispose(): void;
}

export function createTreeWriter(mount: HTMLElement, root: DocumentNode, context: BuildContext): TreeWriter {
  const page: Entry = {
    node: root,
    parent: undefined,
    tops: [mount],
    separator: undefined,
    raw: undefined,
    slots: createBlockSlots(mount, { createGroup }),
  };
  /** Also the nodes within a picture, which are shown by the picture's entry. */
  const entries = new Map<NodeId, Entry>([[root.id, page]]);
  const disarranged = new Set<Entry>();
  const changed = new Set<Entry>();

  function add(node: BlockNode | InlineNode, parent: Entry): Entry {
    const entry = parent.slots === undefined ? parent : buildEntry(node, parent, context);
    entries.set(node.id, entry);
    noteChange(entry);
    if ("children" in node) {
      for (const child of node.children) {
        const within = add(child, entry);
        entry.slots?.append(within);
      }
    }
    return entry;
  }

  function noteChange(entry: Entry): void {
    if (entry.update !== undefined) changed.add(entry);
  }

  function remove(id: NodeId, entry: Entry): void {
    if (entry.node.id === id) {
      forget(entry.node);
      if (entry.parent?.slots?.remove(entry) === true) disarranged.add(entry.parent);
    } else {
      entries.delete(id);
      noteChange(entry);
    }
  }

  /** What is decorated is let go; what changes are waiting for it is void. */
  function forget(node: Entry["node"]): void {
    const entry = entries.get(node.id);
    entries.delete(node.id);
    if (entry?.node === node) {
      entry.dispose?.();
      disarranged.delete(entry);
      changed.delete(entry);
    }
    if ("children" in node) for (const child of node.children) forget(child);
  }

  function take(change: TreeChange): void {
    const id = change.kind === "insert" ? change.parent : change.kind === "set" ? change.node.id : change.id;
    const entry = entries.get(id);
    if (entry === undefined) return;
    switch (change.kind) {
      case "insert": {
        const added = add(change.node, entry);
        const before = change.before === undefined ? undefined : entries.get(change.before);
        if (before === undefined) entry.slots?.append(added);
        else if (entry.slots?.insert(added, before) === true) disarranged.add(entry);
        return;
      }
      case "remove":
        remove(id, entry);
        return;
      case "text":
        entry.grow?.(change.keep, change.text);
        // It may be a tag now, or none any more.
        if (entry.node.type === "html-span" && entry.parent !== undefined) disarranged.add(entry.parent);
        noteChange(entry);
        return;
      case "set":
        noteChange(entry);
    }
  }

  function entriesIn({ node }: Entry): Entry[] {
    return "children" in node ? node.children.flatMap((child) => entries.get(child.id) ?? []) : [];
  }

  return {
    apply(changes, isEnded) {
      for (const change of changes) take(change);
      for (const parent of disarranged) parent.slots?.arrange(entriesIn(parent));
      disarranged.clear();
      for (const entry of changed) {
        if (entry.update?.(isEnded) !== false) changed.delete(entry);
      }
    },
    lastElement() {
      let at = page;
      for (let next: Entry | undefined = page; next !== undefined; next = lastBlock(at)) at = next;
      const [top] = at.tops;
      return at.end?.() ?? (top instanceof Element ? top : mount);
    },
    dispose() {
      forget(root);
    },
  };

  /** The last block in a block, footnotes aside. */
  function lastBlock({ node, slots }: Entry): Entry | undefined {
    if (slots?.holdsBlocks === undefined || !("children" in node)) return undefined;
    const children: readonly (BlockNode | InlineNode)[] = node.children;
    const last = children.at(-1)?.type === "footnotes" ? children.at(-2) : children.at(-1);
    return last && entries.get(last.id);
  }
}
