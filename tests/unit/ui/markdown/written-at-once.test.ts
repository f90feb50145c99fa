// @vitest-environment happy-dom
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createBuffer } from "../../../../src/protocol/conversation.ts";
import { createAnswerWriter } from "../../../../src/ui/markdown/answer-writer.ts";
import { productText } from "../../../support/markdown/arbitrary-markdown.ts";
import { cutAtRandom, cutByCharacter, cutByWord } from "../../../support/markdown/chunkings.ts";
import {
  readCmarkGfmAnswers,
  readCommonMarkExamples,
  readGfmExamples,
} from "../../../support/markdown/spec-examples.ts";

/** What stands in the page after a text was written in one go. */
function writtenAtOnce(text: string, isSettled: boolean): string {
  const mount = document.createElement("div");
  const writer = createAnswerWriter(mount);
  writer.update({ chunks: [text], length: text.length }, isSettled);
  const html = mount.innerHTML;
  writer.dispose();
  return html;
}

/** Streams, and after every chunk the page is as if all of it had been written at once. */
function proveWritten(chunks: readonly string[], onlyEnd = false): void {
  const mount = document.createElement("div");
  const buffer = createBuffer();
  const writer = createAnswerWriter(mount);
  let text = "";
  for (const chunk of chunks) {
    text += chunk;
    buffer.chunks.push(chunk);
    buffer.length += chunk.length;
    writer.update(buffer, false);
    if (!onlyEnd) expectSame(mount.innerHTML, writtenAtOnce(text, false), chunks, text);
  }
  writer.update(buffer, true);
  expectSame(mount.innerHTML, writtenAtOnce(text, true), chunks, text);
  writer.dispose();
}

function expectSame(streamed: string, atOnce: string, chunks: readonly string[], text: string): void {
  if (streamed !== atOnce) expect({ chunks, text, html: streamed }).toEqual({ chunks, text, html: atOnce });
}

const isLong = process.env["HOLDFAST_LONG"] === "1";
/** Every so many of the examples; all of them in the long run. */
const STRIDE = isLong ? 1 : 20;

const examples = [...readCommonMarkExamples(), ...readGfmExamples(), ...readCmarkGfmAnswers()];

/** Seconds on a quiet machine. */
const TIMEOUT_MS = 120_000;

test(
  "after every character of an example the page is as if it had been written at once",
  { timeout: TIMEOUT_MS },
  () => {
    for (const [index, { markdown }] of examples.entries()) {
      if (index % STRIDE === 0) proveWritten(cutByCharacter(markdown));
    }
  },
);

test(
  "every example by words and by random pieces ends as if it had been written at once",
  { timeout: TIMEOUT_MS },
  () => {
    for (const [index, { markdown }] of examples.entries()) {
      if (index % Math.ceil(STRIDE / 4) !== 0) continue;
      proveWritten(cutByWord(markdown), true);
      proveWritten(cutAtRandom(markdown, index), true);
    }
  },
);

test(
  "any text by random pieces is in the page as if it had been written at once",
  { timeout: TIMEOUT_MS },
  () => {
    fc.assert(
      fc.property(productText, fc.integer(), (text, seed) => {
        proveWritten(cutAtRandom(text, seed));
      }),
      { numRuns: isLong ? 5_000 : 30 },
    );
  },
);

test("hundreds of blocks, so that groups are filled, by random pieces", { timeout: TIMEOUT_MS }, () => {
  const text = examples
    .slice(100, 200)
    .map(
      ({ markdown }) =>
        `> ${markdown.replaceAll("\n", "\n> ")}\n\ntext\n\n- ${markdown.replaceAll("\n", "\n  ")}\n\n`,
    )
    .join("");
  proveWritten(cutAtRandom(text, 7, 2_000));
});
