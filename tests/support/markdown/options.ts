import type { MarkdownOptions } from "../../../src/markdown/tree.ts";

/** CommonMark and nothing else. */
export const COMMONMARK: MarkdownOptions = { isGfm: false, hasFootnotes: false, hasMath: false };

/** GFM as its specification has it. */
export const GFM: MarkdownOptions = { isGfm: true, hasFootnotes: false, hasMath: false };

/** As the product shows a finished text. */
export const PRODUCT: MarkdownOptions = { isGfm: true, hasFootnotes: true, hasMath: true };

/** As the product shows a growing text. */
export const HEALING: MarkdownOptions = { ...PRODUCT, isHealing: true };
