import { expect, test } from "vitest";
import { createTextFinder } from "../../../src/protocol/text-search.ts";

const found = (query: string, text: string): readonly string[] =>
  createTextFinder(query)
    .spans(text)
    .map(({ start, end }) => text.slice(start, end));

test("upper and lower case are alike, in every script", () => {
  expect(found("straße", "Straße STRASSE")).toEqual(["Straße"]);
  expect(found("ÉTÉ", "été Été")).toEqual(["été", "Été"]);
  // A letter that becomes two when it is lower-cased moves nothing that comes after it.
  expect(found("x", "İİİ x")).toEqual(["x"]);
});

test("any white space is like any other, and what means something in an expression means itself", () => {
  expect(found(" red\tfox ", "a red\n  fox")).toEqual(["red\n  fox"]);
  expect(found("f.x(1)*", "fox f.x(1)* ")).toEqual(["f.x(1)*"]);
  expect(found("a-b/c|d", "a-b/c|d")).toEqual(["a-b/c|d"]);
  expect(found("\u{1F600}", "x\u{1F600}y")).toEqual(["\u{1F600}"]);
  expect(found("  ", "a  b")).toEqual([]);
});

test("occurrences don't overlap", () => {
  expect(createTextFinder("aa").count("aaaaa")).toBe(2);
});
