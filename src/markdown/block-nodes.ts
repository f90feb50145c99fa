import type { Block } from "./block.ts";
import type { BlockNode, DocumentNode, HeadingNode, MarkdownNode } from "./tree.ts";

/** The node for a block, empty. */
export function newBlockNode(block: Block, id: number): BlockNode {
  const { type, marker } = block;
  switch (type) {
    case "document":
      throw new TypeError("The document's node is the root.");
    case "paragraph":
    case "block-quote":
      return { type, id, children: [] };
    case "heading":
      return { type, id, level: (marker.level ?? 1) as HeadingNode["level"], children: [] };
    case "list": {
      const { isOrdered = false, start = 1 } = marker;
      return { type, id, isOrdered, start, isLoose: block.isLoose, children: [] };
    }
    case "list-item":
      return { type, id, isChecked: block.isChecked, children: [] };
    case "code-block":
      return {
        type,
        id,
        isFenced: marker.fence !== undefined,
        info: marker.info ?? "",
        text: "",
        isOpen: block.isOpen,
      };
    case "math-block":
      return { type, id, text: "", isOpen: block.isOpen };
    case "html-block":
      return { type, id, text: "" };
    case "thematic-break":
      return { type, id };
    case "table":
      return { type, id, alignments: marker.alignments ?? [], children: [] };
    case "table-row":
      return { type, id, isHeader: marker.isHeader ?? false, children: [] };
    case "table-cell":
      return { type, id, alignment: marker.alignment, children: [] };
    case "footnote":
      return { type, id, label: marker.info ?? "", number: 0, references: 0, children: [] };
  }
}

/** Whether a node that showed another block can show this one: what is readonly in it is the same. */
export function canShow(block: Block, node: MarkdownNode): node is BlockNode | DocumentNode {
  if (node.type !== block.type) return false;
  const { marker } = block;
  if (node.type === "heading") return node.level === marker.level;
  if (node.type === "list") return node.isOrdered === marker.isOrdered && node.start === marker.start;
  if (node.type === "code-block") return node.isFenced === (marker.fence !== undefined);
  if (node.type === "table") return node.alignments.join() === marker.alignments?.join();
  if (node.type === "table-row") return node.isHeader === marker.isHeader;
  return node.type !== "table-cell" || node.alignment === marker.alignment;
}
