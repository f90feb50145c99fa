import { expect, test } from "vitest";
import { createMarkdownStream } from "../../../src/markdown/markdown-stream.ts";
import { cutByCharacter } from "../../support/markdown/chunkings.ts";
import { PRODUCT } from "../../support/markdown/options.ts";
import {
  readCmarkGfmAnswers,
  readCommonMarkExamples,
  readGfmExamples,
} from "../../support/markdown/spec-examples.ts";
import { dumpTree, walkTree } from "../../support/markdown/tree-dump.ts";
import { countNamedNodes } from "../../support/markdown/tree-mirror.ts";
import type { MarkdownNode, NodeId } from "../../../src/markdown/tree.ts";

const numbered = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("");

/** A long text, what is then typed at its end, and how many nodes the costliest of those characters may name. */
const GROWING: readonly { name: string; before: string; typed: string; most: number }[] = [
  {
    name: "a paragraph of 2,000 words",
    before: numbered(2_000, () => "word "),
    typed: "and some more of it",
    most: 2,
  },
  {
    name: "a paragraph of 500 emphases",
    before: numbered(500, () => "a *b* `c` [d](e) "),
    typed: "more, *and* **another** `code` [link](u) end",
    most: 8,
  },
  {
    name: "2,000 items",
    before: numbered(2_000, () => "- an item\n"),
    typed: "- another\n- and one\n",
    most: 6,
  },
  {
    name: "2,000 numbered items",
    before: numbered(2_000, (n) => `${n + 1}. an item\n`),
    typed: "2001. b\n",
    most: 6,
  },
  {
    name: "a fence of 1,000 lines",
    before: `\`\`\`ts\n${numbered(1_000, () => "let a = 1;\n")}`,
    typed: "let b;\nc\n",
    most: 2,
  },
  {
    name: "a table of 1,000 rows",
    before: `|a|b|\n|-|-|\n${numbered(1_000, () => "|c|d|\n")}`,
    typed: "|e|f|\n|g|h|\n",
    most: 8,
  },
  {
    name: "a quote of 1,000 paragraphs",
    before: numbered(1_000, () => "> text\n>\n"),
    typed: "> more\n>\n> text\n",
    most: 6,
  },
  {
    name: "1,000 headings and paragraphs",
    before: numbered(1_000, () => "# b\n\ntext\n\n"),
    typed: "# c\n\nmore",
    most: 6,
  },
  {
    name: "a math block of 1,000 lines",
    before: `$$\n${numbered(1_000, () => "a + b\n")}`,
    typed: "c\nd\n",
    most: 2,
  },
  {
    name: "an HTML block of 1,000 lines",
    before: `<pre>\n${numbered(1_000, () => "a\n")}`,
    typed: "b\nc\n",
    most: 2,
  },
  {
    name: "an indented block of 1,000 lines",
    before: numbered(1_000, () => "    a\n"),
    typed: "    b\n\n    c\n",
    most: 4,
  },
  {
    name: "500 footnotes",
    before: numbered(500, (n) => `a[^${n}]\n\n[^${n}]: note\n\n`),
    typed: "b[^1] more[^500]",
    most: 6,
  },
];

test.for(GROWING)("a character at the end of $name names at most $most nodes", ({ before, typed, most }) => {
  const stream = createMarkdownStream(PRODUCT);
  stream.append(before);
  const counts = cutByCharacter(typed).map((character) => countNamedNodes(stream.append(character)));
  expect(Math.max(...counts)).toBeLessThanOrEqual(most);
});

/** What comes late and reaches back: it names what it changes, not what stands beside that. */
const REACHING_BACK: readonly { name: string; before: string; chunk: string; most: number }[] = [
  {
    name: "a list of 2,000 items becomes loose",
    before: numbered(2_000, () => "- a\n"),
    chunk: "\n- b\n",
    most: 6,
  },
  {
    name: "a definition comes after 1,000 paragraphs",
    before: `[a]\n\n${numbered(1_000, () => "b\n\n")}`,
    chunk: "[a]: /u\n",
    most: 5,
  },
  {
    name: "a footnote comes after 1,000 paragraphs",
    before: `x[^a]\n\n${numbered(1_000, () => "b\n\n")}`,
    chunk: "[^a]: c\n",
    most: 10,
  },
  {
    name: "a fence of 1,000 lines closes",
    before: `\`\`\`\n${numbered(1_000, () => "a\n")}`,
    chunk: "```\n",
    most: 2,
  },
  {
    name: "a paragraph becomes a table",
    before: `${numbered(1_000, () => "b\n\n")}| a | b |\n`,
    chunk: "| - | - |\n",
    most: 10,
  },
];

test.for(REACHING_BACK)("when $name, at most $most nodes are named", ({ before, chunk, most }) => {
  const stream = createMarkdownStream(PRODUCT);
  stream.append(before);
  expect(countNamedNodes(stream.append(chunk))).toBeLessThanOrEqual(most);
});

/** Every so many of the examples; all of them in the long run. */
const STRIDE = process.env["HOLDFAST_LONG"] === "1" ? 1 : 4;
const examples = [...readCommonMarkExamples(), ...readGfmExamples(), ...readCmarkGfmAnswers()].filter(
  (_, index) => index % STRIDE === 0,
);

test("what an append changes nothing of isn't taken out and put in again", { timeout: 60_000 }, () => {
  for (const { markdown } of examples) {
    const stream = createMarkdownStream(PRODUCT);
    for (const character of [...cutByCharacter(markdown), ""]) {
      const before = describeByParent(stream.root);
      const changes = character === "" ? stream.end() : stream.append(character);
      const removed = new Map<string, NodeId>();
      for (const change of changes) {
        if (change.kind !== "remove") continue;
        const known = before.get(change.id);
        if (known !== undefined) removed.set(known, change.id);
      }
      for (const change of changes) {
        if (change.kind !== "insert") continue;
        const again = removed.get(`${change.parent} ${dumpTree(change.node)}`);
        expect(
          again,
          `${JSON.stringify(markdown)} at ${JSON.stringify(character)}: ${dumpTree(change.node)}`,
        ).toBeUndefined();
      }
    }
  }
});

/** Every node's parent and content by its id. */
function describeByParent(root: MarkdownNode): ReadonlyMap<NodeId, string> {
  const known = new Map<NodeId, string>();
  for (const parent of walkTree(root)) {
    if (!("children" in parent)) continue;
    for (const child of parent.children) known.set(child.id, `${parent.id} ${dumpTree(child)}`);
  }
  return known;
}

test("a block that grows by characters keeps its id", () => {
  const text =
    "# Head *line*\n\nA paragraph\nof two lines\n\n- one\n  - two\n- three\n\n> quote\n> more\n\n```ts\ncode\nmore\n```\n\n|a|b|\n|-|-|\n|c|d|\n";
  const stream = createMarkdownStream(PRODUCT);
  let last = new Map<string, NodeId>();
  for (const character of text) {
    stream.append(character);
    const ids = idsByPath(stream.root);
    for (const [path, id] of ids)
      expect(last.get(path) ?? id, `${path} at ${JSON.stringify(character)}`).toBe(id);
    last = ids;
  }
});

/** Ids of the blocks by the types and places that lead to them. */
function idsByPath(node: MarkdownNode, path = ""): Map<string, NodeId> {
  const ids = new Map<string, NodeId>([[path, node.id]]);
  if (!("children" in node) || node.type === "paragraph" || node.type === "heading") return ids;
  for (const [index, child] of node.children.entries()) {
    for (const [inner, id] of idsByPath(child, `${path}/${index} ${child.type}`)) ids.set(inner, id);
  }
  return ids;
}
