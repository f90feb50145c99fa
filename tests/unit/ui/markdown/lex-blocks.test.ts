import * as fc from "fast-check";
import { expect, test } from "vitest";
import { lexBlocks, START } from "../../../../src/ui/markdown/lex-blocks.ts";

const piece = fc.oneof(
  { weight: 2, arbitrary: fc.constant("\n\n") },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ..."a |\n|# |- |1. |  |    |\t|> |```|~~~\n||a|b|\n|-|-|\n|x||[x]|]: u\n|[x]: |[^1]: n\n|<div>\n|</div>|<!--|-->|<pre>\n|</pre>\n|---\n|===\n|* * *\n|- [ ] |\\".split(
        "|",
      ),
      "|a|b|\n|-|-|\n",
      "| c | d |\n",
      "|",
    ),
  },
);

test("reading on from a boundary gives the blocks of reading the whole", () => {
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 50 }),
      fc.array(fc.nat(12), { maxLength: 25 }),
      (pieces, sizes) => {
        const text = pieces.join("");
        let boundary = START;
        const kept: string[] = [];
        let end = 0;
        for (const size of [...sizes, text.length]) {
          end = Math.min(text.length, end + size);
          const grown = text.slice(0, end);
          const tail = lexBlocks(grown, boundary);
          const whole = lexBlocks(grown, START);
          kept.length = boundary.blocks;
          kept.push(...tail.blocks.map(({ type, raw }) => `${type}:${raw}`));
          expect(kept).toEqual(whole.blocks.map(({ type, raw }) => `${type}:${raw}`));
          expect(tail.definitions).toBe(whole.definitions);
          boundary = tail.boundary;
        }
      },
    ),
    { numRuns: 4_000 },
  );
}, 60_000);

test.each([
  "1. a\n\n2. b\n\nc\n\n3. d",
  "- a\n\n- b\n\n  c\n\nd\n\n  e",
  "> a\n\n> b\n\nc\n\n> d\n\ne",
  "|a|\n|-|\n|b|\n\n|c|\n\nd\n\n|e|\n|-|\n",
  "a\n\n    b\n\n    c\n\nd",
  "```\na\n```\n\n```\nb\n\nc\n```\n\nd\n\n~~~\ne",
  "# a\n\n---\n\nb\n===\n\nc\n\nd\n---\n\n- - -\n\ne",
  "<div>\n\na\n\n</div>\n\nb\n\n<!-- c\n\nd -->\n\ne",
])("%j reads alike from the boundary after every character", (text) => {
  let boundary = START;
  const kept: string[] = [];
  for (let end = 1; end <= text.length; end += 1) {
    const tail = lexBlocks(text.slice(0, end), boundary);
    kept.length = boundary.blocks;
    kept.push(...tail.blocks.map(({ type, raw }) => `${type}:${raw}`));
    const whole = lexBlocks(text.slice(0, end), START).blocks;
    expect(kept).toEqual(whole.map(({ type, raw }) => `${type}:${raw}`));
    boundary = tail.boundary;
  }
});

test("a boundary moves on through ordinary prose and stops before a definition", () => {
  const prose = "# One\n\nTwo\n\n```\nthree\n```\n\nFour\n\n";
  expect(lexBlocks(`${prose}Five`, START).boundary.offset).toBe(prose.length);
  expect(lexBlocks(`[x]: https://e.org\n\n${prose}Five`, START).boundary).toEqual(START);
  expect(lexBlocks("- a\n\nb\n\n- c", START).boundary.offset).toBeGreaterThan(0);
});
