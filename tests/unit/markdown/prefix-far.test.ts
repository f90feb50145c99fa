import * as fc from "fast-check";
import { test } from "vitest";
import { cutAtRandom } from "../../support/markdown/chunkings.ts";
import { createPrefixDumps, followStream } from "../../support/markdown/follow-stream.ts";
import { HEALING, PRODUCT } from "../../support/markdown/options.ts";

/** An opener whose closer comes only after hundreds of characters is watched, not read again with each piece. */
const FAR = "far away ".repeat(40);
const BETWEEN = " / ";
const OPENERS =
  "` / `` / [a]( / [a](b ' / [a](<b / <!-- / <? / <!A / <![CDATA[ / <a b=\" / <a:b / $a / $$a / \\(a / \\[a";
const CLOSERS = "` / `` / ) / b) / ') / > / --> / ?> / ]]> / \"> / $ / $$ / \\) / \\] / ] / ](b) / $1";
const OTHERS =
  "*a / a* / _b / b_ / **c / c** / ~~d / d~~ / [ / ![ / [^a / a@b.c / www.a.b / \\ / &amp; / \n / far / x";

const piece = fc.constantFrom(...[OPENERS, CLOSERS, OTHERS].flatMap((all) => all.split(BETWEEN)));
const spaced = fc.tuple(
  piece,
  fc.constantFrom("", " ", "", FAR, FAR.replaceAll(" ", "_"), FAR.replaceAll(" ", "")),
);
const text = fc
  .array(spaced, { minLength: 3, maxLength: 10 })
  .map((pieces) => `a ${pieces.map((pair) => pair.join("")).join("")}`);

/** Found by this test, and kept. Each comes in single characters. */
const FOUND: readonly string[] = [
  // A line of spaces closes the paragraph, until a character comes: then the code is open again.
  `a \`\`${FAR.replaceAll(" ", "")}\n \`\`\``,
  // A link waits for the end of its title, and then for its own.
  `a [a](b '${FAR}')a`,
  `a [a](<${FAR.replaceAll(" ", "")}>)a`,
];

const isLong = process.env["HOLDFAST_LONG"] === "1";

test.for([
  { name: "the product's extensions", options: PRODUCT },
  { name: "healing", options: HEALING },
])(
  "what ends far behind its beginning is as when parsed whole: $name",
  { timeout: 180_000 },
  ({ options }) => {
    fc.assert(
      fc.property(text, fc.integer(), fc.constantFrom(3, 40, 400), (markdown, seed, longest) => {
        followStream(cutAtRandom(markdown, seed, longest), options, createPrefixDumps(markdown, options));
      }),
      { numRuns: isLong ? 5_000 : 60, examples: FOUND.map((markdown) => [markdown, 13, 1]) },
    );
  },
);
