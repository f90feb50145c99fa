import { expect, test } from "vitest";
import { createMarkdownStream } from "../../../src/markdown/markdown-stream.ts";
import { countSteps } from "../../support/markdown/count-steps.ts";
import { parseWhole } from "../../support/markdown/follow-stream.ts";
import { PRODUCT } from "../../support/markdown/options.ts";
import { PATHOLOGICAL_INPUTS } from "../../support/markdown/pathological-inputs.ts";
import { depthOfTree } from "../../support/markdown/tree-dump.ts";

const CHUNK_UNITS = 16;

function streamed(text: string): void {
  const stream = createMarkdownStream(PRODUCT);
  for (let from = 0; from < text.length; from += CHUNK_UNITS)
    stream.append(text.slice(from, from + CHUNK_UNITS));
  stream.end();
}

function parsed(text: string): void {
  parseWhole(text, PRODUCT, true);
}

/** How much more steps four times the text takes, a little more or less text reckoned in. */
async function growthOfSteps(
  make: (size: number) => string,
  parse: (text: string) => void,
  size: number,
): Promise<number> {
  const small = make(size);
  const big = make(size * 4);
  const steps = await countSteps(() => parse(small));
  expect(steps).toBeGreaterThan(100);
  return ((await countSteps(() => parse(big))) / steps) * ((small.length * 4) / big.length);
}

// 4 is linear, 16 is quadratic.
const MOST_GROWTH = 5;

test.for(PATHOLOGICAL_INPUTS)(
  "$name: four times the text takes about four times the steps",
  async ({ make }) => {
    expect(await growthOfSteps(make, parsed, 1_000)).toBeLessThan(MOST_GROWTH);
  },
);

test.for(PATHOLOGICAL_INPUTS)(
  "$name: four times the text takes about four times the steps in chunks too",
  async ({ make }) => {
    expect(await growthOfSteps(make, streamed, 300)).toBeLessThan(MOST_GROWTH);
  },
);

test.for(PATHOLOGICAL_INPUTS)("$name: is streamed, and no deeper than the cap", ({ make }) => {
  const stream = createMarkdownStream(PRODUCT);
  const text = make(20_000);
  for (let from = 0; from < text.length; from += 1_000) stream.append(text.slice(from, from + 1_000));
  stream.end();
  expect(depthOfTree(stream.root)).toBeLessThanOrEqual(250);
});
