import type { Block } from "./block.ts";
import type { FootnoteReferenceNode, MarkdownNode } from "./tree.ts";

/** The references to a footnote in what holds them, in order. */
export function referencesIn(
  nodes: readonly MarkdownNode[],
  found: FootnoteReferenceNode[] = [],
): FootnoteReferenceNode[] {
  for (const node of nodes) {
    if (node.type === "footnote-reference") found.push(node);
    else if ("children" in node) referencesIn(node.children, found);
  }
  return found;
}

/** The footnote the block is in, or is. */
export function footnoteOf(block: Block): Block | undefined {
  let at: Block | undefined = block;
  while (at !== undefined && at.type !== "footnote") at = at.parent;
  return at;
}
