import type { Ability, EngineName } from "./fault-browser.ts";
import type { Stage } from "./stage.ts";

/**
 * One row of the table in docs/RELIABILITY.md, run in every engine that can show it.
 * The runner takes every `Scenario` (or array of them) that a file of `scenarios/` exports:
 * `npx playwright test --project=faults-firefox -g "^11 "`.
 */
export interface Scenario {
  /** Stable, with a letter where one fault is provoked in two ways: "11", "23a". */
  readonly id: string;
  /** The fault and what must hold, as the report prints it. */
  readonly title: string;
  /** Default: none. */
  readonly needs?: readonly Ability[];
  /** Why it means nothing in an engine, beyond missing abilities. */
  readonly notIn?: Partial<Record<EngineName, string>>;
  /** Takes minutes by its nature (eight minutes hidden): only `npm run test:long` runs it. */
  readonly isLong?: boolean;
  /** What the whole scenario may take, the work of driving its windows included; says nothing of the product. Default 60 s. Unit: ms. */
  readonly limitMs?: number;
  /** Environment of the server, beside the defaults of the stage. */
  readonly serverEnv?: Readonly<Record<string, string>>;
  /**
   * Provokes the fault, ends it, and looks at what is special to it. The invariant of all (transcript equals log, no draft
   * lost, no send doubled, indicator truthful) is looked at afterwards by the runner, for every tab and session of the stage.
   */
  run(stage: Stage): Promise<void>;
}
