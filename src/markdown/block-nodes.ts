import type { Block } from "./block.ts";
import { isLiteral } from "./spine.ts";
import type { BlockNode, DocumentNode, MarkdownNode } from "./tree.ts";

/** The node for a block, empty. What may change of it is set when it is written for the first time. */
export function newBlockNode({ type, look }: Block, id: number): BlockNode {
  const content = isLiteral(type) ? { text: "" } : type === "thematic-break" ? {} : { children: [] };
  return { type, id, ...look, ...content } as BlockNode;
}

/** Whether a node that showed another block can show this one: what is readonly in it is the same. */
export function canShow({ type, look }: Block, node: MarkdownNode): node is BlockNode | DocumentNode {
  return (
    node.type === type &&
    Object.entries(look).every(([name, value]) => String(node[name as keyof typeof node]) === String(value))
  );
}
