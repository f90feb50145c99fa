import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { PROBLEM_STATUS as PRODUCT_STATUS } from "../../src/protocol/problems.ts";
import { withTables } from "./docs-tables.ts";
import { readProtocolDocument } from "./protocol-document.ts";
import { NEEDS } from "./rule.ts";
import { conformanceRules } from "./rules.ts";
import { PROBLEM_STATUS } from "./wire-answers.ts";
import { WRONG_SERVERS } from "./wrong-servers.ts";

const file = fileURLToPath(new URL("../../docs/CONFORMANCE.md", import.meta.url));

// npx vitest run tests/conformance/docs.test.ts -u writes the tables anew.
test("the tables of docs/CONFORMANCE.md are those of what is run", async () => {
  await expect(withTables(readFileSync(file, "utf8"))).toMatchFileSnapshot(file);
});

test("docs/CONFORMANCE.md names every need and every option that meets it", () => {
  const text = readFileSync(file, "utf8");
  for (const [need, words] of Object.entries(NEEDS)) {
    expect(text).toContain(`\`${need}\``);
    for (const [option] of words.matchAll(/--[a-z-]+/g)) expect(text).toContain(option);
  }
});

test("the codes of PX.5, of the suite and of the product are the same", () => {
  const documented = Object.fromEntries(readProtocolDocument().problems);
  expect(PROBLEM_STATUS).toEqual(documented);
  expect(PRODUCT_STATUS).toEqual(documented);
});

test("the rules of a section stand in the order of their numbers", () => {
  const { rules } = readProtocolDocument();
  expect(rules.length).toBeGreaterThan(110);
  for (const [index, rule] of rules.slice(1).entries()) {
    const before = rules[index];
    const [, section, number] = /^(P.+)\.(\d+)$/.exec(rule.number) ?? [];
    if (before?.number.startsWith(`${section}.`) !== true) expect(number).toBe("1");
    else expect(before.number).toBe(`${section}.${Number(number) - 1}`);
  }
});

test("the suite imports nothing of the product", () => {
  const judging = conformanceRules().length;
  expect(judging).toBeGreaterThan(100);
  const files = import.meta.glob<string>(
    ["./*.ts", "../support/sse-reader.ts", "!./*.test.ts", "!./mock-target.ts"],
    {
      query: "?raw",
      import: "default",
      eager: true,
    },
  );
  const guilty = Object.entries(files).filter(([, text]) =>
    /(?:from|import|import\() ?"(?:\.\.\/)+(?:src|server)\//.test(text),
  );
  expect(guilty.map(([name]) => name)).toEqual([]);
  expect(Object.keys(files)).toContain("./stream-reading.ts");
});

test("every wrong server names a rule that there is", () => {
  const numbers = new Set(conformanceRules().flatMap((rule) => rule.numbers));
  expect(WRONG_SERVERS.filter((server) => !numbers.has(server.rule))).toEqual([]);
});
