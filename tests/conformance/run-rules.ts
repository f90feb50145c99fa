import { isWithin } from "./options.ts";
import { NotApplicable, type RuleTest } from "./rule.ts";
import { runRule } from "./rules.ts";
import type { ConformanceTarget, MakeTarget } from "./target.ts";

export type Outcome =
  | { readonly kind: "ok" }
  | { readonly kind: "failed"; readonly why: string }
  | { readonly kind: "not-applicable"; readonly why: string };

export interface RuleResult {
  readonly test: RuleTest;
  readonly outcome: Outcome;
  readonly ms: number;
}

/** Most of a test is waiting; more than this and a small server is measured for speed. */
const AT_ONCE = 12;

/** No test waits longer. Unit: ms. */
const LIMIT_MS = 120_000;

/** The tests of the rules that `only` names; every test when it names none. */
export function chosen(tests: readonly RuleTest[], only: readonly string[]): readonly RuleTest[] {
  if (only.length === 0) return tests;
  return tests.filter((test) => test.numbers.some((number) => only.some((item) => isWithin(number, item))));
}

/** Runs those that can share side by side, then the others one by one. Never rejects for what a server does. */
export async function runRules(
  tests: readonly RuleTest[],
  shared: ConformanceTarget,
  makeOwn: MakeTarget,
  onResult: (result: RuleResult) => void,
): Promise<readonly RuleResult[]> {
  const results: RuleResult[] = [];
  const runNext = async (waiting: RuleTest[]): Promise<void> => {
    for (let test = waiting.shift(); test !== undefined; test = waiting.shift()) {
      const result = await runOne(test, shared, makeOwn);
      results.push(result);
      onResult(result);
    }
  };
  const together = tests.filter((test) => test.needs.length === 0);
  await Promise.all(Array.from({ length: AT_ONCE }, () => runNext(together)));
  await runNext(tests.filter((test) => test.needs.length > 0));
  return results;
}

async function runOne(test: RuleTest, shared: ConformanceTarget, makeOwn: MakeTarget): Promise<RuleResult> {
  const beganAtMs = performance.now();
  const outcome = await withLimit(runRule(test, shared, makeOwn)).then(
    (): Outcome => ({ kind: "ok" }),
    (error: unknown): Outcome =>
      error instanceof NotApplicable
        ? { kind: "not-applicable", why: error.message }
        : { kind: "failed", why: explain(error) },
  );
  return { test, outcome, ms: Math.round(performance.now() - beganAtMs) };
}

function withLimit(running: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`it was not over after ${LIMIT_MS / 1_000} s`)), LIMIT_MS);
  });
  return Promise.race([running, limit]).finally(() => clearTimeout(timer));
}

/** What an assertion expected and what it got, or an error in its own words. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const expected: unknown = Reflect.get(error, "expected");
  const actual: unknown = Reflect.get(error, "actual");
  const lines = [error.message, ...causeOf(error)];
  if (expected !== undefined) lines.push(`expected: ${shown(expected)}`);
  if (actual !== undefined) lines.push(`actual:   ${shown(actual)}`);
  return lines.join("\n");
}

function causeOf(error: Error): string[] {
  return error.cause instanceof Error ? [error.cause.message] : [];
}

function shown(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  return text.length > 400 ? `${text.slice(0, 399)}…` : text;
}
