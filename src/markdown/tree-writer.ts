import type { Block, InlineView } from "./block.ts";
import type { DecodeReference } from "./character-reference.ts";
import type { Definitions } from "./definitions.ts";
import { inSourceOrder, referencesIn } from "./footnotes.ts";
import { healedText, withoutLastRun } from "./heal.ts";
import { inlineNodes } from "./inline-nodes.ts";
import { InlineParser, type InlineContext } from "./inline-parser.ts";
import type { LinkDefinition } from "./link-definition.ts";
import { normalizeLabel } from "./link-syntax.ts";
import { newBlockNode, canShow } from "./block-nodes.ts";
import type {
  BlockNode,
  DocumentNode,
  FootnoteNode,
  FootnoteReferenceNode,
  FootnotesNode,
  InlineNode,
  MarkdownNode,
  TreeChange,
} from "./tree.ts";

/** How far a node that has moved is looked for. */
const NEAR_NODES = 8;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Where changes go; undefined: the node they are in is told as a whole. */
type Changes = TreeChange[] | undefined;

export interface TreeWriterOptions {
  readonly isGfm: boolean;
  readonly hasFootnotes: boolean;
  readonly hasMath: boolean;
  readonly isHealing: boolean;
  readonly decode: DecodeReference;
}

/** Brings the tree of nodes up to date with the blocks, and tells what has changed. It looks at nothing that is not marked. */
export class TreeWriter {
  readonly root: DocumentNode = { type: "document", id: 1, children: [] };
  #nextId = 2;
  readonly #options: TreeWriterOptions;
  readonly #definitions: Definitions;
  #footnotes: FootnotesNode | undefined = undefined;
  /** Blocks that hold references, or did. */
  readonly #referring = new Set<Block>();
  #hasNewReferences = false;
  /** References that nobody was told of yet. */
  readonly #untold = new Set<FootnoteReferenceNode>();
  /** The block that is healed: the last, while it is open. */
  #growing: Block | undefined = undefined;
  #asked = new Set<string>();
  #asking: Block | undefined = undefined;
  readonly #context: InlineContext;

