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
  const properties = node as unknown as Readonly<Record<string, unknown>>;
  for (const name of namesOf(properties)) {
    const value = properties[name];
    // What is undefined is dumped too: whether a property is there at all is a part of a node's shape.
    text += ` ${name}=${value === undefined ? "undefined" : JSON.stringify(value)}`;
  }
  return text;
}

/** By the names as they were set: most nodes of a type are made alike. */
const sortedNames = new Map<string, readonly string[]>();

function namesOf(node: Readonly<Record<string, unknown>>): readonly string[] {
  const names = Object.keys(node);
  const key = names.join(" ");
  const known = sortedNames.get(key);
  if (known !== undefined) return known;
  const sorted = names.filter((name) => name !== "type" && name !== "id" && name !== "children").sort();
  sortedNames.set(key, sorted);
  return sorted;
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

/** Whether two trees say the same, ids included. Faster than two dumps. */
export function isSameTree(left: MarkdownNode, right: MarkdownNode): boolean {
  if (left.id !== right.id || left.type !== right.type) return false;
  const leftProperties = left as unknown as Readonly<Record<string, unknown>>;
  const rightProperties = right as unknown as Readonly<Record<string, unknown>>;
  const names = Object.keys(leftProperties);
  if (names.length !== Object.keys(rightProperties).length) return false;
  for (const name of names) {
    if (name === "children") continue;
    const one = leftProperties[name];
    const other = rightProperties[name];
    if (one !== other && (typeof one !== "object" || JSON.stringify(one) !== JSON.stringify(other)))
      return false;
  }
  if (!("children" in left) || !("children" in right)) return "children" in left === "children" in right;
  return (
    left.children.length === right.children.length &&
    left.children.every((child, index) => {
      const twin = right.children[index];
      return twin !== undefined && isSameTree(child, twin);
    })
  );
}
