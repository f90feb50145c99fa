import { approvalRules } from "./approval-rules.ts";
import { createClient, type Client } from "./client.ts";
import { crashRules } from "./crash-rules.ts";
import { eventRules } from "./event-rules.ts";
import { extensionRules } from "./extension-rules.ts";
import { modelRules } from "./model-rules.ts";
import { refusalRules } from "./refusal-rules.ts";
import { NEEDS, NotApplicable, type Need, type RuleTest } from "./rule.ts";
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
  refusalRules,
  streamRules,
  streamStartRules,
  eventRules,
  extensionRules,
  crashRules,
  // Last: guessing passwords shuts the door for a while.
  signInRules,
];

/** `docs/PROTOCOL.md` as tests, in the order in which they may run. */
export function conformanceRules(): readonly RuleTest[] {
  const tests: RuleTest[] = [];
  for (const declare of RULE_SETS) {
    declare((name, run, needs = []) => {
      const head = /^((?:P(?:\d+|X)\.\d+[ ,]+)+)/.exec(name)?.[1];
      if (head === undefined) throw new Error(`"${name}" begins with no rule's number`);
      const numbers = head.split(/[ ,]+/).filter((number) => number !== "");
      tests.push({ name, numbers, sentence: name.slice(head.length), needs, run });
    });
  }
  return tests;
}

/**
 * Runs one test against `shared`, and against what `makeOwn` makes where it asks for more. Deletes what it left behind,
 * however it ended. Throws what failed, or {@link NotApplicable}.
 */
export async function runRule(test: RuleTest, shared: ConformanceTarget, makeOwn: MakeTarget): Promise<void> {
  const client = createClient(shared);
  const clients: Client[] = [client];
  const owned: ConformanceTarget[] = [];
  const without = (need: Need): never => {
    throw new NotApplicable(`needs ${NEEDS[need]}`);
  };
  try {
    await test.run({
      client,
      without,
      async own(options) {
        const target = await makeOwn(options);
        if (target === undefined) return without(options?.isSignedOut === true ? "password" : "alone");
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
}
