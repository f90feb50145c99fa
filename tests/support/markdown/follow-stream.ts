import { createMarkdownStream } from "../../../src/markdown/markdown-stream.ts";
import type {
  DocumentNode,
  MarkdownOptions,
  MarkdownStream,
  TreeChange,
} from "../../../src/markdown/tree.ts";
import { dumpTree, isSameTree } from "./tree-dump.ts";
import { createTreeMirror } from "./tree-mirror.ts";

/** A text parsed in one piece; with `isEnded` after `end()`. */
export function parseWhole(text: string, options: MarkdownOptions, isEnded: boolean): DocumentNode {
  const stream = createMarkdownStream(options);
  stream.append(text);
  if (isEnded) stream.end();
  return stream.root;
}

/** Dumps of one text's prefixes, each parsed as a whole once, however many chunkings ask. */
export function createPrefixDumps(text: string, options: MarkdownOptions): PrefixDumps {
  const dumps = new Map<number, string>();
  return {
    ofPrefix(length) {
      const known = dumps.get(length);
      if (known !== undefined) return known;
      const dump = dumpTree(parseWhole(text.slice(0, length), options, false));
      dumps.set(length, dump);
      return dump;
    },
    ofEnded: dumpTree(parseWhole(text, options, true)),
  };
}

export interface PrefixDumps {
  /** Of the first `length` code units, not ended. */
  ofPrefix(length: number): string;
  /** Of all of it, ended. */
  readonly ofEnded: string;
}

/** What one append did. */
export interface Step {
  /** The text so far, this chunk included. */
  readonly text: string;
  readonly changes: readonly TreeChange[];
  readonly stream: MarkdownStream;
}

/**
 * Streams chunks and proves after each of them that the tree is that of the prefix parsed as a whole, and that the
 * changes alone lead a mirror there, ids included; the same after `end()`.
 *
 * @throws Error with the chunks and both trees, when it isn't so.
 */
export function followStream(
  chunks: readonly string[],
  options: MarkdownOptions,
  dumps: PrefixDumps,
  visit?: (step: Step) => void,
): void {
  const stream = createMarkdownStream(options);
  const mirror = createTreeMirror(stream.root);
  let text = "";
  let done = 0;
  const step = (changes: readonly TreeChange[], expected: string): void => {
    const where = (): string =>
      `after ${JSON.stringify(chunks.slice(0, done))}${done > chunks.length ? " and end()" : ""}`;
    const seen = dumpTree(stream.root);
    if (seen !== expected)
      throw new Error(`${where()} the tree is\n${seen}\nand as a whole it is\n${expected}`);
    try {
      mirror.apply(changes);
    } catch (error) {
      throw new Error(`${where()} the changes can't be applied`, { cause: error });
    }
    if (!isSameTree(mirror.root, stream.root)) {
      const [mirrored, own] = [dumpTree(mirror.root, true), dumpTree(stream.root, true)];
      throw new Error(`${where()} the changes lead to\n${mirrored}\nand the tree is\n${own}`);
    }
    visit?.({ text, changes, stream });
  };
  for (const chunk of chunks) {
    done += 1;
    text += chunk;
    step(stream.append(chunk), dumps.ofPrefix(text.length));
  }
  done += 1;
  step(stream.end(), dumps.ofEnded);
}
