import type { MarkdownNode } from "../../../src/markdown/tree.ts";

/**
 * All that a tree says but its ids, as text, one node a line: two trees are equal when these are.
 * With `hasIds` the ids stand before the types.
 */
export function dumpTree(node: MarkdownNode, hasIds = false): string {
  const lines: string[] = [];
  const visit = (each: MarkdownNode, indent: string): void => {
    lines.push(`${indent}${hasIds ? `${each.id} ` : ""}${describe(each)}`);
    if (!("children" in each)) return;
    const inner = `${indent} `;
    for (const child of each.children) visit(child, inner);
  };
  visit(node, "");
  return lines.join("\n");
}

/** The type and every property but id and children, by name, so that the order they were set in doesn't count. */
function describe(node: MarkdownNode): string {
  let text: string = node.type;
  for (const [name, value] of Object.entries(node).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (name === "type" || name === "id" || name === "children") continue;
    // What is undefined is dumped too: whether a property is there at all is a part of a node's shape.
    text += ` ${name}=${value === undefined ? "undefined" : JSON.stringify(value)}`;
  }
  return text;
}

/** Every node from the root on, parents before children. */
export function* walkTree(node: MarkdownNode): Generator<MarkdownNode> {
  yield node;
  if (!("children" in node)) return;
  for (const child of node.children) yield* walkTree(child);
}

/** How many levels of nodes lie under a root. Needs no stack, so that it can tell of any tree. */
export function depthOfTree(root: MarkdownNode): number {
  let depth = 0;
  let level: readonly MarkdownNode[] = [root];
  for (;;) {
    level = level.flatMap((node): readonly MarkdownNode[] => ("children" in node ? node.children : []));
    if (level.length === 0) return depth;
    depth += 1;
  }
}
