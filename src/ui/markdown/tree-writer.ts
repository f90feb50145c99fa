import type { BlockNode, DocumentNode, InlineNode, NodeId, TreeChange } from "../../markdown/tree.ts";
import { setAnchor } from "./anchor.ts";
import {
  appendBlock,
  arrangeBlocks,
  createBlockSlots,
  insertBlockBefore,
  removeBlock,
} from "./block-slots.ts";
import { buildEntry, createGroup, setLoose, setTask, showHtmlBlock } from "./build-entry.ts";
import { decorateCode, growCode, setCodeOpen, undecorateCode } from "./code-body.ts";
import type { Decorations } from "./decorations.ts";
import type { Entry } from "./entry.ts";
import { showFootnote, showFootnoteReference } from "./footnotes.ts";
import { showImage } from "./image-body.ts";
import { appendInline, arrangeInlines, insertInlineBefore, removeInline } from "./inline-slots.ts";
import { decorateMath, growMath, undecorateMath } from "./math-body.ts";
import { growTextRun } from "../text-run.ts";

/** Keeps the page the image of a tree. The cost of a change doesn't grow with what is there already. */
export interface TreeWriter {
  /** Brings the page from what the tree was to what it is. @param changes All that has happened to it since the last call. */
  apply(changes: readonly TreeChange[], isEnded: boolean): void;
  /** Where the next word will be, as far as that can be known. */
  lastElement(): Element;
  /** Lets go of all decorations. What stands in the page is left to the caller. */
  dispose(): void;
}

export interface TreeWriterOptions {
  readonly decorations: Decorations;
  /** Begins all ids that are put into the page. */
  readonly idPrefix: string;
}

type WrittenNode = BlockNode | InlineNode;

