import { expect, test } from "vitest";
import { parseWhole } from "../../support/markdown/follow-stream.ts";
import { COMMONMARK, PRODUCT } from "../../support/markdown/options.ts";
import { readCommonMarkExamples } from "../../support/markdown/spec-examples.ts";
import { treeHtml } from "../../support/markdown/tree-html.ts";

const examples = readCommonMarkExamples();

test("all of the specification's examples are read", () => {
  expect(examples.length).toBe(652);
  expect(examples.map((example) => example.number)).toEqual(examples.map((_, index) => index + 1));
});

test.for(examples)("CommonMark 0.31.2, example $number ($section)", ({ markdown, html }) => {
  expect(treeHtml(parseWhole(markdown, COMMONMARK, true))).toBe(html);
});

/** What GFM's literal autolinks make of the examples that show that CommonMark has none. [GFM 6.9] */
const DIFFERENT: Readonly<Record<number, string>> = {
  602: '<p>&lt;<a href="https://foo.bar/baz">https://foo.bar/baz</a> bim&gt;</p>\n',
  606: '<p>&lt;<a href="mailto:foo+@bar.example.com">foo+@bar.example.com</a>&gt;</p>\n',
  608: '<p>&lt; <a href="https://foo.bar">https://foo.bar</a> &gt;</p>\n',
  611: '<p><a href="https://example.com">https://example.com</a></p>\n',
  612: '<p><a href="mailto:foo@bar.example.com">foo@bar.example.com</a></p>\n',
};

test.for(examples)(
  "with the product's extensions, example $number ($section)",
  ({ number, markdown, html }) => {
    expect(treeHtml(parseWhole(markdown, PRODUCT, true))).toBe(DIFFERENT[number] ?? html);
  },
);
