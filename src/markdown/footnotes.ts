import type { Block } from "./block.ts";
import type { FootnoteReferenceNode, InlineNode } from "./tree.ts";

/** The references to a footnote in what holds them, in order. */
export function referencesIn(
  nodes: readonly InlineNode[],
  found: FootnoteReferenceNode[] = [],
): FootnoteReferenceNode[] {
  for (const node of nodes) {
    if (node.type === "footnote-reference") found.push(node);
    else if ("children" in node) referencesIn(node.children, found);
  }
  return found;
}

/** Blocks in the order of the source. */
export function inSourceOrder(blocks: Iterable<Block>): Block[] {
  return [...blocks].sort((a, b) => a.sequence - b.sequence);
}
