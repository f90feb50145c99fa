import type { BlockNode, DocumentNode, InlineNode } from "../../markdown/tree.ts";

/** Where the children of an entry stand. */
export interface Slots {
  /** Undefined: words. */
  readonly holdsBlocks?: true;
  append(entry: Entry): void;
  /** @returns Whether others stand elsewhere now and `arrange` is needed. */
  insert(entry: Entry, before: Entry): boolean;
  /** @returns Whether others stand elsewhere now and `arrange` is needed. */
  remove(entry: Entry): boolean;
  /** Brings all children where they belong. */
  arrange(entries: readonly Entry[]): void;
}

/** What a node of one kind is in the page, and how it follows its node, which changes in place. */
export interface Built {
  /** Side by side, in order: one element, or the pieces of a text, which may become more. */
  readonly tops: readonly ChildNode[];
  /** Undefined: it has no children, or shows them itself. */
  readonly slots?: Slots;
  /** Keeps the first `keep` characters of its text and appends `text`. */
  readonly grow?: (keep: number, text: string) => void;
  /**
   * Brings it to what the node says, after all changes of one call. Asked once when it is new, and when it or what it shows
   * has changed.
   * @returns False: it waits for something, and wants to be asked with the next call, too.
   */
  readonly update?: (isEnded: boolean) => unknown;
  /** Lets go of decorations. */
  readonly dispose?: () => void;
  /** Where the next word will be. Default: the element itself. */
  readonly end?: () => Element | null | undefined;
}

/** What stands in the page for one node of the tree. */
export interface Entry extends Built {
  readonly node: DocumentNode | BlockNode | InlineNode;
  readonly parent: Entry | undefined;
  /** Stands before it, so that the last word of one block and the first of the next are two words in the page's text. */
  separator: Text | undefined;
  /** A raw tag is shown as this instead. */
  raw: ChildNode | undefined;
}
