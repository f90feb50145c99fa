import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../../", import.meta.url);
const text = readFileSync(new URL("docs/TRAPS.md", root), "utf8");
const traps = text.split(/^(?=\d+\. \*\*)/m).slice(1);

test("all eighteen traps are listed, each with a test", () => {
  expect(traps.map((trap) => Number.parseInt(trap, 10))).toEqual(
    Array.from({ length: 18 }, (_, index) => index + 1),
  );
  for (const trap of traps) expect(trap).toMatch(/- `tests\/[^`]+`: "/);
});

test("every test that a trap names is there", () => {
  const named = [...text.matchAll(/- `(tests\/[^`]+)`: "([^\n]+)"$/gm)].map((match) => [
    match[1] ?? "",
    match[2] ?? "",
  ]);
  expect(named.length).toBeGreaterThan(30);
  const missing = named.filter(([path = "", name = ""]) => {
    const file = new URL(path, root);
    // A formatter may break a long call, never its string.
    return !existsSync(file) || !readFileSync(file, "utf8").includes(name);
  });
  expect(missing).toEqual([]);
});
