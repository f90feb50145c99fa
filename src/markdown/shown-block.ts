import type { Block } from "./block.ts";

/** Whether the block is in the tree that is shown. */
export function isInTree(block: Block): boolean {
  if (block.parent === undefined || block.type === "footnote") return true;
  return block.parent.children[block.index] === block && isInTree(block.parent);
}
