import { afterAll, beforeAll, describe, test } from "vitest";
import { NotApplicable } from "./rule.ts";
import { conformanceRules, runRule } from "./rules.ts";
import type { ConformanceTarget, MakeTarget } from "./target.ts";

/** The whole suite as tests of this runner, against whatever `makeTarget` makes. Nothing but HTTP is used. */
export function conformanceSuite(label: string, makeTarget: MakeTarget): void {
  // Side by side: most of a test is waiting, and sessions must not disturb each other anyway.
  describe(label, { concurrent: true }, () => {
    let shared: ConformanceTarget | undefined;
    beforeAll(async () => {
      shared = await makeTarget();
    }, 30_000);
    afterAll(async () => {
      await shared?.close();
    }, 30_000);

    for (const rule of conformanceRules()) {
      test(rule.name, { timeout: 120_000 }, async ({ skip }) => {
        if (shared === undefined) throw new Error("there is no backend to test");
        try {
          await runRule(rule, shared, makeTarget);
        } catch (error) {
          if (error instanceof NotApplicable) skip(error.message);
          throw error;
        }
      });
    }
  });
}
