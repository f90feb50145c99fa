import { expect, test } from "vitest";
import { createMarkdownStream } from "../../../src/markdown/markdown-stream.ts";
import { PRODUCT } from "../../support/markdown/options.ts";
import { PATHOLOGICAL_INPUTS } from "../../support/markdown/pathological-inputs.ts";
import { measureStepGrowth } from "../../support/markdown/step-growth.ts";
import { depthOfTree } from "../../support/markdown/tree-dump.ts";

/** A process of its own counts for some seconds, more where the machine is busy. */
const TIMEOUT_MS = 180_000;

/** 4 is linear, 16 is quadratic. */
const MOST_GROWTH = 8;

/**
 * What is one inline context without a place where all is certain is read anew with every chunk: in steps that is the
 * square of that context's length. Whoever mends one of these takes its name out: the long run is red until then.
 */
const KNOWN_QUADRATIC: ReadonlySet<string> = new Set([
  "nested strong emph",
  "many emph openers with no closers",
  "many link closers with no openers",
  "many link openers with no closers",
  "mismatched openers and closers",
  "emph openers that another delimiter crosses",
  "openers and closers multiple of 3",
  "link openers and emph closers",
  "pattern [ (]( repeated",
  "pattern ![[]() repeated",
  "hard link/emph case",
  "nested brackets",
  "emph in a deep block quote",
  "unclosed links A",
  "unclosed links B",
  "unclosed <!--",
  "unclosed <?",
  "unclosed <!A",
  "unclosed <![CDATA[",
  "line ends of three kinds before a table that isn't one",
  "many references",
  "definitions of one label",
  "tildes that open only",
  "tildes nested in emphasis",
  "delimiter rows that don't fit their header",
  "names without a domain",
  "footnote references without a definition",
  "footnote references that don't end",
  "many references to one footnote",
  "dollars",
  "dollars that open only",
  "brackets of math that open only",
  "quotes in a tag without an end",
  "ampersands",
  "names of entities without an end",
  "backslashes",
  "a definition's label without an end",
]);

const isLong = process.env["HOLDFAST_LONG"] === "1";

test("four times the text takes about four times the steps", { timeout: TIMEOUT_MS }, () => {
  // Squares take their time: those that are known are measured in the long run.
  const leftOut = isLong ? new Set<string>() : KNOWN_QUADRATIC;
  const found = measureStepGrowth(leftOut);
  expect(found.length).toBe(PATHOLOGICAL_INPUTS.length - leftOut.size);
  const growing = (way: "whole" | "streamed"): string[] =>
    found.filter((each) => !(each[way] <= MOST_GROWTH)).map(({ name }) => name);
  expect(growing("whole")).toEqual([]);
  expect(growing("streamed").sort()).toEqual(isLong ? [...KNOWN_QUADRATIC].sort() : []);
});

test.for(PATHOLOGICAL_INPUTS)("$name: is streamed, and no deeper than the cap", ({ make }) => {
  const stream = createMarkdownStream(PRODUCT);
  const text = make(3_000);
  for (let from = 0; from < text.length; from += 1_000) stream.append(text.slice(from, from + 1_000));
  stream.end();
  expect(depthOfTree(stream.root)).toBeLessThanOrEqual(250);
});
