import { MAX_WORD_CHARS, wordCharsAfter } from "./autolink.ts";
import type { Block } from "./block.ts";
import { commonPrefix } from "./common-prefix.ts";
import type { Definitions } from "./definitions.ts";
import { referencesIn } from "./footnotes.ts";
import { heal, NOT_HEALED, withoutLastRun, type Healed } from "./heal.ts";
import type { InlineContext } from "./inline-context.ts";
import type { InlineItem } from "./inline-item.ts";
import { holderNode, inlineNode, pushText } from "./inline-nodes.ts";
import { InlineParser } from "./inline-parser.ts";
import type { LinkDefinition } from "./link-definition.ts";
import { setNode, type Changes, type NodeKeeper } from "./node-keeper.ts";
import type { Settings } from "./settings.ts";
import type { InlineNode, NodeId, TextNode } from "./tree.ts";

/** A longer block isn't healed: WebKit lays out all of one that ends within an element, with each piece [50 KB: 5 to 20 ms]. */
const MAX_HEALED_BLOCK_CHARS = 8_000;
/**
 * There, what ends with its closer is shown as it is, but for runs longer than people write: each more of one would end
 * other code. An address is no link before it has ended. With either, all of the block would be laid out with each piece.
 */
const LONG_RUN_CHARS = 4;
/** How far a node that has moved is looked for. */
const NEAR_NODES = 8;

/** A node with inline content. */
export interface InlineHolder {
  readonly id: NodeId;
  readonly children: InlineNode[];
}

/** How far a block's text has been read, and how it is shown. */
export interface InlineView {
  readonly generation: number;
  readonly parser: InlineParser;
  /** Labels whose definitions it depends on. */
  readonly asked: Set<string>;
  /** What begins from here on was left out when it was last shown. */
  shownTo: number;
  /** The text node that is growing: what of it is certain, and the rest. Reading it as a whole would cost its length. */
  growing:
    | { readonly node: InlineNode | undefined; readonly certain: string; readonly rest: string }
    | undefined;
}

/** A part of the list of items, within one holder. */
interface Segment {
  readonly parent: InlineHolder;
  /** The item before it. */
  readonly after: InlineItem | undefined;
  readonly last: InlineItem | undefined;
  /** What follows its items. */
  readonly end: InlineNode | undefined;
  readonly hasEmails: boolean;
}

/** Brings the inline nodes of a block up to date: items that are shown as they are aren't looked at again. */
export class InlineWriter {
  /** The block that is healed: the last, while it is open. */
  growing: Block | undefined = undefined;
  /** Blocks that hold references, or did. */
  readonly referring = new Set<Block>();
  #asked = new Set<string>();
  #asking: Block | undefined = undefined;
  /** A node whose children are written after it. */
  #open: InlineNode | undefined = undefined;
  readonly #definitions: Definitions;
  readonly #nodes: NodeKeeper;
  readonly #context: InlineContext;

