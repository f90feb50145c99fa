import { afterAll, beforeAll, describe, test } from "vitest";
import { approvalRules } from "./approval-rules.ts";
import { createClient, type Client } from "./client.ts";
import { crashRules } from "./crash-rules.ts";
import { eventRules } from "./event-rules.ts";
import { extensionRules } from "./extension-rules.ts";
import { modelRules } from "./model-rules.ts";
import { refusalRules } from "./refusal-rules.ts";
import type { Rule } from "./rule.ts";
import { sessionRules } from "./session-rules.ts";
import { signInRules } from "./sign-in-rules.ts";
import { snapshotRules } from "./snapshot-rules.ts";
import { stopRules } from "./stop-rules.ts";
import { streamRules } from "./stream-rules.ts";
import { streamStartRules } from "./stream-start-rules.ts";
import type { ConformanceTarget, MakeTarget } from "./target.ts";
import { turnRules } from "./turn-rules.ts";

const RULE_SETS = [
  modelRules,
  sessionRules,
  snapshotRules,
  turnRules,
  stopRules,
  approvalRules,
  signInRules,
  refusalRules,
  streamRules,
  streamStartRules,
  eventRules,
  crashRules,
  extensionRules,
];

/** docs/PROTOCOL.md as tests, against whatever `makeTarget` makes. Nothing but HTTP is used. */
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

    const rule: Rule = (name, run) => {
      test(name, { timeout: 120_000 }, async ({ skip }) => {
        if (shared === undefined) throw new Error("there is no backend to test");
        const clients: Client[] = [createClient(shared)];
        const owned: ConformanceTarget[] = [];
        const client = clients[0];
        if (client === undefined) return;
        try {
          await run({
            client,
            skip,
            async own(options) {
              const target = await makeTarget(options);
              if (target === undefined) return skip("this backend can't be made so");
              owned.push(target);
              const other = createClient(target);
              clients.push(other);
              return other;
            },
          });
        } finally {
          for (const used of clients) await used.cleanUp();
          for (const target of owned) await target.close();
        }
      });
    };
    for (const rules of RULE_SETS) rules(rule);
  });
}
