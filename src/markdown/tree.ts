/**
 * What a Markdown text means, as a tree that grows with it. [CommonMark 0.31.2, GFM 0.29]
 *
 * Nodes are made and changed by the parser alone. An id is given once in a document and never again; a node keeps
 * it for as long as it keeps its type and its parent.
 */
export type NodeId = number;

interface NodeBase {
  readonly id: NodeId;
}

/** A block that holds blocks. */
interface ContainerBase extends NodeBase {
  readonly children: BlockNode[];
}

/** A node that holds inline content. */
interface InlineHolderBase extends NodeBase {
  readonly children: InlineNode[];
}

export interface DocumentNode extends ContainerBase {
  readonly type: "document";
}

export interface ParagraphNode extends InlineHolderBase {
  readonly type: "paragraph";
}

export interface HeadingNode extends InlineHolderBase {
  readonly type: "heading";
  readonly level: 1 | 2 | 3 | 4 | 5 | 6;
}

export interface BlockQuoteNode extends ContainerBase {
  readonly type: "block-quote";
}

export interface ListNode extends NodeBase {
  readonly type: "list";
  readonly isOrdered: boolean;
  /** Number of the first item of an ordered list. */
  readonly start: number;
  /** A loose list shows its paragraphs as paragraphs. They are nodes either way. */
  isLoose: boolean;
  readonly children: ListItemNode[];
}

export interface ListItemNode extends ContainerBase {
  readonly type: "list-item";
  /** Undefined: not a task. */
  isChecked: boolean | undefined;
}

/** Fenced or indented. Its text has no line end after the last line that is not there in the source. */
export interface CodeBlockNode extends NodeBase {
  readonly type: "code-block";
  readonly isFenced: boolean;
  /** The info string with references and escapes resolved; "" when there is none. */
  info: string;
  text: string;
  /** More lines may come. The last line of an open block may change as a whole; those before it never do. */
  isOpen: boolean;
}

export interface HtmlBlockNode extends NodeBase {
  readonly type: "html-block";
  text: string;
}

/** `$$ … $$` or `\[ … \]` on lines of its own. The text lies between the delimiters. */
export interface MathBlockNode extends NodeBase {
  readonly type: "math-block";
  text: string;
  isOpen: boolean;
}

export interface ThematicBreakNode extends NodeBase {
  readonly type: "thematic-break";
}

export type CellAlignment = "left" | "center" | "right" | undefined;

export interface TableNode extends NodeBase {
  readonly type: "table";
  readonly alignments: readonly CellAlignment[];
  /** The first row is the header. */
  readonly children: TableRowNode[];
}

export interface TableRowNode extends NodeBase {
  readonly type: "table-row";
  readonly isHeader: boolean;
  readonly children: TableCellNode[];
}

export interface TableCellNode extends InlineHolderBase {
  readonly type: "table-cell";
  readonly alignment: CellAlignment;
}

/** All footnotes that are referred to, at the end of the document, in the order of their first references. */
export interface FootnotesNode extends NodeBase {
  readonly type: "footnotes";
  readonly children: FootnoteNode[];
}

export interface FootnoteNode extends ContainerBase {
  readonly type: "footnote";
  readonly label: string;
  /** From 1, by first reference. */
  number: number;
  /** How many references lead to it. */
  references: number;
}

export type BlockNode =
  | ParagraphNode
  | HeadingNode
  | BlockQuoteNode
  | ListNode
  | ListItemNode
  | CodeBlockNode
  | HtmlBlockNode
  | MathBlockNode
  | ThematicBreakNode
  | TableNode
  | TableRowNode
  | TableCellNode
  | FootnotesNode
  | FootnoteNode;

export interface TextNode extends NodeBase {
  readonly type: "text";
  text: string;
}

export interface CodeSpanNode extends NodeBase {
  readonly type: "code-span";
  text: string;
}

/** `$…$`, `$$…$$` within a line, `\(…\)`. */
export interface MathSpanNode extends NodeBase {
  readonly type: "math-span";
  text: string;
  readonly isDisplay: boolean;
}

/** Raw HTML within a line: shown as text by the product. */
export interface HtmlSpanNode extends NodeBase {
  readonly type: "html-span";
  text: string;
}

export interface HardBreakNode extends NodeBase {
  readonly type: "hard-break";
}

export interface EmphasisNode extends InlineHolderBase {
  readonly type: "emphasis" | "strong" | "strikethrough";
}

export interface LinkNode extends InlineHolderBase {
  readonly type: "link";
  /** As CommonMark gives it, escapes and references resolved, not percent-encoded. Whoever shows it decides whether it may lead anywhere. */
  destination: string;
  title: string | undefined;
}

export interface ImageNode extends InlineHolderBase {
  readonly type: "image";
  destination: string;
  title: string | undefined;
}

export interface FootnoteReferenceNode extends NodeBase {
  readonly type: "footnote-reference";
  readonly label: string;
  number: number;
  /** Which of the references to this footnote it is, from 1. */
  occurrence: number;
}

export type InlineNode =
  | TextNode
  | CodeSpanNode
  | MathSpanNode
  | HtmlSpanNode
  | HardBreakNode
  | EmphasisNode
  | LinkNode
  | ImageNode
  | FootnoteReferenceNode;

export type MarkdownNode = DocumentNode | BlockNode | InlineNode;

/**
 * What one append did to the tree. Applied in order to a mirror of the tree before, they give the tree after.
 * A node that is inserted comes with all that is in it by the end of the append, and nothing within it is named again.
 */
export type TreeChange =
  | {
      readonly kind: "insert";
      readonly parent: NodeId;
      /** The sibling it stands before; undefined: at the end. */
      readonly before: NodeId | undefined;
      readonly node: BlockNode | InlineNode;
    }
  /** With all that is in it. */
  | { readonly kind: "remove"; readonly id: NodeId }
  /** Of a leaf's text the first `keep` UTF-16 code units stay, and `text` follows. */
  | { readonly kind: "text"; readonly id: NodeId; readonly keep: number; readonly text: string }
  /** Another property than text or children has changed: read the node. */
  | { readonly kind: "set"; readonly node: BlockNode | InlineNode };

export interface MarkdownOptions {
  /** Strikethrough, tables, task lists, literal autolinks. Default: true. */
  readonly isGfm?: boolean;
  /** Default: true. */
  readonly hasFootnotes?: boolean;
  /** Default: true. */
  readonly hasMath?: boolean;
  /**
   * What `&name;` stands for; undefined: nothing, it stays text. The name comes without `&` and `;`. The answer must not
   * change while a stream lives. Default: `amp`, `lt`, `gt`, `quot`, `apos` and `nbsp`; `full-references.ts` has all.
   */
  readonly decodeReference?: (name: string) => string | undefined;
  /**
   * Shows what is begun and not ended in the open tail (`**bo`, `[text](htt`) as what it will most likely be. Only the
   * block that may still grow is touched, and nothing is left of it after `end()`. Default: false.
   */
  readonly isHealing?: boolean;
}

/**
 * A text that grows. After every append the tree is what the text so far gives when it is parsed as a whole
 * (but for healing), whatever the chunks were. No input throws. The cost of an append doesn't grow with the text before it.
 */
export interface MarkdownStream {
  readonly root: DocumentNode;
  append(text: string): readonly TreeChange[];
  /** Nothing follows: open blocks are closed. */
  end(): readonly TreeChange[];
}
