import { tex } from "@mdit/plugin-tex";
import * as fc from "fast-check";
import markdownIt from "markdown-it";
import { expect, test } from "vitest";
import { parseWhole } from "../../support/markdown/follow-stream.ts";
import { escapeHtml } from "../../support/markdown/html-output.ts";
import { COMMONMARK } from "../../support/markdown/options.ts";
import { treeHtml } from "../../support/markdown/tree-html.ts";
import type { MarkdownOptions } from "../../../src/markdown/tree.ts";

const MATH: MarkdownOptions = { ...COMMONMARK, hasMath: true };

/** CommonMark and math, as markdown-it and its plugin have them. */
const oracle = markdownIt("commonmark").use(tex, {
  delimiters: "all",
  render: (content, isDisplay) =>
    // The plugin keeps the line ends around a block's text, and writes no line end after it.
    isDisplay
      ? `<math display="block">${escapeHtml(content.trim())}</math>\n`
      : `<math>${escapeHtml(content)}</math>`,
});

const ours = (text: string): string =>
  treeHtml(parseWhole(text, MATH, true)).replaceAll(
    /(<math display="block">)([^<]*)(<\/math>)/g,
    (_, open: string, content: string, close: string) => open + content.trim() + close,
  );

test.for([
  "$a$",
  "a $b$ c",
  "$ a$ $a $ $a$1 a$b$c",
  "costs $5 and $6, not $7",
  "$5 and $x$",
  "\\$a$ $a\\$b$ \\\\$a$",
  "$a\\$",
  "$a_b*c$ *d $e*f$ g*",
  "`$a$` $`a`$",
  "[$a$](b) **$c$** # $d$",
  "# $a$ b",
  "- $a$\n- b $c",
  "$a\nb$",
  "$a\n\nb$",
  "\\(a\\) b \\(c",
  "\\(a \\\\) b\\)",
  "\\\\(a\\)",
  "$$\na + b\n$$",
  "$$a + b$$",
  "$$ a\nb $$",
  "a\n\n$$\nb\n$$\nc",
  "a\n$$\nb\n$$\nc",
  "> $$\n> a\n> $$\n\nb",
  "- $$\n  a\n  $$\n- b",
  "\\[\na\n\\]",
  "\\[a\\]",
  "a\n\\[\nb\n\\]\nc",
  "$$\na\n\nb\n$$",
  "$$\nnever closed\n\n- really",
  "$$\n# a\n- b\n```\n$$\nc",
])("as markdown-it has it: %j", (text) => {
  expect(ours(text)).toBe(oracle.render(text));
});

test("dollars within a line are math just where markdown-it says so", () => {
  const piece = fc.constantFrom(..."a|b|1|$|$|$|\\$|\\\\| | |*|`|[|](u)|{|}|_|.".split("|"));
  const text = fc.array(piece, { maxLength: 14 }).map((pieces) => `x${pieces.join("")}`);
  fc.assert(
    fc.property(text, (markdown) => {
      // Two dollars together are display math of ours within a line, and nothing to the plugin.
      fc.pre(!markdown.includes("$$"));
      // An open bracket makes markdown-it forget code spans: of "x[`a`a`" it makes none. [CommonMark 6.1 has one]
      fc.pre(!/\[.*`/s.test(markdown));
      expect(ours(markdown)).toBe(oracle.render(markdown));
    }),
    { numRuns: 1_500 },
  );
});
