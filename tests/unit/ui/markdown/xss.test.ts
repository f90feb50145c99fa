// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { decodeFullReference } from "../../../../src/markdown/full-references.ts";
import { createBuffer } from "../../../../src/protocol/conversation.ts";
import { createAnswerWriter } from "../../../../src/ui/markdown/answer-writer.ts";
import { fillCodeHeader } from "../../../../src/ui/markdown/code/code-header.ts";
import { parseCodeInfo } from "../../../../src/ui/markdown/code/code-info.ts";
import { NO_DECORATIONS, type Decorations } from "../../../../src/ui/markdown/decorations.ts";
import { renderMath } from "../../../../src/ui/markdown/math/render-math.ts";
import { showMath } from "../../../../src/ui/markdown/math/show-math.ts";
import { cutAtRandom } from "../../../support/markdown/chunkings.ts";
import { findHarm } from "../../../support/markdown/harmless.ts";
import { EVIL_ADDRESSES, EVIL_MARKUP, PLACES } from "../../../support/markdown/xss-payloads.ts";

const PAYLOADS = [...EVIL_ADDRESSES, ...EVIL_MARKUP];

/** Every so many of the payloads, others in each place; all of them everywhere in the long run. */
const STRIDE = process.env["HOLDFAST_LONG"] === "1" ? 1 : 13;

/** Seconds on a quiet machine. */
const TIMEOUT_MS = 120_000;

/** What the page adds to an answer, without its waiting: headers of code, and formulas set at once. */
const DECORATIONS: Decorations = {
  ...NO_DECORATIONS,
  decorateCode: (view) => ({
    linesClosed: () => undefined,
    dispose: fillCodeHeader(view, parseCodeInfo(view.info), { isOn: () => false, set: () => undefined }),
  }),
  decorateMath(element, tex, isDisplay) {
    showMath(element, tex, isDisplay, renderMath(tex, isDisplay));
    return () => undefined;
  },
};

/** Writes it in random chunks and looks for harm after some of them and at the end. */
function harmOf(text: string, seed: number): readonly string[] {
  const mount = document.createElement("div");
  const buffer = createBuffer();
  const writer = createAnswerWriter(mount, {
    decorations: DECORATIONS,
    decodeReference: decodeFullReference,
  });
  const pieces = cutAtRandom(text, seed, 40);
  const harm: string[] = [];
  for (const [index, piece] of pieces.entries()) {
    buffer.chunks.push(piece);
    buffer.length += piece.length;
    writer.update(buffer, false);
    if (index === seed % pieces.length) harm.push(...findHarm(mount));
  }
  writer.update(buffer, true);
  harm.push(...findHarm(mount));
  writer.dispose();
  return harm;
}

test("there are payloads of every kind", () => {
  expect(EVIL_ADDRESSES.length).toBeGreaterThan(140);
  expect(EVIL_MARKUP.length).toBeGreaterThan(650);
  expect(Object.keys(PLACES).length).toBe(13);
});

test.for(Object.entries(PLACES))("no payload does harm as %s", { timeout: TIMEOUT_MS }, ([place, put]) => {
  const harmful: Record<string, readonly string[]> = {};
  for (const [index, payload] of PAYLOADS.entries()) {
    if ((index + place.length) % STRIDE !== 0) continue;
    const text = put(payload);
    const harm = harmOf(text, index * 31 + place.length);
    if (harm.length > 0) harmful[text] = harm;
  }
  expect(harmful).toEqual({});
});
