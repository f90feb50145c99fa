import { Parser, HtmlRenderer } from "commonmark";
import { expect, test } from "vitest";
import { parseWhole } from "../../support/markdown/follow-stream.ts";
import { COMMONMARK, HEALING, PRODUCT } from "../../support/markdown/options.ts";
import { proveHalves, proveStreamed } from "../../support/markdown/prefix-proof.ts";
import { readCommonMarkExamples, readGfmExamples } from "../../support/markdown/spec-examples.ts";
import { treeHtml } from "../../support/markdown/tree-html.ts";

const examples = [...readCommonMarkExamples(), ...readGfmExamples()];

test.for([
  { name: "CommonMark alone", options: COMMONMARK },
  { name: "the product's extensions", options: PRODUCT },
  { name: "the product's extensions and healing", options: HEALING },
])("every prefix of every example in every chunking is as when parsed whole, with $name", ({ options }) => {
  for (const { number, markdown } of examples) proveStreamed(markdown, options, number);
});

test("every example cut in two at any place is as when parsed whole", () => {
  for (const { markdown } of examples) proveHalves(markdown, PRODUCT);
});

test("every prefix of every CommonMark example, not ended, means what the reference implementation says", () => {
  const parser = new Parser();
  const renderer = new HtmlRenderer();
  let prefixes = 0;
  for (const { markdown } of readCommonMarkExamples()) {
    for (let length = 1; length <= markdown.length; length += 1) {
      const prefix = markdown.slice(0, length);
      const seen = treeHtml(parseWhole(prefix, COMMONMARK, false));
      const expected = renderer.render(parser.parse(prefix));
      if (seen !== expected) expect({ prefix, html: seen }).toEqual({ prefix, html: expected });
      prefixes += 1;
    }
  }
  expect(prefixes).toBe(14_818);
});
