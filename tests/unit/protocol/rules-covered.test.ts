import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

const document = read("docs/PROTOCOL.md");
const [rulesText = "", elsewhereText = ""] = document.split("## 6. Rules tested elsewhere");

const RULE = /\*\*(P(?:\d+|X)\.\d+)\*\*/g;
const NAME = /P(?:\d+|X)\.\d+/g;

const rules = [...rulesText.matchAll(RULE)].map((match) => match[1] ?? "");
const elsewhere = new Set(
  elsewhereText
    .split("\n")
    .filter((line) => line.startsWith("| P"))
    .flatMap((line) => line.split("|")[1]?.match(NAME) ?? []),
);

/** The numbers with which the names of the suite's tests begin. */
const tested = new Set(
  readdirSync(new URL("tests/conformance/", root))
    .filter((name) => name.endsWith("-rules.ts"))
    .flatMap((name) => [
      ...read(`tests/conformance/${name}`).matchAll(/\brule\(\s*"((?:P(?:\d+|X)\.\d+[ ,]+)+)/g),
    ])
    .flatMap((match) => match[1]?.match(NAME) ?? []),
);

test("no rule has two texts", () => {
  expect(rules.filter((rule, index) => rules.indexOf(rule) !== index)).toEqual([]);
  expect(rules.length).toBeGreaterThan(90);
});

test("every rule has a test in the suite, or a place where it is tested instead", () => {
  expect(rules.filter((rule) => !tested.has(rule) && !elsewhere.has(rule))).toEqual([]);
});

test("no test and no reference names a rule that there is not", () => {
  expect([...tested, ...elsewhere].filter((rule) => !rules.includes(rule))).toEqual([]);
});
