import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

export interface SpecExample {
  /** The number that the specification prints beside it. */
  readonly number: number;
  readonly section: string;
  readonly markdown: string;
  readonly html: string;
}

const FENCE = "`".repeat(32);

/** Examples as they stand in a `spec.txt`: Markdown, a line with a dot, HTML; `→` is a tab. */
function parseExamples(spec: string): readonly SpecExample[] {
  const pattern = new RegExp(
    String.raw`^${FENCE} example(?: [^\n]*)?\n([\s\S]*?)^\.\n([\s\S]*?)^${FENCE}$|^#{1,6} +(.*)$`,
    "gm",
  );
  const withTabs = (text: string | undefined): string => (text ?? "").replaceAll("→", "\t");
  const examples: SpecExample[] = [];
  let section = "";
  let number = 0;
  for (const [, markdown, html, heading] of spec.matchAll(pattern)) {
    if (heading !== undefined) {
      section = heading;
      // A fixture with a part of the examples says where the count goes on.
      const from = /^(.*) \(from (\d+)\)$/.exec(heading);
      if (from === null) continue;
      section = from[1] ?? "";
      number = Number(from[2]) - 1;
      continue;
    }
    number += 1;
    examples.push({ number, section, markdown: withTabs(markdown), html: withTabs(html) });
  }
  return examples;
}

/** All 652 of CommonMark 0.31.2, from the package of its authors. */
export function readCommonMarkExamples(): readonly SpecExample[] {
  const path = createRequire(import.meta.url).resolve("commonmark-spec/spec.txt");
  const spec = readFileSync(path, "utf8");
  return parseExamples(spec.slice(0, spec.indexOf("<!-- END TESTS -->")));
}

/** Those of GFM 0.29 that CommonMark doesn't have. */
export function readGfmExamples(): readonly SpecExample[] {
  return parseExamples(readFileSync(join(import.meta.dirname, "gfm-examples.txt"), "utf8"));
}

/** Questions of ours to cmark-gfm with its answers: footnotes, and what the extensions' examples don't ask. */
export function readCmarkGfmAnswers(): readonly SpecExample[] {
  return parseExamples(readFileSync(join(import.meta.dirname, "cmark-gfm-answers.txt"), "utf8"));
}
