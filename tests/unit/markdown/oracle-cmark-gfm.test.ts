import { expect, test } from "vitest";
import { parseWhole } from "../../support/markdown/follow-stream.ts";
import { PRODUCT } from "../../support/markdown/options.ts";
import { readCmarkGfmAnswers } from "../../support/markdown/spec-examples.ts";
import { treeHtml } from "../../support/markdown/tree-html.ts";

/** What cmark-gfm writes otherwise than the specification's examples, and than the reference implementation. */
function inTheFormOfTheSpecification(html: string): string {
  return html
    .replaceAll(
      /<input type="checkbox" (checked="" )?disabled="" \/>/g,
      '<input $1disabled="" type="checkbox">',
    )
    .replaceAll("&#x27;", "'");
}

test.for(readCmarkGfmAnswers())("as cmark-gfm: question $number ($section)", ({ markdown, html }) => {
  expect(treeHtml(parseWhole(markdown, PRODUCT, true))).toBe(inTheFormOfTheSpecification(html));
});
