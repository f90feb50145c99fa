import { createMarkdownStream } from "../../markdown/markdown-stream.ts";
import type { MarkdownOptions, MarkdownStream } from "../../markdown/tree.ts";
import { createBufferReader, type BufferReader } from "../buffer-reader.ts";
import { createPlainWriter } from "../plain-writer.ts";
import type { TextWriter } from "../text-writer.ts";
import { NO_DECORATIONS, type Decorations } from "./decorations.ts";
import { toggleClass } from "./element.ts";
import { createTreeWriter, type TreeWriter } from "./tree-writer.ts";
import "./markdown.css";

/** Parsed and written in one go, before the time is looked at. Unit: UTF-16 code units. */
const SLICE_CHARS = 2 * 1024;

/** A block that has grown by more is long: what is added to a paragraph has Chromium lay out all of it. Unit: UTF-16 code units. */
const LONG_BLOCK_CHARS = 8_000;

export interface AnswerWriterOptions {
  /** Default: none; all words are there without. */
  readonly decorations?: Decorations;
  /** Begins all ids that are put into the page; unique within it. Default: "". */
  readonly idPrefix?: string;
  /** What `&name;` stands for. Default: the six that every text needs. */
  readonly decodeReference?: MarkdownOptions["decodeReference"];
}

/** One reading of a text from its beginning. */
interface Reading {
  readonly reader: BufferReader;
  readonly stream: MarkdownStream;
  readonly tree: TreeWriter;
  isEnded: boolean;
}

/**
 * Puts a growing answer into an element that is its own, as formatted Markdown. Whatever the chunking, a settled text
 * looks as if it had been written at once, and what an update costs doesn't grow with the text. What stands in the page is
 * patched, never replaced, so selection and scroll survive. Raw HTML is text but for a few elements without attributes,
 * no picture is loaded unasked, and no string of HTML exists anywhere. No input throws.
 */
export function createAnswerWriter(mount: HTMLElement, options: AnswerWriterOptions = {}): TextWriter {
  const { decorations = NO_DECORATIONS, idPrefix = "", decodeReference } = options;
  let reading = begin();
  /** Takes over for good when formatting has failed. */
  let plain: TextWriter | undefined;
  let hasCaret = false;
  let caret: Element | undefined;
  /** The element that grows, and by how much it has. */
  let growing: { readonly element: Element; chars: number } | undefined;
  let isDisposed = false;
  const undecorate = decorations.decorateAnswer(mount);

  function begin(): Reading {
    const stream = createMarkdownStream({ isHealing: true, ...(decodeReference && { decodeReference }) });
    const tree = createTreeWriter(mount, stream.root, { decorations, idPrefix });
    return { reader: createBufferReader(), stream, tree, isEnded: false };
  }

  /** A text that was settled has grown nevertheless. */
  function beginAgain(): void {
    clear();
    reading = begin();
  }

  function clear(): void {
    moveCaret(undefined);
    growing = undefined;
    reading.tree.dispose();
    mount.replaceChildren();
  }

  function noteGrowth(element: Element, chars: number): void {
    if (growing?.element === element) growing.chars += chars;
    else growing = { element, chars };
  }

  function moveCaret(element: Element | undefined): void {
    if (element === caret) return;
    if (caret !== undefined) toggleClass(caret, "md-caret", false);
    element?.classList.add("md-caret");
    caret = element;
  }

  const update: TextWriter["update"] = (buffer, isSettled, hasTime = () => true) => {
    if (isDisposed) return true;
    if (plain !== undefined) return plain.update(buffer, isSettled, hasTime);
    if (reading.isEnded && reading.reader.takenChars() < buffer.length) beginAgain();
    const { reader, stream, tree } = reading;
    try {
      let text = reader.take(buffer, SLICE_CHARS);
      while (text !== undefined) {
        tree.apply(stream.append(text), false);
        noteGrowth(tree.lastElement(), text.length);
        text = hasTime() ? reader.take(buffer, SLICE_CHARS) : undefined;
      }
      const isWhole = reader.takenChars() >= buffer.length;
      if (isWhole && isSettled && !reading.isEnded) {
        reading.isEnded = true;
        tree.apply(stream.end(), true);
      }
      moveCaret(hasCaret ? tree.lastElement() : undefined);
      return isWhole;
    } catch (error) {
      // A bug of ours: the words are legible as they are, and whoever called is told once.
      clear();
      mount.classList.add("unformatted");
      plain = createPlainWriter(mount);
      plain.update(buffer, isSettled);
      throw error;
    }
  };

  return {
    update,
    isLong: () => growing !== undefined && growing.chars > LONG_BLOCK_CHARS,
    showCaret(isShown) {
      hasCaret = isShown;
      if (!isDisposed && plain === undefined) moveCaret(isShown ? reading.tree.lastElement() : undefined);
    },
    dispose() {
      if (isDisposed) return;
      isDisposed = true;
      undecorate();
      if (plain === undefined) clear();
      else plain.dispose();
      mount.classList.remove("unformatted");
    },
  };
}
