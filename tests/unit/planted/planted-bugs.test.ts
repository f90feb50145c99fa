import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { formatBug, parseBug, readBugs, type Bug } from "../../planted/bug.ts";
import { hunt, type Hunt } from "../../planted/hunt.ts";
import { renew } from "../../planted/plant.ts";
import { tempFolder } from "../../support/temp-folder.ts";

const SOURCE = `// Adds.
export function add(left: number, right: number): number {
  return left + right;
}
`;

/** Says what the real one says, of a source of three lines. */
const SIMULATION = `import { writeFileSync } from "node:fs";
import { add } from "../../src/add.ts";
const { argv } = process;
const runs = Number(argv[argv.indexOf("--runs") + 1]);
const violation = add(2, 2) === 4 ? null : { invariant: "S2", message: "2 + 2 is " + add(2, 2) };
writeFileSync(argv[argv.indexOf("--json") + 1], JSON.stringify({ runs: violation ? 3 : runs, violation }));
process.exitCode = violation ? 1 : 0;
`;

function project(simulation = SIMULATION): Hunt {
  const root = pathToFileURL(`${tempFolder()}/`);
  mkdirSync(new URL("src/", root));
  mkdirSync(new URL("tests/simulation/", root), { recursive: true });
  writeFileSync(new URL("package.json", root), '{ "type": "module" }');
  writeFileSync(new URL("src/add.ts", root), SOURCE);
  writeFileSync(new URL("tests/simulation/main.ts", root), simulation);
  return { project: root, copies: new URL("copies/", root), runs: 40, seed: 1, known: new Map() };
}

function bug(removed: string, added: string): Bug {
  const diff = `--- a/src/add.ts\n+++ b/src/add.ts\n@@ -2,2 +2,2 @@\n export function add(left: number, right: number): number {\n-${removed}\n+${added}\n`;
  return { name: "01-bug", title: "A bug", source: "a test", sees: "A wrong sum.", diff };
}

const sumIsADifference = bug("  return left + right;", "  return left - right;");

test("a planted bug is caught, by the invariant and after the schedules that the simulation names", async () => {
  const how = project();
  expect(await hunt(how, sumIsADifference)).toEqual({
    kind: "caught",
    by: "S2",
    runs: 3,
    message: "2 + 2 is 0",
  });
  expect(readFileSync(new URL("src/add.ts", how.project), "utf8")).toBe(SOURCE);
});

test("a bug that was caught before is looked for there first, and from the beginning when it is not seen there", async () => {
  // Seen in the fifth schedule, told alone, and after three of all.
  const at = SIMULATION.replace(
    "add(2, 2) === 4",
    'add(2, 2) === 4 || (argv.includes("--path") && argv[argv.indexOf("--path") + 1] !== "4")',
  );
  expect(at).not.toBe(SIMULATION);
  const after = async (known: number): Promise<number | undefined> => {
    const caught = await hunt({ ...project(at), known: new Map([["01-bug", known]]) }, sumIsADifference);
    return caught.kind === "caught" ? caught.runs : undefined;
  };
  expect(await after(5)).toBe(5);
  expect(await after(6)).toBe(3);
});

test("a patch that changes nothing that is seen is reported as missed", async () => {
  const comment = `--- a/src/add.ts\n+++ b/src/add.ts\n@@ -1,2 +1,2 @@\n-// Adds.\n+// Adds up.\n export function add(left: number, right: number): number {\n`;
  expect(await hunt(project(), { ...sumIsADifference, diff: comment })).toEqual({ kind: "missed", runs: 40 });
});

test("the control, without a bug, is missed", async () => {
  expect(await hunt(project(), undefined)).toEqual({ kind: "missed", runs: 40 });
});

test("a patch that does not apply is reported, with how to renew it", async () => {
  const outcome = await hunt(project(), bug("  return right + left;", "  return right - left;"));
  expect(outcome.kind).toBe("broken");
  expect(outcome).toHaveProperty("why", expect.stringContaining("npm run planted -- --renew"));
});

test("a simulation that breaks down is no catch", async () => {
  const outcome = await hunt(project("throw new Error('out of order');"), sumIsADifference);
  expect(outcome.kind).toBe("broken");
  expect(outcome).toHaveProperty("why", expect.stringContaining("out of order"));
});

test("a patch whose place has moved is renewed for the source as it is", () => {
  const how = project();
  writeFileSync(new URL("src/add.ts", how.project), `// A line more.\n\n${SOURCE}`);
  const renewed = parseBug("01-bug", renew(how.project, sumIsADifference));
  expect(renewed.diff).toContain("@@ -3,4 +3,4 @@");
  expect(renewed).toMatchObject({ title: "A bug", source: "a test", sees: "A wrong sum." });
});

test("a patch file says what it is", () => {
  expect(parseBug("01-bug", formatBug(sumIsADifference))).toEqual(sumIsADifference);
  expect(() => parseBug("01-bug", sumIsADifference.diff)).toThrow('no "title: …" line');
  expect(() => parseBug("01-bug", "title: A bug\n")).toThrow("no diff");
});

test("there are at least 24 planted bugs, and each is said in words of its own", () => {
  const bugs = readBugs(new URL("../../planted/bugs/", import.meta.url));
  expect(bugs.length).toBeGreaterThanOrEqual(24);
  expect(new Set(bugs.map((each) => each.title)).size).toBe(bugs.length);
});
