import type { ProtocolDocument } from "./protocol-document.ts";
import type { RuleResult } from "./run-rules.ts";

/** Of the numbers; three of them fit. */
const WIDTH = 18;

/** What the run found, rule by rule in the order of docs/PROTOCOL.md, with a closing line. */
export function textReport(
  results: readonly RuleResult[],
  document: ProtocolDocument,
  wallMs: number,
): string {
  const lines: string[] = [];
  let section = "";
  for (const result of inOrder(results, document)) {
    const [first = ""] = result.test.numbers;
    const rule = document.rules.find((other) => other.number === first);
    if (rule !== undefined && rule.section !== section) {
      section = rule.section;
      lines.push("", `PROTOCOL §${section}`, "");
    }
    lines.push(...resultLines(result, document));
  }
  return [...lines, "", ...closingLines(results, wallMs)].join("\n");
}

function resultLines({ test, outcome }: RuleResult, document: ProtocolDocument): string[] {
  const head = `  ${test.numbers.join(", ").padEnd(WIDTH)}`;
  switch (outcome.kind) {
    case "ok":
      return [`${head} ok      ${test.sentence}`];
    case "not-applicable":
      return [`${head} n/a     ${test.sentence}`, `${" ".repeat(WIDTH + 11)}not applicable: ${outcome.why}`];
    case "failed": {
      const rules = document.rules
        .filter((rule) => test.numbers.includes(rule.number))
        .map((rule) => `the rule: ${rule.text}`);
      const why = [...outcome.why.split("\n"), ...rules];
      return [`${head} FAILED  ${test.sentence}`, ...why.map((line) => `${" ".repeat(WIDTH + 11)}${line}`)];
    }
  }
}

/** Rules, not tests: one holds when all its tests that apply do. */
export interface Tally {
  readonly holding: readonly string[];
  readonly failing: readonly string[];
  readonly notApplicable: readonly string[];
}

export function tally(results: readonly RuleResult[]): Tally {
  const kinds = new Map<string, Set<RuleResult["outcome"]["kind"]>>();
  for (const { test, outcome } of results) {
    for (const number of test.numbers) {
      kinds.set(number, (kinds.get(number) ?? new Set<RuleResult["outcome"]["kind"]>()).add(outcome.kind));
    }
  }
  const numbers = [...kinds.keys()];
  const failing = numbers.filter((number) => kinds.get(number)?.has("failed") === true);
  const notFailing = numbers.filter((number) => !failing.includes(number));
  return {
    failing,
    holding: notFailing.filter((number) => kinds.get(number)?.has("ok") === true),
    notApplicable: notFailing.filter((number) => kinds.get(number)?.has("ok") !== true),
  };
}

function closingLines(results: readonly RuleResult[], wallMs: number): string[] {
  const { holding, failing, notApplicable } = tally(results);
  const skipped = results.filter((result) => result.outcome.kind === "not-applicable").length;
  const broken = failing.length === 0 ? "" : `; broken: ${failing.join(", ")}`;
  const lines = [
    `${holding.length} of ${holding.length + failing.length} rules hold${broken}` +
      ` (${results.length - skipped} tests, ${(wallMs / 1_000).toFixed(1)} s).`,
  ];
  if (skipped > 0) {
    const also = notApplicable.length === 0 ? "" : `, and with them the rules ${notApplicable.join(", ")}`;
    lines.push(`${skipped} tests do not apply here${also}: see "n/a" above for what they need.`);
  }
  return lines;
}

/** By the place of a test's first rule in the document; tests of one rule stay as they were declared. */
function inOrder(results: readonly RuleResult[], document: ProtocolDocument): readonly RuleResult[] {
  const places = new Map(document.rules.map((rule, index) => [rule.number, index]));
  const place = (result: RuleResult): number => places.get(result.test.numbers[0] ?? "") ?? -1;
  return results.toSorted((a, b) => place(a) - place(b));
}

/** The same for programs: `docs/CONFORMANCE.md` describes its fields. */
export function jsonReport(
  results: readonly RuleResult[],
  document: ProtocolDocument,
  facts: Readonly<Record<string, string | number>>,
): string {
  const { holding, failing, notApplicable } = tally(results);
  const tests = inOrder(results, document).map(({ test, outcome, ms }) => ({
    rules: test.numbers,
    sentence: test.sentence,
    outcome: outcome.kind,
    ...(outcome.kind === "ok" ? {} : { why: outcome.why }),
    ms,
  }));
  return `${JSON.stringify({ ...facts, holding, failing, notApplicable, tests }, undefined, 2)}\n`;
}