  constructor(settings: Settings, definitions: Definitions, nodes: NodeKeeper) {
    this.#definitions = definitions;
    this.#nodes = nodes;
    this.#context = {
      ...settings,
      findDefinition: (label) => this.#findDefinition(label),
      findFootnote: (label) => this.#findFootnote(label),
    };
  }

  // Inline content

  /** The block is gone for good. */
  forget(block: Block): void {
    this.unask(block);
    if (this.growing === block) this.growing = undefined;
    if (this.referring.delete(block)) this.#nodes.hasNewReferences = true;
  }

  #findDefinition(label: string): LinkDefinition | undefined {
    this.#ask(`=${label}`);
    return this.#definitions.findLink(label);
  }

  #findFootnote(label: string): string | undefined {
    this.#ask(`^${label}`);
    return this.#definitions.findFootnote(label)?.look.label;
  }

  #ask(key: string): void {
    if (this.#asking === undefined || this.#definitions.isCertain(key)) return;
    this.#asked.add(key);
    this.#definitions.ask(key, this.#asking);
  }

  /** The block depends on no label any more. */
  unask(block: Block): void {
    for (const key of block.inline?.asked ?? []) this.#definitions.unask(key, block);
    block.inline?.asked.clear();
  }

  /** Reads what is new of the block's text and makes the nodes what it says. */
  write(block: Block, node: InlineHolder, changes: Changes): void {
    const { tail, tailStart } = block;
    const isGrowing = block === this.growing;
    const isShort = tailStart + tail.length <= MAX_HEALED_BLOCK_CHARS;
    const shorter = isGrowing ? withoutLastRun(tail, isShort ? 0 : LONG_RUN_CHARS) : tail;
    // Where nothing would be left, it is shown as it is.
    const isCut = shorter !== "" || tailStart > 0;
    const isHealing = isGrowing && isShort && isCut;
    const view = this.#viewOf(block);
    const { parser } = view;
    this.#asked = view.asked;
    this.#asking = block;
    parser.read(isCut ? shorter : tail, block.certainChars - tailStart, isHealing, isGrowing && !isShort);
    this.#asking = undefined;
    const untold = this.#nodes.untold.size;
    this.#writeLevels(view, node, isHealing ? heal(parser) : NOT_HEALED, changes);
    const forgotten = parser.forget();
    view.shownTo -= forgotten;
    block.advanceTail(block.tailStart + forgotten);
    // References of the block that was shown here before are this one's now.
    const hasNew = this.#nodes.untold.size > untold;
    if (hasNew || (block.isNew && referencesIn(node.children).length > 0)) this.referring.add(block);
  }

  #viewOf(block: Block): InlineView {
    const { inline, generation } = block;
    if (inline?.generation === generation) return inline;
    this.unask(block);
    const parser = new InlineParser(this.#context);
    const view = { generation, parser, asked: new Set<string>(), shownTo: 0, growing: undefined };
    block.inline = view;
    return view;
  }

  /** The items up to each opener in what the one before holds. */
  #writeLevels(view: InlineView, node: InlineHolder, { levels, cut, code }: Healed, changes: Changes): void {
    let parent = node;
    let told = changes;
    const { growing: known } = view;
    view.growing = undefined;
    let hasEmails = this.#context.isGfm;
    let after: InlineItem | undefined;
    for (const { type, opener } of levels) {
      const holder = holderNode(type, { destination: "", title: undefined });
      this.#open = holder;
      const last = opener === after ? after : opener.previous;
      // It isn't shown itself.
      opener.owner = undefined;
      this.#writeSegment(view, known, { parent, after, last, end: holder, hasEmails }, told);
      const shown = parent.children.at(-1);
      if (shown === undefined || !("children" in shown)) break;
      if (shown === holder) told = undefined;
      parent = shown;
      hasEmails &&= type !== "link";
      after = opener;
    }
    this.#open = undefined;
    let { last } = view.parser.list;
    while (last !== undefined && last.offset >= cut) last = last.previous;
    const end: InlineNode | undefined = code === "" ? undefined : { type: "code-span", id: 0, text: code };
    this.#writeSegment(view, known, { parent, after, last, end, hasEmails }, told);
    view.shownTo = cut;
  }

  #writeSegment(view: InlineView, known: InlineView["growing"], segment: Segment, changes: Changes): void {
    const { parent, after, last, end, hasEmails } = segment;
    const { list, certainLast } = view.parser;
    let found = last;
    while (found !== after && found !== undefined && !isShown(found, segment, view)) found = found.previous;
    // What is before it is shown as it is; a text goes on.
    const shown = found === after ? undefined : found;
    const node = shown?.type === "text" ? parent.children[shown.index] : undefined;
    const grown = node?.type === "text" ? node : undefined;
    const textEnd = shown?.textEnd ?? 0;
    const { certain, rest } = splitText(grown, textEnd, known);
    const start = shown === undefined ? 0 : shown.index + (grown === undefined ? 1 : 0);
    const fresh: InlineNode[] = [];
    let growing: { readonly index: number; readonly certain: string; readonly rest: string } | undefined;
    let isGrown = grown !== undefined;
    let run: InlineItem[] = [];
    let text = "";
    const pushRun = (): void => {
      let wordChars = isGrown ? (shown?.wordChars ?? 0) : 0;
      const from = pushText(fresh, text, hasEmails, wordChars);
      if (isGrown && fresh[0]?.type !== "text") fresh.unshift({ type: "text", id: 0, text: "" });
      const isSame = isGrown && from === 0;
      const index = start + fresh.length - 1;
      if (isSame && shown === certainLast) growing = { index, certain, rest: text };
      let at = 0;
      for (const item of run) {
        at += item.text.length;
        wordChars = hasEmails ? wordCharsAfter(item.text, wordChars) : 0;
        item.owner = at > from ? parent : undefined;
        item.index = index;
        item.textEnd = (isSame ? textEnd : 0) + at - from;
        item.wordChars = wordChars;
        if (item === certainLast && at > from)
          growing = { index, certain: (isSame ? certain : "") + text.slice(from, at), rest: text.slice(at) };
      }
      isGrown = false;
      run = [];
      text = "";
    };
    const stop = last?.next;
    let item = found === last ? undefined : found === undefined ? list.first : found.next;
    for (; item !== undefined && item !== stop; item = item.next) {
      if (item.type === "text") {
        run.push(item);
        text += item.text;
        continue;
      }
      if (isGrown || text !== "") pushRun();
      item.owner = parent;
      item.index = start + fresh.length;
      fresh.push(inlineNode(item, hasEmails));
    }
    if (isGrown || text !== "") pushRun();
    if (end !== undefined) fresh.push(end);
    const first = grown === undefined ? undefined : fresh.shift();
    if (grown !== undefined && first?.type === "text") {
      const keep = commonPrefix(rest, first.text);
      if (keep < rest.length || keep < first.text.length) {
        grown.text = certain + first.text;
        changes?.push({ kind: "text", id: grown.id, keep: textEnd + keep, text: first.text.slice(keep) });
      }
    }
    this.#mergeChildren(parent, grown === undefined ? start : start + 1, fresh, changes);
    if (growing === undefined) return;
    const { index, ...parts } = growing;
    view.growing = { node: parent.children[index], ...parts };
  }

  #mergeChildren(parent: InlineHolder, from: number, fresh: readonly InlineNode[], changes: Changes): void {
    const { children } = parent;
    let at = from;
    for (let index = 0; index < fresh.length; index += 1, at += 1) {
      const next = fresh[index];
      const old = children[at];
      if (next === undefined) continue;
      if (old !== undefined && old.type !== next.type) {
        // One that is the same a little further on stays.
        const gone = this.#findSame(children, at + 1, next);
        if (gone > 0) this.#nodes.removeFrom(children, at, at + gone, changes);
        else if (this.#findSame(fresh, index + 1, old) === 0)
          this.#nodes.removeFrom(children, at, at + 1, changes);
      }
      const place = children[at];
      if (place !== undefined && this.#mergeNode(place, next, changes)) continue;
      this.#nodes.giveIds(next);
      children.splice(at, 0, next);
      changes?.push({ kind: "insert", parent: parent.id, before: place?.id, node: next });
    }
    this.#nodes.removeFrom(children, at, children.length, changes);
  }

  /** How many nodes from `from` - 1 on stand before one that is the same, 0 when it isn't near. */
  #findSame(nodes: readonly InlineNode[], from: number, node: InlineNode): number {
    for (let at = from; at < nodes.length && at < from + NEAR_NODES; at += 1) {
      const other = nodes[at];
      if (other === undefined) continue;
      const isOpen = node === this.#open || other === this.#open;
      if (isOpen ? other.type === node.type : isSame(other, node)) return at - from + 1;
    }
    return 0;
  }

  /** Makes the old node what the new one is; false: it can't be. */
  #mergeNode(old: InlineNode, next: InlineNode, changes: Changes): boolean {
    if (!isAlike(old, next)) return false;
    if ("text" in old && "text" in next) {
      const keep = commonPrefix(old.text, next.text);
      if (keep < old.text.length || keep < next.text.length) {
        old.text = next.text;
        changes?.push({ kind: "text", id: old.id, keep, text: next.text.slice(keep) });
      }
    }
    if ("destination" in old && "destination" in next)
      setNode(old, { destination: next.destination, title: next.title }, changes);
    if ("children" in old && "children" in next && next !== this.#open)
      this.#mergeChildren(old, 0, next.children, changes);
    return true;
  }
}

