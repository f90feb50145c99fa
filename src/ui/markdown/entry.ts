import type { BlockNode, DocumentNode, InlineNode } from "../../markdown/tree.ts";
import type { BlockSlots } from "./block-slots.ts";
import type { CodeBody } from "./code-body.ts";
import type { ImageBody } from "./image-body.ts";
import type { InlineSlots } from "./inline-slots.ts";
import type { MathBody } from "./math-body.ts";
import type { TextRun } from "../text-run.ts";

/** What can grow in an entry. */
export type Body = BlockSlots | InlineSlots | TextRun | CodeBody | MathBody | ImageBody;

/** What stands in the page for one node of the tree. */
export interface Entry {
  node: DocumentNode | BlockNode | InlineNode;
  readonly parent: Entry | undefined;
  /** Its outermost node in the page; of a text the first piece. */
  top: ChildNode;
  /** Stands before it, so that the last word of one block and the first of the next are two words in the page's text. */
  separator: Text | undefined;
  readonly body: Body | undefined;
}

/** All nodes of an entry that are siblings of each other, in order. */
export function topsOf({ node, top, body }: Entry): readonly ChildNode[] {
  if (body?.kind !== "text") return [top];
  if (top === body.pieces[0]) return body.pieces;
  // A break, and the white space that makes two words of what it parts. Any other is a raw tag, which shows no text.
  return node.type === "hard-break" ? [top, ...body.pieces] : [top];
}
