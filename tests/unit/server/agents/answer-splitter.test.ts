import * as fc from "fast-check";
import { expect, test } from "vitest";
import { AnswerSplitter, type AnswerPiece } from "../../../../server/agents/answer-splitter.ts";

function joined(pieces: readonly AnswerPiece[]): readonly (readonly [string, string])[] {
  const parts = new Map<string, string>();
  for (const { part, delta } of pieces) parts.set(part, (parts.get(part) ?? "") + delta);
  return [...parts];
}

function splitWhole(text: string): readonly (readonly [string, string])[] {
  const splitter = new AnswerSplitter();
  return joined([...splitter.text(text), ...splitter.end()]);
}

const CASES: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  ["plain", [["text-1", "plain"]]],
  ["  indented", [["text-1", "  indented"]]],
  [" \n", [["text-1", " \n"]]],
  [
    "<think>a</think>b",
    [
      ["reasoning-1", "a"],
      ["text-1", "b"],
    ],
  ],
  [
    "<think>\na\n</think>\n\nb",
    [
      ["reasoning-1", "a\n"],
      ["text-1", "b"],
    ],
  ],
  ["<think>\n\n</think>\n\nb", [["text-1", "b"]]],
  ["<think></think>\n    code", [["text-1", "    code"]]],
  [
    "a<think>b</think>c<think>d</think>e",
    [
      ["text-1", "a"],
      ["reasoning-1", "b"],
      ["text-2", "c"],
      ["reasoning-2", "d"],
      ["text-3", "e"],
    ],
  ],
  ["<think>never closed", [["reasoning-1", "never closed"]]],
  ["a <thi", [["text-1", "a <thi"]]],
  ["a < b and <thing>", [["text-1", "a < b and <thing>"]]],
  ["write `<think>` in code", [["text-1", "write `<think>` in code"]]],
  ["```xml\n<think>x</think>\n```\nend", [["text-1", "```xml\n<think>x</think>\n```\nend"]]],
  [
    "~~~\n<think>\n~~~\n<think>r</think>t",
    [
      ["text-1", "~~~\n<think>\n~~~\n"],
      ["reasoning-1", "r"],
      ["text-2", "t"],
    ],
  ],
  [
    "<think>`a</think>b",
    [
      ["reasoning-1", "`a"],
      ["text-1", "b"],
    ],
  ],
  ["", []],
];

test.each(CASES)("%j is taken apart", (text, parts) => {
  expect(splitWhole(text)).toEqual(parts);
});

test("any cutting into deltas gives the same parts", () => {
  const token = fc.constantFrom(
    "<think>",
    "</think>",
    "<thi",
    "nk>",
    "<",
    ">",
    "`",
    "```",
    "~~~",
    "\n",
    "\n\n",
    " ",
    "a",
    "word ",
    "</",
  );
  fc.assert(
    fc.property(
      fc.array(token, { maxLength: 30 }),
      fc.array(fc.nat(5), { maxLength: 60 }),
      (tokens, sizes) => {
        const text = tokens.join("");
        const splitter = new AnswerSplitter();
        const pieces: AnswerPiece[] = [];
        let rest = text;
        for (const size of sizes) {
          pieces.push(...splitter.text(rest.slice(0, size)));
          rest = rest.slice(size);
        }
        pieces.push(...splitter.text(rest), ...splitter.end());
        expect(joined(pieces)).toEqual(splitWhole(text));
      },
    ),
    { numRuns: 2_000 },
  );
});

test("but for tags and blanks around them nothing is lost", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("<think>", "</think>", "x", "y ", "\n", "z")), (tokens) => {
      const all = splitWhole(tokens.join(""))
        .map(([, text]) => text)
        .join("");
      const bare = (text: string): string => text.replaceAll(/<\/?think>|\s/g, "");
      expect(bare(all)).toBe(bare(tokens.join("")));
    }),
  );
});

test("reasoning told apart alternates with text in numbered parts", () => {
  const splitter = new AnswerSplitter();
  const pieces = [
    ...splitter.reasoning("r1"),
    ...splitter.text("\n"),
    ...splitter.reasoning("r1b"),
    ...splitter.text("\n\nt1"),
    ...splitter.reasoning("r2"),
    ...splitter.end(),
  ];
  expect(joined(pieces)).toEqual([
    ["reasoning-1", "r1r1b"],
    ["text-1", "t1"],
    ["reasoning-2", "r2"],
  ]);
});

test("a long answer without line ends is taken in linear time", () => {
  const splitter = new AnswerSplitter();
  let length = 0;
  for (let index = 0; index < 50_000; index += 1)
    for (const piece of splitter.text("word ")) length += piece.delta.length;
  expect(length).toBe(250_000);
});