/** Whether it is shown as it is, and nothing before it can mean something else with what follows. */
function isShown(item: InlineItem, { parent, hasEmails }: Segment, { shownTo }: InlineView): boolean {
  if (item.owner !== parent || item.offset >= shownTo) return false;
  const { type, text, wordChars } = item;
  if (type !== "text") return true;
  return text !== "" && (!hasEmails || wordChars === 0 || wordChars > MAX_WORD_CHARS);
}

/** A node's text in two. */
function splitText(
  node: TextNode | undefined,
  at: number,
  known: InlineView["growing"],
): { readonly certain: string; readonly rest: string } {
  if (node === undefined) return { certain: "", rest: "" };
  if (known?.node === node && known.certain.length === at) return known;
  return { certain: node.text.slice(0, at), rest: node.text.slice(at) };
}

/** Whether one can become the other. */
function isAlike(a: InlineNode, b: InlineNode): boolean {
  if ("label" in a && "label" in b) return a.label === b.label;
  if ("isDisplay" in a && "isDisplay" in b) return a.isDisplay === b.isDisplay;
  return a.type === b.type;
}

function isSame(a: InlineNode, b: InlineNode): boolean {
  if (!isAlike(a, b)) return false;
  if ("text" in a && "text" in b && a.text !== b.text) return false;
  if ("destination" in a && "destination" in b && (a.destination !== b.destination || a.title !== b.title))
    return false;
  if (!("children" in a) || !("children" in b)) return true;
  const { children } = b;
  return (
    a.children.length === children.length && a.children.every((child, at) => isSame(child, children[at] ?? a))
  );
}
