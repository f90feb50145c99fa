// @vitest-environment happy-dom
import { beforeEach, expect, test } from "vitest";
import { paintLine } from "../../../../../src/ui/markdown/code/paint-line.ts";
import { packToken, TOKEN_KINDS } from "../../../../../src/ui/markdown/code/token-kinds.ts";

const tokens = (...pairs: [number, (typeof TOKEN_KINDS)[number]][]): Uint16Array =>
  Uint16Array.from(pairs.map(([start, kind]) => packToken(start, TOKEN_KINDS.indexOf(kind))));

let chunk: HTMLElement;

beforeEach(() => {
  document.body.replaceChildren();
  chunk = document.createElement("span");
  chunk.append("before\n", "let a = 1;\n", "after\n");
  document.body.append(chunk);
  document.getSelection()?.removeAllRanges();
});

const line = (): Text => chunk.childNodes[1] as Text;
const COLORS = tokens([0, "keyword"], [3, "text"], [8, "number"], [9, "text"]);

test("the text stays what it is, with its line end", () => {
  const before = chunk.textContent;
  expect(paintLine(line(), COLORS)).toBe(true);
  expect(chunk.textContent).toBe(before);
  expect([...chunk.querySelectorAll("span")].map((span) => [span.className, span.textContent])).toEqual([
    ["tok-keyword", "let"],
    ["tok-number", "1"],
  ]);
});

test("a line without a token, and one that was taken out, are left alone", () => {
  expect(paintLine(line(), tokens())).toBe(true);
  const gone = line();
  gone.remove();
  expect(paintLine(gone, COLORS)).toBe(true);
  expect(chunk.querySelector("span")).toBeNull();
});

test("a line in which a selection begins or ends waits; one within a selection does not", () => {
  const node = line();
  const selection = document.getSelection();
  selection?.setBaseAndExtent(node, 2, chunk.lastChild ?? node, 1);
  expect(paintLine(node, COLORS)).toBe(false);
  expect(chunk.childNodes[1]).toBe(node);
  selection?.setBaseAndExtent(chunk.firstChild ?? node, 0, chunk.lastChild ?? node, 1);
  const selected = selection?.toString();
  expect(paintLine(node, COLORS)).toBe(true);
  expect(document.getSelection()?.toString()).toBe(selected);
});

test("a selection by child numbers waits too: they would change", () => {
  const node = line();
  document.getSelection()?.setBaseAndExtent(chunk, 1, chunk, 2);
  expect(paintLine(node, COLORS)).toBe(false);
});
