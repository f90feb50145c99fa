import { decodeFullReference } from "../../../src/markdown/full-references.ts";
import type { MarkdownOptions } from "../../../src/markdown/tree.ts";

/** CommonMark and nothing else. */
export const COMMONMARK: MarkdownOptions = {
  isGfm: false,
  hasFootnotes: false,
  hasMath: false,
  decodeReference: decodeFullReference,
};

/** GFM as its specification has it. */
export const GFM: MarkdownOptions = { ...COMMONMARK, isGfm: true };

/** As the product shows a finished text. */
export const PRODUCT: MarkdownOptions = { ...GFM, hasFootnotes: true, hasMath: true };

/** As the product shows a growing text. */
export const HEALING: MarkdownOptions = { ...PRODUCT, isHealing: true };