export function createTreeWriter(
  mount: HTMLElement,
  root: DocumentNode,
  { decorations, idPrefix }: TreeWriterOptions,
): TreeWriter {
  const document_: Entry = {
    node: root,
    parent: undefined,
    top: mount,
    separator: undefined,
    body: createBlockSlots(mount, createGroup),
  };
  /** Also the nodes within a picture, which are shown by the picture's entry. */
  const entries = new Map<NodeId, Entry>([[root.id, document_]]);
  const disarranged = new Set<Entry>();
  const changedImages = new Set<Entry>();
  const changedCode = new Set<Entry>();
  /** Formulas that are not decorated yet. */
  const plainMath = new Set<Entry>();
  /** Tables have no body of their own to keep it. */
  const undecorateTables = new Map<Entry, () => void>();

  function add(node: WrittenNode, parent: Entry): Entry {
    const entry = buildEntry(node, parent, { idPrefix });
    entries.set(node.id, entry);
    if (entry.body?.kind === "image") {
      if (node.type === "image") for (const child of node.children) addWithin(child, entry);
    } else if ("children" in node) {
      for (const child of node.children) append(entry, add(child, entry));
    }
    if (node.type === "table" && entry.top instanceof HTMLElement) {
      undecorateTables.set(entry, decorations.decorateTable(entry.top));
    } else if (entry.body?.kind === "code") changedCode.add(entry);
    else if (entry.body?.kind === "math") plainMath.add(entry);
    return entry;
  }

  /** Shown by another's entry. */
  function addWithin(node: WrittenNode, entry: Entry): void {
    entries.set(node.id, entry);
    if ("children" in node) for (const child of node.children) addWithin(child, entry);
  }

  function append(parent: Entry, entry: Entry): void {
    const { body } = parent;
    if (body?.kind === "blocks") {
      if (entry.node.type === "footnotes") {
        body.element.append(entry.top);
        body.tail = entry.top;
      } else if (entry.node.type === "table-row" && entry.node.isHeader) {
        body.element.firstElementChild?.append(entry.top);
      } else appendBlock(body, entry);
    } else if (body?.kind === "inlines") appendInline(body, entry);
  }

  function insert(parentId: NodeId, beforeId: NodeId | undefined, node: WrittenNode): void {
    const parent = entries.get(parentId);
    if (parent === undefined) return;
    if (parent.body?.kind === "image") {
      addWithin(node, parent);
      changedImages.add(parent);
      return;
    }
    const entry = add(node, parent);
    const before = beforeId === undefined ? undefined : entries.get(beforeId);
    // Footnotes are always at the end, whatever comes.
    if (before === undefined || before.node.type === "footnotes") append(parent, entry);
    else if (parent.body?.kind === "blocks") {
      if (insertBlockBefore(parent.body, entry, before)) disarranged.add(parent);
    } else if (parent.body?.kind === "inlines") {
      if (insertInlineBefore(parent.body, entry, before)) disarranged.add(parent);
    }
  }

  function remove(id: NodeId): void {
    const entry = entries.get(id);
    if (entry === undefined) return;
    if (entry.node.id !== id) {
      entries.delete(id);
      changedImages.add(entry);
      return;
    }
    const { parent } = entry;
    forget(entry.node);
    if (entry.node.type === "footnotes" && parent?.body?.kind === "blocks") {
      entry.top.remove();
      parent.body.tail = undefined;
    } else if (parent?.body?.kind === "blocks") {
      if (removeBlock(parent.body, entry)) disarranged.add(parent);
    } else if (parent?.body?.kind === "inlines") {
      if (removeInline(parent.body, entry)) disarranged.add(parent);
    }
  }

  /** What is decorated is let go; what changes are waiting for it is void. */
  function forget(node: Entry["node"]): void {
    const entry = entries.get(node.id);
    entries.delete(node.id);
    if (entry !== undefined && entry.node === node) {
      if (entry.body?.kind === "code") undecorateCode(entry.body);
      else if (entry.body?.kind === "math") undecorateMath(entry.body);
      undecorateTables.get(entry)?.();
      undecorateTables.delete(entry);
      for (const waiting of [disarranged, changedImages, changedCode, plainMath]) waiting.delete(entry);
    }
    if ("children" in node) for (const child of node.children) forget(child);
  }

  function changeText(id: NodeId, keep: number, text: string): void {
    const entry = entries.get(id);
    if (entry === undefined) return;
    const { node, body, parent } = entry;
    switch (body?.kind) {
      case "text":
        growTextRun(body, keep, text);
        if (node.type === "html-block" && entry.top instanceof Element)
          showHtmlBlock(entry.top, body, node.text);
        // It may be a tag now, or none any more.
        else if (node.type === "html-span" && parent !== undefined) {
          if (parent.body?.kind === "inlines") parent.body.hasTags = true;
          disarranged.add(parent);
        }
        return;
      case "code":
        if (node.type === "code-block") growCode(body, keep, text, node.text);
        changedCode.add(entry);
        return;
      case "math":
        if (node.type === "math-block" || node.type === "math-span") growMath(body, keep, text, node.text);
        plainMath.add(entry);
        return;
      case "image":
        changedImages.add(entry);
        return;
      case "blocks":
      case "inlines":
      case undefined:
    }
  }

  function set(node: WrittenNode): void {
    const entry = entries.get(node.id);
    if (entry === undefined) return;
    if (entry.body?.kind === "image") changedImages.add(entry);
    if (entry.node.id !== node.id) return;
    entry.node = node;
    const { top, body } = entry;
    if (node.type === "list" && top instanceof Element) setLoose(top, node.isLoose);
    else if (node.type === "list-item" && body?.kind === "blocks") setTask(body, node.isChecked);
    else if (node.type === "link" && top instanceof HTMLAnchorElement)
      setAnchor(top, node.destination, node.title);
    else if (node.type === "footnote" && top instanceof HTMLLIElement) showFootnote(top, node, idPrefix);
    else if (node.type === "footnote-reference" && top instanceof HTMLElement)
      showFootnoteReference(top, node, idPrefix);
    else if (node.type === "code-block" && body?.kind === "code") {
      setCodeOpen(body, node.isOpen);
      changedCode.add(entry);
    }
  }

  function arrange(parent: Entry): void {
    const { node, body } = parent;
    if (!("children" in node)) return;
    const children = [...node.children]
      .map((child) => entries.get(child.id))
      .filter((entry) => entry !== undefined);
    if (body?.kind === "inlines") arrangeInlines(body, children);
    else if (body?.kind === "blocks") arrangeBlocks(body, children.filter(isInRow));
  }

  function settle(isEnded: boolean): void {
    for (const parent of disarranged) arrange(parent);
    disarranged.clear();
    for (const { node, body } of changedImages) {
      if (node.type === "image" && body?.kind === "image") showImage(body, node);
    }
    changedImages.clear();
    for (const { node, body } of changedCode) {
      if (node.type === "code-block" && body?.kind === "code") decorateCode(body, node.info, decorations);
    }
    changedCode.clear();
    for (const entry of plainMath) {
      const { node, body } = entry;
      if (body?.kind !== "math" || (node.type !== "math-block" && node.type !== "math-span")) continue;
      // At the very end it may be another one with the next letter: a formula must not come and go.
      const isComplete = node.type === "math-block" ? !node.isOpen : isEnded || !isLast(entry);
      if (!isComplete) continue;
      decorateMath(body, node.text, decorations);
      plainMath.delete(entry);
    }
  }

  return {
    apply(changes, isEnded) {
      for (const change of changes) {
        switch (change.kind) {
          case "insert":
            insert(change.parent, change.before, change.node);
            break;
          case "remove":
            remove(change.id);
            break;
          case "text":
            changeText(change.id, change.keep, change.text);
            break;
          case "set":
            set(change.node);
        }
      }
      settle(isEnded);
    },
    lastElement() {
      let at = document_;
      for (let next = lastChild(at); next !== undefined; next = lastChild(at)) at = next;
      if (at.body?.kind === "code") return at.body.lines.element.lastElementChild ?? at.body.element;
      return at.top instanceof Element ? at.top : mount;
    },
    dispose() {
      forget(root);
    },
  };

  /** The last block in a block, footnotes aside. */
  function lastChild({ node, body }: Entry): Entry | undefined {
    if (body?.kind !== "blocks" || !("children" in node)) return undefined;
    const children: readonly WrittenNode[] = node.children;
    const last = children.at(-1)?.type === "footnotes" ? children.at(-2) : children.at(-1);
    return last === undefined ? undefined : entries.get(last.id);
  }
}

/** Whether nothing follows it in the whole text. */
function isLast(entry: Entry): boolean {
  for (let at = entry; at.parent !== undefined; at = at.parent) {
    const { node } = at.parent;
    if ("children" in node && node.children.at(-1)?.id !== at.node.id) return false;
  }
  return true;
}

/** Footnotes and the header of a table have places of their own. */
function isInRow({ node }: Entry): boolean {
  return node.type !== "footnotes" && !(node.type === "table-row" && node.isHeader);
}
