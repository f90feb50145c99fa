import { expect, test } from "vitest";
import { parseCodeInfo } from "../../../../../src/ui/markdown/code/code-info.ts";

test.each([
  ["", undefined, undefined, ""],
  ["ts", "ts", undefined, "TypeScript"],
  ["TypeScript", "typescript", undefined, "TypeScript"],
  ["zig", "zig", undefined, "zig"],
  ["c++", "c++", undefined, "C++"],
  ['ts title="src/a b.ts"', "ts", "src/a b.ts", "src/a b.ts"],
  ["ts title='a.ts' {1,3}", "ts", "a.ts", "a.ts"],
  ["js filename=lib/x.js", "js", "lib/x.js", "lib/x.js"],
  ["src/a.ts", "ts", "src/a.ts", "src/a.ts"],
  ["include/list.h", "c", "include/list.h", "include/list.h"],
  ["docker/Dockerfile", "dockerfile", "docker/Dockerfile", "docker/Dockerfile"],
  ["ts:src/a.ts", "ts", "src/a.ts", "src/a.ts"],
  ["12:40:src/a.rs", "rs", "src/a.rs", "src/a.rs"],
  ["diff a.patch", "diff", "a.patch", "a.patch"],
  ["js {1,3-4} showLineNumbers", "js", undefined, "JavaScript"],
  ["{.python .numberLines}", "python", undefined, "Python"],
  ["{r}", "r", undefined, "R"],
  ["https://example.org/a.ts", undefined, undefined, ""],
  ["<img/onerror=alert(1)>", undefined, undefined, ""],
  ["__proto__", undefined, undefined, ""],
])("reads %j", (info, language, fileName, label) => {
  expect(parseCodeInfo(info)).toEqual({ language, fileName, label });
});

test("a name is never longer than a header can bear", () => {
  expect(parseCodeInfo(`ts title="${"a/".repeat(5_000)}b.ts"`).label).toHaveLength(200);
});
