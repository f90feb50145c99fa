import { expect, test } from "vitest";
import { titleFromText } from "../../../src/protocol/session-title.ts";

test("a title is the first line with words, its spaces made one", () => {
  expect(titleFromText("\n  \n  How   do I\tstart? \nMore")).toBe("How do I start?");
});

test("a long line is cut at a word, and one without spaces where it must be", () => {
  expect(titleFromText("word ".repeat(30))).toBe(
    `${"word ".repeat(11).trim()} word`.slice(0, 54).trim() + "…",
  );
  expect(titleFromText("x".repeat(100))).toBe(`${"x".repeat(59)}…`);
});

test("a pair of surrogates is never cut in half", () => {
  const title = titleFromText(`${"x".repeat(58)}🎉🎉🎉`) ?? "";
  expect(title.isWellFormed()).toBe(true);
});

test("a message without words gives no title", () => {
  expect(titleFromText(" \n\t")).toBeUndefined();
});
