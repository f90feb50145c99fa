import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { expect, test } from "vitest";

// A rule that nothing breaks proves nothing: a pattern that silently matches no import passes as well.
const FIXTURES = "tests/fixtures/boundaries";
const fixtures = globSync(`${FIXTURES}/**/*.ts`).map((file) => relative(FIXTURES, file));

function lintFixtures(): ReadonlyMap<string, string> {
  const config: { ignorePatterns: string[] } = JSON.parse(readFileSync(".oxlintrc.json", "utf8"));
  config.ignorePatterns = [];
  mkdirSync(".cache", { recursive: true });
  writeFileSync(".cache/oxlint-fixtures.json", JSON.stringify(config));
  const done = spawnSync("oxlint", ["-c", ".cache/oxlint-fixtures.json", "--format", "json", FIXTURES], {
    encoding: "utf8",
    env: { ...process.env, PATH: `node_modules/.bin:${process.env["PATH"] ?? ""}` },
  });
  const report: { diagnostics: { filename: string; code?: string }[] } = JSON.parse(done.stdout);
  const found = new Map<string, string>();
  for (const { filename, code } of report.diagnostics) {
    if (code?.includes("no-restricted-imports")) found.set(relative(FIXTURES, filename), code);
  }
  return found;
}

const refused = lintFixtures();

test("there is a fixture for every folder that has an import rule", () => {
  const folders = new Set(fixtures.map((file) => file.split("/").slice(0, -1).join("/")));
  expect([...folders].toSorted()).toEqual([
    "server",
    ...[
      "api",
      "app",
      "backend",
      "markdown",
      "mocks",
      "persistence",
      "platform",
      "protocol",
      "state",
      "streaming",
      "ui",
    ].map((name) => `src/${name}`),
  ]);
});

test.each(fixtures)("lint refuses %s", (file) => {
  expect(refused.has(file)).toBe(true);
});

test("the core does not compile with DOM names or timers", () => {
  const done = spawnSync("tsc", ["-p", "tests/fixtures/no-dom"], {
    encoding: "utf8",
    env: { ...process.env, PATH: `node_modules/.bin:${process.env["PATH"] ?? ""}` },
  });
  expect(done.stdout).toContain("reads-document.ts");
  expect(done.stdout).toContain("Cannot find name 'document'");
  expect(done.stdout).toContain("Cannot find name 'setTimeout'");
});
