// @vitest-environment happy-dom
import * as fc from "fast-check";
import { expect, test, vi } from "vitest";
import { createTextRun, growTextRun, textRunLength, lastPiece } from "../../../src/ui/text-run.ts";

function piecesOf(parent: Element): string[] {
  return [...parent.childNodes].map((node) => node.textContent ?? "");
}

function put(text: string): { readonly parent: Element; readonly run: ReturnType<typeof createTextRun> } {
  const run = createTextRun(text);
  const parent = document.createElement("p");
  parent.append(...run.pieces);
  return { parent, run };
}

test("where a text is cut depends on the text alone, however it grew and was cut off", () => {
  const piece = fc.constantFrom(
    "word ",
    "x".repeat(700),
    "ab ".repeat(300),
    "👍🏽".repeat(200),
    "e\u0301".repeat(300),
    "\n",
  );
  fc.assert(
    fc.property(fc.array(fc.record({ text: piece, back: fc.nat(900) }), { maxLength: 14 }), (steps) => {
      const { parent, run } = put("");
      let whole = "";
      for (const { text, back } of steps) {
        const keep = Math.max(0, whole.length - back);
        whole = whole.slice(0, keep) + text;
        growTextRun(run, keep, text);
        expect(parent.textContent).toBe(whole);
        expect(textRunLength(run)).toBe(whole.length);
      }
      expect(piecesOf(parent)).toEqual(piecesOf(put(whole).parent));
    }),
    { numRuns: 200 },
  );
});

test("no piece is long, and none begins within a letter", () => {
  for (const text of [
    "x".repeat(20_000),
    "👩‍👩‍👧".repeat(2_000),
    "e\u0301".repeat(9_000),
    "word ".repeat(5_000),
    "\u0301".repeat(9_000),
  ]) {
    const pieces = piecesOf(put(text).parent);
    expect(pieces.join("")).toBe(text);
    for (const piece of pieces) {
      expect(piece.length).toBeLessThanOrEqual(4_000);
      expect(piece).not.toMatch(/^[\uDC00-\uDFFF]/);
    }
  }
  expect(piecesOf(put("👩‍👩‍👧".repeat(2_000)).parent).every((piece) => piece.startsWith("👩"))).toBe(true);
});

test("a growing text touches its last piece alone", () => {
  const { parent, run } = put("word ".repeat(1_000));
  const before = [...parent.childNodes];
  const last = before.at(-1);
  const text = last?.textContent ?? "";
  growTextRun(run, textRunLength(run), "more");
  expect([...parent.childNodes].slice(0, before.length)).toEqual(before);
  expect(last?.textContent).toBe(`${text}more`);
});

test("a text in which a selection ends is appended to: set anew it would drop that", () => {
  const { parent, run } = put("some words");
  document.body.append(parent);
  const node = lastPiece(run);
  const append = vi.spyOn(node, "appendData");
  growTextRun(run, textRunLength(run), " and more");
  expect(append).not.toHaveBeenCalled();
  document.getSelection()?.setBaseAndExtent(node, 2, node, 6);
  document.dispatchEvent(new Event("selectionchange"));
  growTextRun(run, textRunLength(run), " of them");
  expect(append).toHaveBeenCalledOnce();
  expect(node.data).toBe("some words and more of them");
  parent.remove();
});
