import { expect, test } from "vitest";
import { COMMONMARK, HEALING, PRODUCT } from "../../support/markdown/options.ts";
import { proveHalves, proveStreamed } from "../../support/markdown/prefix-proof.ts";
import { askBoth, canBeAsked } from "../../support/markdown/reference-html.ts";
import {
  readCmarkGfmAnswers,
  readCommonMarkExamples,
  readGfmExamples,
} from "../../support/markdown/spec-examples.ts";

const examples = [...readCommonMarkExamples(), ...readGfmExamples(), ...readCmarkGfmAnswers()];

/** Tens of thousands of texts: a second or two, unless the machine is busy. */
const TIMEOUT_MS = 180_000;

/** A part of the examples, where another test has them all; all of them in the long run. */
const isLong = process.env["HOLDFAST_LONG"] === "1";
const part = isLong ? examples : examples.filter((_, index) => index % 3 === 0);

test.for([
  { name: "the product's extensions", options: PRODUCT, texts: examples },
  { name: "CommonMark alone", options: COMMONMARK, texts: part },
  { name: "the product's extensions and healing", options: HEALING, texts: part },
])(
  "every prefix of every example in every chunking is as when parsed whole, with $name",
  { timeout: TIMEOUT_MS },
  ({ options, texts }) => {
    for (const { number, markdown } of texts) proveStreamed(markdown, options, number);
  },
);

test("every example cut in two at any place is as when parsed whole", { timeout: TIMEOUT_MS }, () => {
  for (const { markdown } of part) proveHalves(markdown, PRODUCT);
});

test(
  "every prefix of every CommonMark example, not ended, means what the reference implementation says",
  { timeout: TIMEOUT_MS },
  () => {
    let prefixes = 0;
    for (const { markdown } of readCommonMarkExamples()) {
      for (let length = 1; length <= markdown.length; length += 1) {
        const prefix = markdown.slice(0, length);
        prefixes += 1;
        if (!canBeAsked(prefix)) continue;
        const { ours, reference } = askBoth(prefix, false);
        if (ours !== reference) expect({ prefix, html: ours }).toEqual({ prefix, html: reference });
      }
    }
    expect(prefixes).toBe(14_818);
  },
);
