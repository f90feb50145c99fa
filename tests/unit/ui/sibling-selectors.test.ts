import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** `a + *` and `a ~ *`: whatever stands behind something else. */
const ANY_SIBLING = /[+~]\s*\*/;

// Chromium keeps such a rule for every parent of the page: a group of turns that was put in above had all below it styled anew,
// 10 ms of 1,300 elements.
test("no rule of the page is for any element that follows another", () => {
  const files = globSync("src/ui/**/*.css");
  expect(files.length).toBeGreaterThan(5);
  const found = files.flatMap((file) => {
    const rules = readFileSync(file, "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "");
    return [...rules.matchAll(/[^{};]+(?=\{)/g)].flatMap(([selector]) =>
      ANY_SIBLING.test(selector) ? [`${file}: ${selector.trim()}`] : [],
    );
  });
  expect(found).toEqual([]);
});
