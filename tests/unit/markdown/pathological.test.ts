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

test.for([
  { way: "parsed whole", parse: parsed, units: 10_000 },
  { way: "streamed", parse: streamed, units: 4_000 },
])("four times the text takes little more than four times the steps: $way", async ({ parse, units }) => {
  const tooMany: string[] = [];
  for (const { name, make } of PATHOLOGICAL_INPUTS) {
    const small = make(units);
    const big = make(units * 4);
    parse(small);
    const steps = await countSteps(() => parse(small));
    const ratio = ((await countSteps(() => parse(big))) / steps) * ((small.length * 4) / big.length);
    if (ratio > 5) tooMany.push(`${name}: ${ratio.toFixed(1)} times`);
  }
  expect(tooMany).toEqual([]);
});

test.for(PATHOLOGICAL_INPUTS)("$name: is streamed, and no deeper than the cap", ({ make }) => {
  const stream = createMarkdownStream(PRODUCT);
  const text = make(20_000);
  for (let from = 0; from < text.length; from += 1_000) stream.append(text.slice(from, from + 1_000));
  stream.end();
  expect(depthOfTree(stream.root)).toBeLessThanOrEqual(250);
});