  constructor(options: TreeWriterOptions, definitions: Definitions) {
    this.#options = options;
    this.#definitions = definitions;
    this.#context = {
      ...options,
      findDefinition: (label) => this.#findDefinition(label),
      findFootnote: (label) => this.#findFootnote(label),
    };
  }

  /** All that the blocks have become since the last call. */
  write(document: Block, growing: Block | undefined): TreeChange[] {
    const changes: TreeChange[] = [];
    // What has stopped growing is shown as it is written.
    if (this.#growing !== undefined && this.#growing !== growing) this.#growing.markDirty();
    this.#growing = this.#options.isHealing ? growing : undefined;
    const stale = this.#definitions.takeStale();
    document.node = this.root;
    if (document.isDirty) this.#writeChildren(document, this.root, changes);
    document.isDirty = false;
    if (!this.#options.hasFootnotes) {
      this.#rewrite(stale, changes);
      return changes;
    }
    for (const block of this.#definitions.footnotes) {
      if (block.isDirty) this.#writeFootnote(block, changes);
    }
    this.#rewrite(stale, changes);
    if (this.#hasNewReferences) this.#numberFootnotes(changes);
    this.#hasNewReferences = false;
    this.#untold.clear();
    return changes;
  }

  /** The block is gone for good. */
  forget(block: Block): void {
    for (const key of block.inline?.asked ?? []) this.#definitions.unask(key, block);
    if (this.#growing === block) this.#growing = undefined;
    if (this.#referring.delete(block)) this.#hasNewReferences = true;
    if (block.type === "footnote") this.#hasNewReferences = true;
  }

  // Blocks

  #writeChildren(
    block: Block,
    parent: { readonly id: number; readonly children: MarkdownNode[] },
    changes: Changes,
  ): void {
    const nodes = parent.children;
    const atEnd = parent === this.root ? this.#footnotes : undefined;
    const end = (): number => nodes.length - (atEnd === undefined ? 0 : 1);
    for (let index = block.dirtyFrom; index < block.children.length; index += 1) {
      const child = block.children[index];
      if (child === undefined) continue;
      const shown = index < end() ? nodes[index] : undefined;
      if (shown !== undefined && child.node === shown) {
        if (child.isDirty) this.#writeBlock(child, changes);
      } else if (shown !== undefined && canShow(child, shown)) {
        // What another block was shown as is this one now: it keeps its id.
        child.node = shown;
        this.#startOver(child);
        this.#writeBlock(child, changes);
      } else {
        this.#removeFrom(nodes, index, end(), changes);
        const node = newBlockNode(child, this.#nextId);
        this.#nextId += 1;
        child.node = node;
        this.#startOver(child);
        this.#writeBlock(child, undefined);
        nodes.splice(index, 0, node);
        changes?.push({ kind: "insert", parent: parent.id, before: atEnd?.id, node });
      }
    }
    this.#removeFrom(nodes, block.children.length, end(), changes);
    block.dirtyFrom = block.children.length;
  }

  #startOver(block: Block): void {
    block.dirtyFrom = 0;
    this.#unask(block);
    block.inline = undefined;
    if (block.tailStart > 0) block.restart();
    block.shownTail = "";
    block.isNew = true;
  }

  #writeBlock(block: Block, changes: Changes): void {
    const { node } = block;
    block.isDirty = false;
    if (node === undefined) return;
    switch (node.type) {
      case "paragraph":
      case "heading":
      case "table-cell":
        this.#writeInlines(block, node, changes);
        break;
      case "code-block":
      case "html-block":
      case "math-block":
        this.#writeLiteral(block, node, changes);
        break;
      case "list":
        if (node.isLoose !== block.isLoose) {
          node.isLoose = block.isLoose;
          changes?.push({ kind: "set", node });
        }
        this.#writeChildren(block, node, changes);
        break;
      case "list-item":
        if (node.isChecked !== block.isChecked) {
          node.isChecked = block.isChecked;
          changes?.push({ kind: "set", node });
        }
        this.#writeChildren(block, node, changes);
        break;
      case "document":
      case "block-quote":
      case "footnote":
      case "table":
      case "table-row":
        this.#writeChildren(block, node, changes);
        break;
      case "thematic-break":
      case "footnotes":
        break;
    }
    block.isNew = false;
  }

  #writeLiteral(block: Block, node: Extract<BlockNode, { text: string }>, changes: Changes): void {
    const old = block.isNew ? node.text : block.shownTail;
    const { tail, tailStart } = block;
    const keep = commonPrefix(old, tail);
    if (keep < old.length || keep < tail.length) {
      changes?.push({ kind: "text", id: node.id, keep: tailStart + keep, text: tail.slice(keep) });
      node.text = block.text;
    }
    block.shownTail = tail;
    if (block.certainChars > tailStart) {
      block.shownTail = tail.slice(block.certainChars - tailStart);
      block.advanceTail(block.certainChars);
    }
    if (node.type === "html-block") return;
    const info = node.type === "code-block" ? (block.marker.info ?? "") : "";
    if (node.isOpen === block.isOpen && (node.type !== "code-block" || node.info === info)) return;
    node.isOpen = block.isOpen;
    if (node.type === "code-block") node.info = info;
    changes?.push({ kind: "set", node });
  }

  #removeFrom(nodes: MarkdownNode[], from: number, end: number, changes: Changes): void {
    for (let index = end - 1; index >= from; index -= 1) {
      const [node] = nodes.splice(index, 1);
      if (node === undefined) continue;
      this.#noteRemoval(node);
      changes?.push({ kind: "remove", id: node.id });
    }
  }

  #noteRemoval(node: MarkdownNode): void {
    if (node.type === "footnote-reference") this.#hasNewReferences = true;
    else if ("children" in node) for (const child of node.children) this.#noteRemoval(child);
  }

  // Inline content

  #findDefinition(label: string): LinkDefinition | undefined {
    this.#ask(`=${label}`);
    return this.#definitions.findLink(label);
  }

  #findFootnote(label: string): string | undefined {
    this.#ask(`^${label}`);
    return this.#definitions.findFootnote(label)?.marker.info;
  }

  #ask(key: string): void {
    if (this.#asking === undefined || this.#definitions.isCertain(key)) return;
    this.#asked.add(key);
    this.#definitions.ask(key, this.#asking);
  }

  #unask(block: Block): void {
    for (const key of block.inline?.asked ?? []) this.#definitions.unask(key, block);
    block.inline?.asked.clear();
  }

  #writeInlines(block: Block, node: Extract<BlockNode, { children: InlineNode[] }>, changes: Changes): void {
    let view = block.inline;
    if (view === undefined || view.generation !== block.generation) {
      this.#unask(block);
      view = newView(block.generation);
      block.inline = view;
    }
    const { tailStart } = block;
    this.#asked = view.asked;
    this.#asking = block;
    const parser = this.#parseInlines(block);
    this.#asking = undefined;
    const { checkpoint } = parser;
    const { isGfm } = this.#options;
    if (checkpoint === undefined) {
      this.#mergeInlines(block, node, view, inlineNodes(parser.list.first, undefined, isGfm), changes);
      return;
    }
    const certain = inlineNodes(parser.list.first, checkpoint.last, isGfm);
    const rest = inlineNodes(checkpoint.last.next, undefined, isGfm);
    const last = certain.at(-1);
    const joinsFirst = view.certainText !== "" && certain[0]?.type === "text";
    const total = view.count + certain.length + (view.certainText !== "" && !joinsFirst ? 1 : 0);
    const lastText = last?.type === "text" ? last.text : "";
    const certainText = joinsFirst && certain.length === 1 ? view.certainText + lastText : lastText;
    const joined = joinTexts(certain, rest);
    const uncertain = lastText === "" ? undefined : joined[certain.length - 1];
    const uncertainText = uncertain?.type === "text" ? uncertain.text.slice(lastText.length) : "";
    this.#mergeInlines(block, node, view, joined, changes);
    view.start = tailStart + checkpoint.offset;
    view.count = lastText === "" ? total : total - 1;
    view.certainText = certainText;
    view.uncertainText = uncertainText;
    block.advanceTail(view.start);
  }

  #parseInlines(block: Block): InlineParser {
    const { tail, tailStart, certainChars } = block;
    const before = tailStart > 0 ? " " : "";
    const parse = (text: string, limit: number): InlineParser => {
      const parser = new InlineParser(text, before, limit, this.#context);
      parser.parse();
      return parser;
    };
    const parser = parse(tail, certainChars - tailStart);
    if (block !== this.#growing) return parser;
    const shorter = withoutLastRun(tail);
    const begun = shorter === undefined ? undefined : parse(shorter, 0).unfinished;
    const healed = begun && (healedText(begun) ?? begun.text);
    if (healed === undefined || healed === parser.unfinished.text) return parser;
    // What is certain is so in both.
    const offset = parser.checkpoint?.offset;
    const other = parse(healed, offset === undefined ? 0 : offset + 1);
    return other.checkpoint?.offset === offset ? other : parser;
  }

  /** Puts the nodes parsed from the checkpoint on in the place of those that were there. */
  #mergeInlines(
    block: Block,
    node: Extract<BlockNode, { children: InlineNode[] }>,
    view: InlineView,
    nodes: InlineNode[],
    changes: Changes,
  ): void {
    const before = this.#nextId;
    let from = view.count;
    let fresh = nodes;
    const first = nodes[0];
    if (view.certainText !== "") {
      const growing = node.children[from];
      const added = first?.type === "text" ? first.text : "";
      if (growing?.type === "text") {
        const keep = commonPrefix(view.uncertainText, added);
        if (keep < view.uncertainText.length || keep < added.length) {
          growing.text = view.certainText + added;
          changes?.push({
            kind: "text",
            id: growing.id,
            keep: view.certainText.length + keep,
            text: added.slice(keep),
          });
        }
        view.uncertainText = added;
      }
      from += 1;
      if (first?.type === "text") fresh = nodes.slice(1);
    }
    this.#mergeChildren(node, from, fresh, changes);
    if (this.#nextId > before && this.#hasNewReferences) this.#referring.add(block);
  }

  #mergeChildren(
    parent: { readonly id: number; readonly children: InlineNode[] },
    from: number,
    fresh: readonly InlineNode[],
    changes: Changes,
  ): void {
    const { children } = parent;
    let at = from;
    for (let index = 0; index < fresh.length; index += 1, at += 1) {
      const next = fresh[index];
      const old = children[at];
      if (next === undefined) continue;
      if (old !== undefined && old.type !== next.type) {
        // One that is the same a little further on stays.
        const gone = findSame(children, at + 1, next);
        if (gone > 0) this.#removeFrom(children, at, at + gone, changes);
        else if (findSame(fresh, index + 1, old) === 0) this.#removeFrom(children, at, at + 1, changes);
      }
      const place = children[at];
      if (place !== undefined && this.#mergeNode(place, next, changes)) continue;
      this.#giveIds(next);
      children.splice(at, 0, next);
      changes?.push({ kind: "insert", parent: parent.id, before: place?.id, node: next });
    }
    this.#removeFrom(children, at, children.length, changes);
  }

  /** Makes the old node what the new one is; false: it can't be. */
  #mergeNode(old: InlineNode, next: InlineNode, changes: Changes): boolean {
    switch (old.type) {
      case "text":
      case "code-span":
      case "html-span":
      case "math-span": {
        if (next.type !== old.type) return false;
        if (old.type === "math-span" && next.type === "math-span" && old.isDisplay !== next.isDisplay)
          return false;
        const keep = commonPrefix(old.text, next.text);
        if (keep < old.text.length || keep < next.text.length) {
          old.text = next.text;
          changes?.push({ kind: "text", id: old.id, keep, text: next.text.slice(keep) });
        }
        return true;
      }
      case "soft-break":
      case "hard-break":
        return next.type === old.type;
      case "emphasis":
      case "strong":
      case "strikethrough":
        if (next.type !== old.type) return false;
        this.#mergeChildren(old, 0, next.children, changes);
        return true;
      case "link":
      case "image":
        if (next.type !== old.type) return false;
        if (old.destination !== next.destination || old.title !== next.title) {
          old.destination = next.destination;
          old.title = next.title;
          changes?.push({ kind: "set", node: old });
        }
        this.#mergeChildren(old, 0, next.children, changes);
        return true;
      case "footnote-reference":
        return next.type === old.type && next.label === old.label;
    }
  }

  #giveIds(node: MarkdownNode): void {
    (node as Mutable<MarkdownNode>).id = this.#nextId;
    this.#nextId += 1;
    if (node.type === "footnote-reference") {
      this.#hasNewReferences = true;
      this.#untold.add(node);
    } else if ("children" in node) {
      for (const child of node.children) this.#giveIds(child);
    }
  }

  /** Parses anew what asked for a label that means something else now. */
  #rewrite(stale: Iterable<Block>, changes: TreeChange[]): void {
    for (const block of stale) {
      const { node, inline } = block;
      if (node === undefined || inline === undefined || !("children" in node) || !isShown(block)) continue;
      block.restart();
      this.#writeBlock(block, this.#isTold(block) ? changes : undefined);
    }
  }

  // Footnotes

  /** Whether what holds the block was told of before. */
  #isTold(block: Block): boolean {
    for (let at: Block | undefined = block; at !== undefined; at = at.parent) {
      if (at.type !== "footnote") continue;
      const { node } = at;
      return node?.type === "footnote" && this.#footnotes?.children.includes(node) === true;
    }
    return true;
  }

  #writeFootnote(block: Block, changes: TreeChange[]): void {
    if (block.node === undefined) {
      const node = newBlockNode(block, this.#nextId);
      this.#nextId += 1;
      block.node = node;
      this.#hasNewReferences = true;
    }
    this.#writeBlock(block, this.#isTold(block) ? changes : undefined);
  }

  /** Numbers by first reference in the source, as cmark-gfm does; what isn't referred to isn't shown. */
  #numberFootnotes(changes: TreeChange[]): void {
    const counts = new Map<FootnoteNode, number>();
    for (const block of inSourceOrder(this.#referring)) {
      const { node } = block;
      const references =
        node !== undefined && isShown(block) && "children" in node
          ? referencesIn(node.children as InlineNode[])
          : [];
      if (references.length === 0) this.#referring.delete(block);
      for (const reference of references) this.#numberReference(reference, counts, changes);
    }
    this.#showFootnotes([...counts.keys()], counts, changes);
  }

  #numberReference(
    reference: FootnoteReferenceNode,
    counts: Map<FootnoteNode, number>,
    changes: TreeChange[],
  ): void {
    const footnote = this.#definitions.findFootnote(normalizeLabel(reference.label))?.node;
    if (footnote?.type !== "footnote") return;
    const occurrence = (counts.get(footnote) ?? 0) + 1;
    counts.set(footnote, occurrence);
    const number = occurrence === 1 ? counts.size : [...counts.keys()].indexOf(footnote) + 1;
    if (reference.number === number && reference.occurrence === occurrence) return;
    reference.number = number;
    reference.occurrence = occurrence;
    if (!this.#untold.has(reference)) changes.push({ kind: "set", node: reference });
  }

  #showFootnotes(
    wanted: FootnoteNode[],
    counts: ReadonlyMap<FootnoteNode, number>,
    changes: TreeChange[],
  ): void {
    let holder = this.#footnotes;
    if (wanted.length === 0) {
      if (holder === undefined) return;
      this.root.children.pop();
      this.#footnotes = undefined;
      changes.push({ kind: "remove", id: holder.id });
      return;
    }
    const isNew = holder === undefined;
    if (holder === undefined) {
      holder = { type: "footnotes", id: this.#nextId, children: [] };
      this.#nextId += 1;
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
      this.#renewIds(node);
      holder.children.push(node);
      told?.push({ kind: "insert", parent: holder.id, before: undefined, node });
    }
    if (!isNew) return;
    this.#footnotes = holder;
    this.root.children.push(holder);
    changes.push({ kind: "insert", parent: this.root.id, before: undefined, node: holder });
  }

  /** What is put in again is another node for whoever follows. */
  #renewIds(node: MarkdownNode): void {
    (node as Mutable<MarkdownNode>).id = this.#nextId;
    this.#nextId += 1;
    if ("children" in node) for (const child of node.children) this.#renewIds(child);
  }
}

