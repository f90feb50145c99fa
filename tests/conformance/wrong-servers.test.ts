import { describe, expect, test } from "vitest";
import { makeMockTarget } from "./mock-target.ts";
import { NotApplicable } from "./rule.ts";
import { conformanceRules, runRule } from "./rules.ts";
import { explain } from "./run-rules.ts";
import type { ConformanceTarget, MakeTarget } from "./target.ts";
import type { Wrong, WrongServer } from "./wrong-server.ts";
import { WRONG_SERVERS } from "./wrong-servers.ts";

// A suite that cannot fail proves nothing. Each of these servers is wrong in one thing; the rule that says so must
// fail, and say that it does for that reason.

/** How long a test waits for what never comes. Unit: ms. */
const PATIENCE_MS = 3_000;

function makerOf({ wrong, disk, isSilent }: WrongServer): MakeTarget {
  return async (options) => {
    const target = await makeMockTarget(options, disk);
    if (target === undefined) return undefined;
    return Object.assign<ConformanceTarget, Partial<ConformanceTarget>>(target, {
      ...(isSilent === true ? { patienceMs: PATIENCE_MS } : {}),
      fetch: fetchOf(target.fetch.bind(target), wrong),
    });
  };
}

function fetchOf(next: ConformanceTarget["fetch"], wrong: Wrong): ConformanceTarget["fetch"] {
  return (request) => wrong(request, next);
}

/** What the tests of the rule say of a server, up to the one that says what it should: one text for each that failed. */
async function failuresOf(server: WrongServer): Promise<string[]> {
  const make = makerOf(server);
  const shared = await make();
  if (shared === undefined) throw new Error("the mock can always be made");
  const failures: string[] = [];
  try {
    for (const tested of conformanceRules().filter((other) => other.numbers.includes(server.rule))) {
      try {
        await runRule(tested, shared, make);
      } catch (error) {
        if (error instanceof NotApplicable) continue;
        failures.push(explain(error));
        if (server.says.test(explain(error))) break;
      }
    }
  } finally {
    await shared.close();
  }
  return failures;
}

describe("the suite finds the server that", { concurrent: true }, () => {
  for (const server of WRONG_SERVERS) {
    test(`${server.does} (${server.rule})`, { timeout: 60_000 }, async ({ expect }) => {
      const failures = await failuresOf(server);
      expect(failures.join("\n")).toMatch(server.says);
    });
  }
});

test("no two wrong servers are wrong in the same", () => {
  const all = WRONG_SERVERS.map((server) => server.does);
  expect(new Set(all).size).toBe(all.length);
  expect(all.length).toBeGreaterThan(40);
});
