/** One thing that the suite asks an agent to do. */
export interface TestAgentPrompt {
  /** First word of a message, in lower case. */
  readonly word: string;
  readonly usage: string;
  /** What the agent does then; markdown, for docs/CONFORMANCE.md. */
  readonly contract: string;
}

/**
 * What the suite needs of an agent, and all that it ever sends to one: `client.call` refuses every other message that
 * a server accepts. Holdfast's built-in `demo` is one; another server offers its own and names it with `--agent`.
 */
export const TEST_AGENT_PROMPTS: readonly TestAgentPrompt[] = [
  {
    word: "echo",
    usage: "`echo TEXT`",
    contract:
      "One text part that is exactly `TEXT`: everything after `echo` and one white space character, in whatever pieces. Completes.",
  },
  {
    word: "count",
    usage: "`count N MS`",
    contract:
      "One text part: the numbers 1 to N in decimal, one space between two, one `text-delta` for each number (the space goes with the number behind it), MS milliseconds apart, 0 meaning as fast as it can. N is up to 30,000. Completes.",
  },
  {
    word: "long",
    usage: "`long KB`",
    contract: "Text of about KB × 1,024 ASCII characters, in pieces, within ten seconds. Completes.",
  },
  {
    word: "think",
    usage: "`think N`",
    contract:
      "A reasoning part of N deltas, each with some text, then a text part. Takes at least a tenth of a second. Completes.",
  },
  {
    word: "tools",
    usage: "`tools`",
    contract:
      "At least one tool call with a `name`, some live output by `tool-delta`, and its `tool-ended`; text around it as it likes. Completes within ten seconds.",
  },
  {
    word: "plan",
    usage: "`plan`",
    contract:
      "At least two `plan-updated`, the last of which has every entry `done`. Completes within ten seconds.",
  },
  {
    word: "approve",
    usage: "`approve`",
    contract:
      "Some text, then one approval with at least two options; waits for the answer without a time limit, goes on with whatever was chosen, completes.",
  },
  {
    word: "ask",
    usage: "`ask`",
    contract:
      "Some text, then one question, which on the wire is an approval with at least two options; completes once it is answered.",
  },
  {
    word: "fail",
    usage: "`fail`",
    contract: "Some text, then an error: the turn ends as `failed` with a code and a message.",
  },
];

const WORDS: ReadonlySet<string> = new Set(TEST_AGENT_PROMPTS.map((prompt) => prompt.word));

/** Whether the contract of the test agent covers `text`. */
export function isInContract(text: string): boolean {
  return WORDS.has(text.split(/\s/, 1)[0] ?? "");
}

/** What the agent answers to `count N`. */
export function countTo(last: number): string {
  return Array.from({ length: last }, (_, index) => String(index + 1)).join(" ");
}

/** A prompt whose answer goes on for longer than any test. */
export const ENDLESS = "count 20000 10";
