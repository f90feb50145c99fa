import { expect, test } from "vitest";
import { createMarkdownStream } from "../../../src/markdown/markdown-stream.ts";
import type { BlockNode, DocumentNode } from "../../../src/markdown/tree.ts";
import { createPrefixDumps, followStream, parseWhole } from "../../support/markdown/follow-stream.ts";
import { HEALING, PRODUCT } from "../../support/markdown/options.ts";
import {
  readCmarkGfmAnswers,
  readCommonMarkExamples,
  readGfmExamples,
} from "../../support/markdown/spec-examples.ts";
import { dumpTree } from "../../support/markdown/tree-dump.ts";
import { treeHtml } from "../../support/markdown/tree-html.ts";

/** Thousands of texts: a second or two, unless the machine is busy. */
const TIMEOUT_MS = 180_000;
/** Every so many of the examples; all of them in the long run. */
const STRIDE = process.env["HOLDFAST_LONG"] === "1" ? 1 : 5;
const examples = [...readCommonMarkExamples(), ...readGfmExamples(), ...readCmarkGfmAnswers()].filter(
  (_, index) => index % STRIDE === 0,
);

test("nothing of healing is left after end(), at any prefix", { timeout: TIMEOUT_MS }, () => {
  for (const { markdown } of examples) {
    for (let length = 1; length <= markdown.length; length += 1) {
      const prefix = markdown.slice(0, length);
      const healed = dumpTree(parseWhole(prefix, HEALING, true));
      if (healed !== dumpTree(parseWhole(prefix, PRODUCT, true))) {
        expect.unreachable(`${JSON.stringify(prefix)} ends as\n${healed}`);
      }
    }
  }
});

test("healing touches the open tail only", { timeout: TIMEOUT_MS }, () => {
  for (const { markdown } of examples) {
    for (let length = 1; length <= markdown.length; length += 1) {
      const prefix = markdown.slice(0, length);
      const healed = parseWhole(prefix, HEALING, false);
      const plain = parseWhole(prefix, PRODUCT, false);
      if (dumpTree(healed) === dumpTree(plain)) continue;
      const closed = closedBlocks(plain);
      expect(closedBlocks(healed), JSON.stringify(prefix)).toEqual(closed);
    }
  }
});

test("a block that is very long is shown as it is written, and is what it is as a whole at each character", () => {
  const begun = "*a **b [c `d ";
  const text = `${"word ".repeat(1_596)}${begun.repeat(4)}`;
  const dumps = createPrefixDumps(text, HEALING);
  // From 40 characters before the bound on, one by one; the bound lies in the middle of what is begun.
  const chunks = [text.slice(0, 7_960), ...text.slice(7_960).split("")];
  followStream(chunks, HEALING, dumps);
  expect(dumps.ofPrefix(8_000)).toContain("emphasis");
  expect(dumps.ofPrefix(8_001)).toBe(dumpTree(parseWhole(text.slice(0, 8_001), PRODUCT, false)));
  // What ends is what it was begun as, however long the block.
  expect(dumpTree(parseWhole(`${"word ".repeat(2_000)}**b** `, HEALING, false))).toContain("strong");
});

test("a run of backticks that grows at the end of a very long block ends no code until all of it is there", () => {
  const text = `${"word ".repeat(1_600)}e\` e\`\` e\`\`\` e\`\`\`\` e\`\`\`\`\` e`;
  const stream = createMarkdownStream(HEALING);
  stream.append(text);
  const changes = Array.from("``````", () => stream.append("`").length);
  expect(dumpTree(stream.root)).not.toContain("code-span");
  // Up to three are what people write: those are shown as they are.
  expect(changes.slice(4)).toEqual([0, 0]);
  stream.end();
  expect(dumpTree(stream.root)).toBe(dumpTree(parseWhole(`${text}${"`".repeat(6)}`, PRODUCT, true)));
  const five = `${text}${"`".repeat(5)}`;
  expect(dumpTree(parseWhole(five, HEALING, false))).not.toContain("code-span");
  expect(dumpTree(parseWhole(`${five} `, HEALING, false))).not.toContain("code-span");
  expect(dumpTree(parseWhole(`${five}.`, HEALING, false))).toContain("code-span");
});

test("an address that is being written at the end of a very long block is text until it has ended", () => {
  const stream = createMarkdownStream(HEALING);
  stream.append("word ".repeat(1_700));
  const kinds = Array.from("https://a.b/c", (letter) => stream.append(letter).map(({ kind }) => kind));
  expect(new Set(kinds.flat())).toEqual(new Set(["text"]));
  stream.append(" d");
  expect(dumpTree(stream.root)).toContain("link");
  stream.append(" www.a.b");
  stream.end();
  const whole = `${"word ".repeat(1_700)}https://a.b/c d www.a.b`;
  expect(dumpTree(stream.root)).toBe(dumpTree(parseWhole(whole, PRODUCT, true)));
});

/** All blocks but the last ones of each level, which may still grow. */
function closedBlocks(root: DocumentNode): readonly string[] {
  const closed: string[] = [];
  let blocks: readonly BlockNode[] = root.children.filter((block) => block.type !== "footnotes");
  for (;;) {
    for (const block of blocks.slice(0, -1)) closed.push(dumpTree(block));
    const last = blocks.at(-1);
    if (last === undefined || !("children" in last)) return closed;
    // A row that has begun has all its cells, whichever of them is being written.
    if (last.type === "paragraph" || last.type === "heading") return closed;
    if (last.type === "table-row" || last.type === "table-cell") return closed;
    blocks = last.children;
  }
}

test.for<readonly [string, string]>([
  ["a **bo", "<p>a <strong>bo</strong></p>\n"],
  ["a *it", "<p>a <em>it</em></p>\n"],
  ["a **bo *it", "<p>a <strong>bo <em>it</em></strong></p>\n"],
  ["a `co", "<p>a <code>co</code></p>\n"],
  ["a ~~de", "<p>a <del>de</del></p>\n"],
  ["- a **bo", "<ul>\n<li>a <strong>bo</strong></li>\n</ul>\n"],
  ["# a **bo", "<h1>a <strong>bo</strong></h1>\n"],
])("%s is shown as it will most likely be", ([markdown, html]) => {
  expect(treeHtml(parseWhole(markdown, HEALING, false))).toBe(html);
});

test.for(["[text](htt", "[text](", "[text", "![text](htt", "![text"])(
  "of %s no markup is shown",
  (markdown) => {
    const html = treeHtml(parseWhole(`see ${markdown}`, HEALING, false));
    expect(html).toContain("text");
    expect(html).not.toMatch(/[[\]()]|htt/);
  },
);

test("what was closed before the tail stays as it is written", () => {
  const html = treeHtml(parseWhole("a **bo\n\nb *it\n\n", HEALING, false));
  expect(html).toBe("<p>a **bo</p>\n<p>b *it</p>\n");
});
