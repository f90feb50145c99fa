/**
 * What makes a written block better to read and never changes its words: colours in code, formulas, diagrams.
 * The writer knows nothing of how it is done, and the page is whole without it.
 */

/** One line of code that will not change any more. */
export interface CodeLine {
  /** Without its line end. */
  readonly text: string;
  /**
   * Stands in its chunk, with the line end if there is one: a text node, or of a very long line an element that holds it in
   * pieces. May be replaced by elements whose text is the same in total; the writer doesn't touch it again, but for taking
   * the whole block out.
   */
  readonly node: ChildNode;
}

/** A block of code as its decoration sees it. Everything it holds is current at any time. */
export interface CodeView {
  /** `figure.md-code`: the header, then the scroller. Elements of a decoration's own may follow those. */
  readonly element: HTMLElement;
  /** Empty, and the decoration's to fill: name, buttons. */
  readonly header: HTMLElement;
  /** The `pre`, which scrolls; in it `code`, in that chunks of 8 lines (`.md-lines`), each a block. */
  readonly scroller: HTMLElement;
  /** The info string as written (`ts title="a.ts"`); "" when there is none. A block whose info changes is decorated anew. */
  readonly info: string;
  /** How many lines will not change any more. An open last line is not among them. */
  lineCount(): number;
  /** @param index From 0, below `lineCount()`. */
  line(index: number): CodeLine;
  /** More lines may come. */
  isOpen(): boolean;
  /** All of it, the open line too, without a line end after the last. Joined for each call: ask when a person does. */
  text(): string;
}

export interface CodeDecoration {
  /** There are more closed lines, or the block itself is closed now. At most once a flush; return soon, work later. */
  linesClosed(): void;
  /** The block goes, or is decorated anew: timers, observers and what was added to the header. Idempotent. */
  dispose(): void;
}

/** Each must return soon (work in idle time), never throw, and change no text but what is said. */
export interface Decorations {
  /** Called once for each block, before its first lines are told. */
  decorateCode(view: CodeView): CodeDecoration;
  /**
   * Called for a formula that is complete. `element` holds the source as text and is the decoration's to fill from then on.
   * The disposer brings nothing back: the writer does.
   */
  decorateMath(element: HTMLElement, tex: string, isDisplay: boolean): () => void;
  /** `element` is the table's scroll container; rows may still come. Put no node into the table itself. */
  decorateTable(element: HTMLElement): () => void;
  /** `element` holds an answer: what can be pressed in it comes and goes. Returns an idempotent disposer. */
  decorateAnswer(element: HTMLElement): () => void;
}

const nothing = (): void => undefined;

export const NO_DECORATIONS: Decorations = {
  decorateCode: () => ({ linesClosed: nothing, dispose: nothing }),
  decorateMath: () => nothing,
  decorateTable: () => nothing,
  decorateAnswer: () => nothing,
};
