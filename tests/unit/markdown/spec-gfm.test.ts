import { expect, test } from "vitest";
import { parseWhole } from "../../support/markdown/follow-stream.ts";
import { GFM, PRODUCT } from "../../support/markdown/options.ts";
import { readGfmExamples } from "../../support/markdown/spec-examples.ts";
import { treeHtml } from "../../support/markdown/tree-html.ts";

const examples = readGfmExamples();

test("all examples of GFM's extensions are read", () => {
  expect(examples.length).toBe(23);
});

test.for(examples)("GFM 0.29, example $number ($section)", ({ markdown, html }) => {
  expect(treeHtml(parseWhole(markdown, GFM, true))).toBe(html);
  expect(treeHtml(parseWhole(markdown, PRODUCT, true))).toBe(html);
});
