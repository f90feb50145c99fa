import { DEMO_CODE, DEMO_MARKDOWN, DEMO_SHOWCASE, DEMO_WORDS, longMarkdown } from "./demo-texts.ts";
import type { AgentEvent, AgentQuestion } from "./ports.ts";

/** One step of a script. The answer to `ask` is what the generator's `yield` returns. */
export type DemoStep =
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "say"; readonly event: AgentEvent }
  | { readonly kind: "ask"; readonly question: AgentQuestion };

type Script = Generator<DemoStep, void, string>;

interface DemoScript {
  readonly usage: string;
  readonly about: string;
  /** Whether its answer is text and nothing else, so that it can be gone on with. */
  readonly isTextOnly: boolean;
  play(args: readonly string[], prompt: string): Script;
}

const DEFAULT_STEP_MS = 30;
const MAX_STEPS = 100_000;
const MAX_LONG_KB = 4_096;

const SCRIPTS: Readonly<Record<string, DemoScript>> = {
  help: { usage: "help", about: "this list", isTextOnly: true, play: () => stream(helpText()) },
  count: {
    usage: "count N [MS]",
    about: "counts to N, one number per MS milliseconds",
    isTextOnly: true,
    play: ([count, ms]) => countTo(amount(count, 10), delay(ms)),
  },
  words: {
    usage: "words N [MS]",
    about: "N words, every tenth with its number",
    isTextOnly: true,
    play: ([count, ms]) => words(amount(count, 100), delay(ms)),
  },
  markdown: {
    usage: "markdown",
    about: "headings, lists, a table, a quote",
    isTextOnly: true,
    play: () => stream(DEMO_MARKDOWN),
  },
  code: {
    usage: "code",
    about: "code in several languages",
    isTextOnly: true,
    play: () => stream(DEMO_CODE),
  },
  showcase: {
    usage: "showcase",
    about: "code, formulas, a table, a diagram and footnotes",
    isTextOnly: true,
    play: () => stream(DEMO_SHOWCASE),
  },
  long: {
    usage: "long [KB]",
    about: "an answer of that size",
    isTextOnly: true,
    play: ([kb]) => stream(longMarkdown(Math.min(amount(kb, 64), MAX_LONG_KB)), 256, 5),
  },
  echo: {
    usage: "echo TEXT",
    about: "says it back",
    isTextOnly: true,
    play: (_args, prompt) => stream(prompt.replace(/^\s*echo\s?/i, "")),
  },
  slow: { usage: "slow", about: "long pauses between sentences", isTextOnly: true, play: slow },
  fail: { usage: "fail", about: "half an answer, then an error", isTextOnly: true, play: fail },
  think: {
    usage: "think [N]",
    about: "reasoning of N steps, then an answer",
    isTextOnly: false,
    play: ([steps]) => think(amount(steps, 5)),
  },
  tools: { usage: "tools", about: "tool calls with live output", isTextOnly: false, play: tools },
  plan: { usage: "plan", about: "a plan that is worked through and changed", isTextOnly: false, play: plan },
  approve: { usage: "approve", about: "asks before it runs a tool", isTextOnly: false, play: approve },
  ask: { usage: "ask", about: "asks you a question", isTextOnly: false, play: ask },
};

/** What the prompt plays. Playing it twice gives the same. */
export function demoScript(prompt: string): Script {
  const [name = "", ...args] = prompt.trim().split(/\s+/);
  return find(name)?.play(args, prompt) ?? stream(greeting(prompt));
}

export function isTextOnly(prompt: string): boolean {
  return find(prompt.trim().split(/\s+/, 1)[0] ?? "")?.isTextOnly ?? true;
}

function find(name: string): DemoScript | undefined {
  const key = name.toLowerCase();
  return Object.hasOwn(SCRIPTS, key) ? SCRIPTS[key] : undefined;
}

function helpText(): string {
  const rows = Object.values(SCRIPTS).map((script) => `- \`${script.usage}\` – ${script.about}`);
  return `I am the **demo agent**. The first word of a message chooses what I play:\n\n${rows.join("\n")}\n\nAnything else gets a short answer.\n`;
}

function greeting(prompt: string): string {
  const line = prompt.trim().split("\n", 1)[0] ?? "";
  const quoted = line.length > 200 ? `${line.slice(0, 199)}…` : line;
  return `Hello! I am the **demo agent**, built in so that you can try everything without a model. You wrote:\n\n> ${quoted}\n\nSend \`help\` to see what I can play.\n`;
}

function amount(text: string | undefined, fallback: number): number {
  const value = text !== undefined && /^\d+$/.test(text) ? Number(text) : fallback;
  return Math.min(MAX_STEPS, Math.max(1, value));
}

function delay(text: string | undefined): number {
  return text !== undefined && /^\d+$/.test(text) ? Math.min(60_000, Number(text)) : DEFAULT_STEP_MS;
}

function wait(ms: number): DemoStep {
  return { kind: "wait", ms };
}

function say(event: AgentEvent): DemoStep {
  return { kind: "say", event };
}

function text(delta: string): DemoStep {
  return say({ type: "text", part: "answer", delta });
}

/** A text in pieces of a few words. */
function* stream(whole: string, chars = 12, ms = DEFAULT_STEP_MS): Script {
  for (const piece of pieces(whole, chars)) {
    yield wait(ms);
    yield text(piece);
  }
}

