import { decodeFullReference } from "../../../src/markdown/full-references.ts";
import type { MarkdownOptions } from "../../../src/markdown/tree.ts";

/** CommonMark and nothing else, with all named references. */
export const COMMONMARK: MarkdownOptions = {
  decodeReference: decodeFullReference,
  isGfm: false,
  hasFootnotes: false,
  hasMath: false,
};

/** GFM as its specification has it. */
export const GFM: MarkdownOptions = { ...COMMONMARK, isGfm: true };

/** All that the product shows of a finished text. */
export const PRODUCT: MarkdownOptions = { ...GFM, hasFootnotes: true, hasMath: true };

/** As the product shows a growing text. */
export const HEALING: MarkdownOptions = { ...PRODUCT, isHealing: true };
