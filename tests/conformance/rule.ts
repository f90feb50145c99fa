import type { Client } from "./client.ts";
import type { TargetOptions } from "./target.ts";

/** What a URL alone cannot give a rule's test. */
export type Need = "alone" | "crash" | "restart" | "backup" | "password";

/** The words for it, for whoever runs the suite by URL. */
export const NEEDS: Readonly<Record<Need, string>> = {
  alone: "that nobody else uses the server meanwhile",
  crash: "a way to kill the server: --kill-command",
  restart: "a way to restart the server: --restart-command",
  backup: "ways to take and restore a backup: --backup-command and --restore-command",
  password: "a server with a password: --password-env",
};

/** What the test of a rule is given. */
export interface RuleContext {
  /** Speaks to the backend that all rules of a suite share. */
  readonly client: Client;
  /** A client of a backend that no other test uses; ends the test as not applicable where there can be none. */
  readonly own: (options?: TargetOptions) => Promise<Client>;
  /** Ends the test as not applicable: this backend can't show the rule. */
  readonly without: (need: Need) => never;
}

export interface RuleTest {
  /** Begins with the rule's number, or numbers divided by commas. */
  readonly name: string;
  /** `P3.2`, at least one. */
  readonly numbers: readonly string[];
  /** The name without its numbers. */
  readonly sentence: string;
  readonly needs: readonly Need[];
  readonly run: (context: RuleContext) => Promise<void>;
}

/** Declares the test of a rule. `needs`: without any, it shares a server with all the others at once. */
export type Rule = (name: string, run: RuleTest["run"], needs?: readonly Need[]) => void;

/** Thrown by a test that this backend gives no chance to. */
export class NotApplicable extends Error {
  override readonly name = "NotApplicable";
}
