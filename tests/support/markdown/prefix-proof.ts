import type { MarkdownOptions } from "../../../src/markdown/tree.ts";
import { cutAtRandom, cutByCharacter, cutByWord } from "./chunkings.ts";
import { createPrefixDumps, followStream, type Step } from "./follow-stream.ts";

/** Proves a text in three chunkings: by character (so at every prefix), by word, at random. What differs is thrown. */
export function proveStreamed(
  text: string,
  options: MarkdownOptions,
  seed: number,
  visit?: (step: Step) => void,
): void {
  const dumps = createPrefixDumps(text, options);
  followStream(cutByCharacter(text), options, dumps, visit);
  followStream(cutByWord(text), options, dumps);
  followStream(cutAtRandom(text, seed), options, dumps);
}

/** Every way to cut a text in two: what comes late must undo all that was thought before. */
export function proveHalves(text: string, options: MarkdownOptions): void {
  const dumps = createPrefixDumps(text, options);
  for (let at = 1; at < text.length; at += 1) {
    followStream([text.slice(0, at), text.slice(at)], options, dumps);
  }
}