function pieces(whole: string, chars: number): string[] {
  const found: string[] = [];
  let piece = "";
  for (const character of whole) {
    piece += character;
    if (piece.length >= chars && (character === " " || character === "\n")) {
      found.push(piece);
      piece = "";
    }
  }
  if (piece !== "") found.push(piece);
  return found;
}

function* countTo(count: number, ms: number): Script {
  for (let number = 1; number <= count; number += 1) {
    yield wait(ms);
    yield text(number === 1 ? "1" : ` ${number}`);
  }
}

function* words(count: number, ms: number): Script {
  for (let index = 0; index < count; index += 1) {
    const word = DEMO_WORDS[(index * 7 + 3) % DEMO_WORDS.length] ?? "word";
    const marked = (index + 1) % 10 === 0 ? `${word} [${index + 1}]` : word;
    yield wait(ms);
    yield text(index === 0 ? marked : ` ${marked}`);
  }
}

function* slow(): Script {
  const sentences = [
    "Let me take my time. ",
    "A pause is not the end. ",
    "The line is quiet, and still open. ",
    "Done.",
  ];
  for (const [index, sentence] of sentences.entries()) {
    yield wait(index === 0 ? 1_000 : 5_000);
    yield* stream(sentence);
  }
}

function* fail(): Script {
  yield* stream("This answer begins well, and then ");
  yield wait(200);
  yield say({
    type: "error",
    error: {
      code: "demo-failure",
      message: "The demo agent failed, as it was asked to. Send something else.",
    },
  });
}

function* think(steps: number): Script {
  for (let step = 1; step <= steps; step += 1) {
    yield wait(150);
    yield say({
      type: "reasoning",
      part: "thoughts",
      delta: `Step ${step}: I weigh what I know of step ${step}.\n`,
    });
  }
  yield* stream(`I thought about it in ${steps} steps, and this is my answer.`);
  yield say({ type: "usage", usage: { inputTokens: 8, outputTokens: 12, reasoningTokens: steps * 10 } });
}

function* tools(): Script {
  yield* stream("Let me look at the files.\n\n");
  yield say({
    type: "tool-started",
    part: "list",
    name: "list_files",
    title: "List files",
    kind: "read",
    input: { path: "." },
  });
  for (const file of ["README.md\n", "package.json\n", "src/main.ts\n"]) {
    yield wait(200);
    yield say({ type: "tool-output", part: "list", delta: file });
  }
  yield say({ type: "tool-ended", part: "list", status: "complete", output: { count: 3 } });
  const input = { command: "npm test" };
  yield say({
    type: "tool-started",
    part: "test",
    name: "run_command",
    title: "Run the tests",
    kind: "execute",
    input,
  });
  for (let test = 1; test <= 5; test += 1) {
    yield wait(200);
    yield say({ type: "tool-output", part: "test", delta: `ok ${test} - works\n` });
  }
  yield say({ type: "tool-ended", part: "test", status: "complete", output: { exitCode: 0 } });
  yield say({
    type: "tool-started",
    part: "fetch",
    name: "fetch_page",
    title: "Fetch a page",
    kind: "fetch",
    input: { page: 1 },
  });
  yield wait(300);
  yield say({
    type: "tool-ended",
    part: "fetch",
    status: "failed",
    output: { error: "The page is not there." },
  });
  yield* stream("Three files, five tests that pass, and one page that I could not fetch.");
}

function* plan(): Script {
  const entries = ["Read the question", "Find the facts", "Write the answer"];
  yield* planSteps(entries, 0);
  yield* stream("I found one more thing to do.\n\n");
  yield* planSteps([...entries, "Check the answer"], 1);
  yield* stream("All steps are done.");
}

/** Works through `entries` from `first` on; the plan is told anew at each step. */
function* planSteps(entries: readonly string[], first: number): Script {
  const last = first === 0 ? 1 : entries.length;
  for (let active = first; active <= last; active += 1) {
    const at = active;
    const statusOf = (index: number) => (index < at ? "done" : index === at ? "active" : "pending");
    const told = entries.map(
      (entry, index) => ({ text: entry, status: statusOf(index), priority: "medium" }) as const,
    );
    yield say({ type: "plan", entries: told });
    yield wait(400);
  }
}

function* approve(): Script {
  yield* stream("I would like to delete the cache.\n\n");
  const input = { path: "cache" };
  yield say({
    type: "tool-started",
    part: "delete",
    name: "delete_folder",
    title: "Delete the cache",
    kind: "delete",
    input,
  });
  const option: string = yield {
    kind: "ask",
    question: {
      id: "delete",
      part: "delete",
      prompt: "May I delete the folder “cache”?",
      options: [
        { id: "allow", label: "Allow", kind: "allow" },
        { id: "deny", label: "Deny", kind: "deny" },
      ],
    },
  };
  if (option === "allow") {
    yield wait(200);
    yield say({ type: "tool-output", part: "delete", delta: "removed 12 files\n" });
    yield say({ type: "tool-ended", part: "delete", status: "complete", output: { removed: 12 } });
    yield* stream("The cache is gone.");
  } else {
    yield say({ type: "tool-ended", part: "delete", status: "denied" });
    yield* stream("Then I leave the cache as it is.");
  }
}

function* ask(): Script {
  yield* stream("One question first.\n\n");
  const options = ["Tea", "Coffee", "Water"].map((label) => ({
    id: label.toLowerCase(),
    label,
    kind: "answer",
  }));
  const option: string = yield {
    kind: "ask",
    question: { id: "drink", prompt: "What would you like to drink?", options },
  };
  yield* stream(`A good choice: ${option}.`);
}
