import * as fc from "fast-check";
import { expect, test } from "vitest";
import { anyCodeUnits, commonMarkText, productText } from "../../support/markdown/arbitrary-markdown.ts";
import { COMMONMARK, HEALING, PRODUCT } from "../../support/markdown/options.ts";
import { proveStreamed } from "../../support/markdown/prefix-proof.ts";
import { askBoth, canBeAsked } from "../../support/markdown/reference-html.ts";

/** Minutes instead of a second: `npm run test:long`. */
const isLong = process.env["HOLDFAST_LONG"] === "1";
const runs = (short: number): number => (isLong ? short * 200 : short);
const SHORT_RUN_MS = 180_000;
const LONG_RUN_MS = 1_800_000;

test(
  "any CommonMark text means what the reference implementation says",
  { timeout: isLong ? LONG_RUN_MS : SHORT_RUN_MS },
  () => {
    fc.assert(
      fc.property(commonMarkText, (text) => {
        fc.pre(canBeAsked(text));
        const { ours, reference } = askBoth(text, true);
        expect(ours).toBe(reference);
      }),
      { numRuns: runs(700) },
    );
  },
);

test.for([
  { name: "CommonMark alone", text: commonMarkText, options: COMMONMARK },
  { name: "the product's extensions", text: productText, options: PRODUCT },
  { name: "healing", text: productText, options: HEALING },
  { name: "any code units", text: anyCodeUnits, options: PRODUCT },
])(
  "any text in any chunking is as when parsed whole: $name",
  { timeout: isLong ? LONG_RUN_MS : SHORT_RUN_MS },
  ({ text, options }) => {
    fc.assert(
      fc.property(text, fc.integer(), (markdown, seed) => {
        proveStreamed(markdown, options, seed);
      }),
      { numRuns: runs(70) },
    );
  },
);
