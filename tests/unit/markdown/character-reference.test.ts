import { expect, test } from "vitest";
import { createMarkdownStream } from "../../../src/markdown/markdown-stream.ts";
import { PRODUCT } from "../../support/markdown/options.ts";
import { treeHtml } from "../../support/markdown/tree-html.ts";

const TEXT = "1 &lt; 2 &amp;&nbsp;3, &quot;&apos;&gt; &#233; &oslash; &constructor; &toString;";

test.for([
  { name: "the six names that every text needs", options: {}, oslash: "&amp;oslash;" },
  { name: "all of HTML's names with the full table", options: PRODUCT, oslash: "ø" },
])("character references mean $name, and nothing that only objects have", ({ options, oslash }) => {
  const stream = createMarkdownStream(options);
  stream.append(TEXT);
  stream.end();
  expect(treeHtml(stream.root)).toBe(
    `<p>1 &lt; 2 &amp;\u{a0}3, &quot;'&gt; é ${oslash} &amp;constructor; &amp;toString;</p>\n`,
  );
});
