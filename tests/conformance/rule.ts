import type { Client } from "./client.ts";
import type { TargetOptions } from "./target.ts";

/** What the test of a rule is given. */
export interface RuleContext {
  /** Speaks to the backend that all rules of a suite share. */
  readonly client: Client;
  /** A client of a fresh backend of this test's own; skips the test where there can be none. */
  readonly own: (options?: TargetOptions) => Promise<Client>;
  /** Ends the test as skipped: this backend can't show the rule. */
  readonly skip: (why: string) => never;
}

/** Declares the test of a rule; its name begins with the rule's number, or numbers divided by commas. */
export type Rule = (name: string, run: (context: RuleContext) => Promise<void>) => void;
