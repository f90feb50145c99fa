/**
 * Answers the questions of tests/support/markdown/cmark-gfm-answers.txt anew, so that the tests need no cmark-gfm:
 *
 *     apt-get install cmark-gfm && node scripts/ask-cmark-gfm.ts
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../tests/support/markdown/cmark-gfm-answers.txt", import.meta.url);
const fence = "`".repeat(32);
const extensions = ["footnotes", "table", "strikethrough", "autolink", "tasklist"];

function answer(markdown: string): string {
  const options = extensions.flatMap((name) => ["-e", name]);
  return execFileSync("cmark-gfm", ["--unsafe", ...options], { input: markdown, encoding: "utf8" });
}

const example = new RegExp(String.raw`^(${fence} example\n)([\s\S]*?)^\.\n[\s\S]*?^${fence}$`, "gm");

const answered = readFileSync(file, "utf8").replaceAll(
  example,
  (_, head: string, question: string) =>
    `${head}${question}.\n${answer(question.replaceAll("→", "\t")).replaceAll("\t", "→")}${fence}`,
);
writeFileSync(file, answered);