function newView(generation: number): InlineView {
  return { generation, start: 0, count: 0, certainText: "", uncertainText: "", asked: new Set() };
}

/** Whether the block is in the tree that is shown. */
function isShown(block: Block): boolean {
  if (block.parent === undefined || block.type === "footnote") return true;
  return block.parent.children[block.index] === block && isShown(block.parent);
}

/** How many nodes from `from` - 1 on stand before one that is the same, 0 when it isn't near. */
function findSame(nodes: readonly InlineNode[], from: number, node: InlineNode): number {
  for (let at = from; at < nodes.length && at < from + NEAR_NODES; at += 1) {
    const other = nodes[at];
    if (other !== undefined && isSame(other, node)) return at - from + 1;
  }
  return 0;
}

function isSame(a: InlineNode, b: InlineNode): boolean {
  if (a.type !== b.type) return false;
  if ("text" in a && "text" in b && a.text !== b.text) return false;
  if ("label" in a && "label" in b && a.label !== b.label) return false;
  if ("isDisplay" in a && "isDisplay" in b && a.isDisplay !== b.isDisplay) return false;
  if ("destination" in a && "destination" in b && (a.destination !== b.destination || a.title !== b.title))
    return false;
  if (!("children" in a) || !("children" in b)) return true;
  const { children } = b;
  return (
    a.children.length === children.length && a.children.every((child, at) => isSame(child, children[at] ?? a))
  );
}

function commonPrefix(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  if (a.length <= b.length && b.startsWith(a)) return length;
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  return at;
}

/** Two parts of one text: the texts at the seam are one. */
function joinTexts(before: readonly InlineNode[], after: readonly InlineNode[]): InlineNode[] {
  const last = before.at(-1);
  const first = after[0];
  if (last?.type !== "text" || first?.type !== "text") return [...before, ...after];
  return [...before.slice(0, -1), { ...last, text: last.text + first.text }, ...after.slice(1)];
}
