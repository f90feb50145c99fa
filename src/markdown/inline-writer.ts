import type { Block, InlineView } from "./block.ts";
import { trimEnd } from "./character-class.ts";
import { commonPrefix } from "./common-prefix.ts";
import type { Definitions } from "./definitions.ts";
import { referencesIn } from "./footnotes.ts";
import { healedText, withoutLastRun } from "./heal.ts";
import { inlineNodes } from "./inline-nodes.ts";
import { InlineParser, type InlineContext } from "./inline-parser.ts";
import type { LinkDefinition } from "./link-definition.ts";
import type { Changes, NodeKeeper } from "./node-keeper.ts";
import type { Settings } from "./settings.ts";
import type { InlineNode, NodeId } from "./tree.ts";

/** How far a node that has moved is looked for. */
const NEAR_NODES = 8;

/** A node with inline content. */
export interface InlineHolder {
  readonly id: NodeId;
  readonly children: InlineNode[];
}

/** Brings the inline nodes of a block up to date, from its checkpoint on. */
export class InlineWriter {
  /** The block that is healed: the last, while it is open. */
  growing: Block | undefined = undefined;
  /** Blocks that hold references, or did. */
  readonly referring = new Set<Block>();
  #asked = new Set<string>();
  #asking: Block | undefined = undefined;
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

  /** Reads the block's text from the checkpoint on and makes the nodes what it says. */
  write(block: Block, node: InlineHolder, changes: Changes): void {
    let view = block.inline;
    if (view === undefined || view.generation !== block.generation) {
      this.unask(block);
      view = newView(block.generation);
      block.inline = view;
    }
    const { tail, tailStart } = block;
    this.#asked = view.asked;
    this.#asking = block;
    const parser = new InlineParser(
      tail,
      tailStart > 0 ? " " : "",
      block.certainChars - tailStart,
      this.#context,
    );
    parser.parse();
    const { checkpoint } = parser;
    const { isGfm } = this.#context;
    const uncertainStart = checkpoint?.offset ?? 0;
    const healed =
      block === this.growing
        ? this.#heal(tail.slice(uncertainStart), tailStart + uncertainStart > 0)
        : undefined;
    this.#asking = undefined;
    if (checkpoint === undefined) {
      const nodes = inlineNodes((healed ?? parser).list.first, undefined, isGfm);
      this.#mergeInlines(block, node, view, nodes, changes);
      return;
    }
    const certain = inlineNodes(parser.list.first, checkpoint.last, isGfm);
    const rest = inlineNodes(
      healed === undefined ? checkpoint.last.next : healed.list.first,
      undefined,
      isGfm,
    );
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

  /** The text parsed with an end for what it has begun; undefined: nothing is begun. */
  #heal(text: string, isContinued: boolean): InlineParser | undefined {
    const parse = (source: string): InlineParser => {
      const parser = new InlineParser(source, isContinued ? " " : "", 0, this.#context);
      parser.parse();
      return parser;
    };
    const shorter = withoutLastRun(text);
    if (shorter === undefined) return undefined;
    const parser = parse(shorter);
    const healed = healedText(parser.unfinished);
    if (healed !== undefined) return parse(healed);
    return shorter === trimEnd(text) ? undefined : parser;
  }

  /** Puts the nodes parsed from the checkpoint on in the place of those that were there. */
  #mergeInlines(
    block: Block,
    node: InlineHolder,
    view: InlineView,
    nodes: InlineNode[],
    changes: Changes,
  ): void {
    const before = this.#nodes.untold.size;
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
    const hasNew = this.#nodes.untold.size > before;
    // References of the block that was shown here before are this one's now.
    if (hasNew || (block.isNew && referencesIn(node.children).length > 0)) this.referring.add(block);
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
        const gone = findSame(children, at + 1, next);
        if (gone > 0) this.#nodes.removeFrom(children, at, at + gone, changes);
        else if (findSame(fresh, index + 1, old) === 0) this.#nodes.removeFrom(children, at, at + 1, changes);
      }
      const place = children[at];
      if (place !== undefined && this.#mergeNode(place, next, changes)) continue;
      this.#nodes.giveIds(next);
      children.splice(at, 0, next);
      changes?.push({ kind: "insert", parent: parent.id, before: place?.id, node: next });
    }
    this.#nodes.removeFrom(children, at, children.length, changes);
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
}

function newView(generation: number): InlineView {
  return { generation, start: 0, count: 0, certainText: "", uncertainText: "", asked: new Set() };
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

/** Two parts of one text: the texts at the seam are one. */
function joinTexts(before: readonly InlineNode[], after: readonly InlineNode[]): InlineNode[] {
  const last = before.at(-1);
  const first = after[0];
  if (last?.type !== "text" || first?.type !== "text") return [...before, ...after];
  return [...before.slice(0, -1), { ...last, text: last.text + first.text }, ...after.slice(1)];
}
