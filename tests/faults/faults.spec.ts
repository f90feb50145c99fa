import { test as base } from "@playwright/test";
import { allScenarios } from "./all-scenarios.ts";
import { openBrowser, whyMissing } from "./engines.ts";
import type { Ability, EngineName, FaultBrowser } from "./fault-browser.ts";
import { openStage } from "./open-stage.ts";
import {
  ENGINE_ANNOTATION,
  NOTE_ANNOTATION,
  OUTCOME_ANNOTATION,
  SCENARIO_ANNOTATION,
} from "./row-annotations.ts";
import type { Scenario } from "./scenario.ts";
import { whyLeftOut } from "./short-run.ts";

/** What these need leaves a browser behind that is not as it was. */
const SPOILING: ReadonlySet<Ability> = new Set(["crash", "kill", "suspend", "lose-storage"]);

const LONG_LIMIT_MS = 15 * 60_000;

/** One browser for many scenarios; a new one after a scenario that spoils it, or fails. */
interface Loan {
  take(): Promise<FaultBrowser>;
  drop(): Promise<void>;
}

// oxlint-disable-next-line typescript/no-empty-object-type -- Playwright's own type for "no fixtures of this scope"
const test = base.extend<{}, { engine: EngineName; loan: Loan }>({
  engine: ["chromium", { option: true, scope: "worker" }],
  loan: [
    async ({ engine }, use) => {
      let browser: FaultBrowser | undefined;
      const drop = async (): Promise<void> => {
        const old = browser;
        browser = undefined;
        await old?.close();
      };
      await use({
        drop,
        async take() {
          return (browser ??= await openBrowser(engine));
        },
      });
      await drop();
    },
    { scope: "worker" },
  ],
});

for (const scenario of await allScenarios()) {
  test(`${scenario.id} ${scenario.title}`, async ({ engine, loan }, info) => {
    const annotate = (type: string, description: string): void =>
      void info.annotations.push({ type, description });
    annotate(ENGINE_ANNOTATION, engine);
    annotate(SCENARIO_ANNOTATION, JSON.stringify({ id: scenario.id, title: scenario.title }));
    const missing = whyMissing(engine);
    const isLong = scenario.isLong === true;
    if (missing !== undefined) annotate(OUTCOME_ANNOTATION, "not-run");
    test.skip(missing !== undefined, missing);
    const notHere = scenario.notIn?.[engine];
    if (notHere !== undefined) annotate(OUTCOME_ANNOTATION, "not-applicable");
    test.skip(notHere !== undefined, notHere);
    const leftOut = whyLeftOut(scenario.id, engine, isLong);
    if (leftOut !== undefined) annotate(OUTCOME_ANNOTATION, "not-run");
    test.skip(leftOut !== undefined, leftOut);
    const limitMs = isLong ? LONG_LIMIT_MS : scenario.limitMs;
    if (limitMs !== undefined) test.setTimeout(limitMs);

    const browser = await loan.take();
    const unable = whyUnable(browser, scenario);
    if (unable !== undefined) annotate(OUTCOME_ANNOTATION, "not-applicable");
    test.skip(unable !== undefined, unable);

    const stage = await openStage(browser, scenario.serverEnv);
    let hasPassed = false;
    try {
      await scenario.run(stage);
      await stage.verify();
      hasPassed = true;
    } finally {
      for (const figure of stage.notes) annotate(NOTE_ANNOTATION, figure);
      await stage.close();
      if (!hasPassed || scenario.needs?.some((ability) => SPOILING.has(ability)) === true) await loan.drop();
    }
  });
}

function whyUnable(browser: FaultBrowser, scenario: Scenario): string | undefined {
  for (const ability of scenario.needs ?? []) {
    const why = browser.whyNot(ability);
    if (why !== undefined) return why;
  }
  return undefined;
}
