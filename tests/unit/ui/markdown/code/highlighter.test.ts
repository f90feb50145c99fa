import { expect, test } from "vitest";
import type {
  HighlightAnswer,
  HighlightRequest,
} from "../../../../../src/ui/markdown/code/highlight-messages.ts";
import { createHighlightService } from "../../../../../src/ui/markdown/code/highlight-service.ts";
import type { HighlightWorkerEvents } from "../../../../../src/ui/markdown/code/highlight-worker-port.ts";
import { createHighlighter, type HighlightHandle } from "../../../../../src/ui/markdown/code/highlighter.ts";
import { ManualTimers } from "./manual-timers.ts";

interface FakeWorker {
  readonly requests: HighlightRequest[];
  readonly events: HighlightWorkerEvents;
  isClosed: boolean;
}

interface Harness {
  readonly workers: FakeWorker[];
  readonly timers: ManualTimers;
  attach(
    language: string,
    lines: string[],
    isWanted?: boolean,
  ): { handle: HighlightHandle; told: [number, number[]][] };
  last(): FakeWorker;
  answer(message: HighlightAnswer): void;
}

function createHarness(): Harness {
  const workers: FakeWorker[] = [];
  const timers = new ManualTimers();
  const highlighter = createHighlighter({
    openWorker(events) {
      const worker: FakeWorker = { requests: [], events, isClosed: false };
      workers.push(worker);
      return {
        post: (request) => worker.requests.push(request),
        close: () => (worker.isClosed = true),
      };
    },
    setTimer: (delayMs, run) => timers.set(delayMs, run),
  });
  const last = (): FakeWorker =>
    workers.at(-1) ?? { requests: [], events: { onAnswer() {}, onFailure() {} }, isClosed: true };
  return {
    workers,
    timers,
    last,
    answer: (message) => last().events.onAnswer(message),
    attach(language, lines, isWanted = true) {
      const told: [number, number[]][] = [];
      const handle = highlighter.attach({
        language,
        lineCount: () => lines.length,
        line: (index) => lines[index] ?? "",
        receive: (index, tokens) => told.push([index, [...tokens]]),
      });
      if (isWanted) handle.setWanted(true);
      return { handle, told };
    },
  };
}

const ready = (language: string): HighlightAnswer => ({ kind: "loaded", language, outcome: "ready" });
const tokensOf = (block: number, ...flat: number[]): HighlightAnswer => ({
  kind: "tokens",
  block,
  tokens: Uint16Array.from(flat),
});

test("a grammar is fetched once, and lines are sent in order, each once", () => {
  const harness = createHarness();
  const lines = ["a", "b"];
  const { handle, told } = harness.attach("ts", lines);
  handle.wake();
  expect(harness.last().requests).toEqual([{ kind: "load", language: "ts" }]);
  harness.answer(ready("ts"));
  expect(harness.last().requests.at(-1)).toMatchObject({ isFirst: true, lines: ["a", "b"] });
  lines.push("c");
  handle.wake();
  expect(harness.last().requests).toHaveLength(2);
  harness.answer(tokensOf(1, 1, 19, 0));
  expect(told).toEqual([
    [0, [19]],
    [1, []],
  ]);
  expect(harness.last().requests.at(-1)).toMatchObject({ isFirst: false, lines: ["c"] });
});

test("what is out of sight waits, and the latest block comes first", () => {
  const harness = createHarness();
  const far = harness.attach("ts", ["far"], false);
  harness.attach("ts", ["first"]);
  harness.attach("ts", ["second"]);
  harness.answer(ready("ts"));
  expect(harness.last().requests.at(-1)).toMatchObject({ lines: ["second"] });
  harness.answer(tokensOf(3, 0));
  expect(harness.last().requests.at(-1)).toMatchObject({ lines: ["first"] });
  harness.answer(tokensOf(2, 0));
  far.handle.wake();
  expect(harness.last().requests.filter(({ kind }) => kind === "tokenize")).toHaveLength(2);
  far.handle.setWanted(true);
  expect(harness.last().requests.at(-1)).toMatchObject({ lines: ["far"] });
});

test.each(["unknown", "failed"] as const)(
  "a language that is %s stays plain, and the others go on",
  (outcome) => {
    const harness = createHarness();
    const { told } = harness.attach("klingon", ["qapla"]);
    harness.answer({ kind: "loaded", language: "klingon", outcome });
    harness.attach("klingon", ["again"]);
    expect(harness.last().requests.filter(({ kind }) => kind === "load")).toHaveLength(1);
    harness.attach("ts", ["a"]);
    harness.answer(ready("ts"));
    harness.answer(tokensOf(3, 0));
    expect(told).toEqual([]);
  },
);

test("a pattern that runs away costs its language the colours, and the other blocks nothing", () => {
  const harness = createHarness();
  const long = Array.from({ length: 100 }, (_, index) => `line ${index}`);
  const good = harness.attach("ts", long);
  harness.answer(ready("ts"));
  harness.answer(tokensOf(1, ...Array.from({ length: 64 }, () => 0)));
  const bad = harness.attach("bad", ["((((("]);
  harness.answer(tokensOf(1, ...Array.from({ length: 36 }, () => 0)));
  harness.answer(ready("bad"));
  long.push("one more");
  harness.timers.advance(10_000);
  expect(harness.workers[0]?.isClosed).toBe(true);
  expect(harness.workers).toHaveLength(2);
  harness.answer(ready("ts"));
  // The new worker doesn't know the block; its lines are sent anew, and those that have their colours aren't told again.
  harness.answer({ kind: "lost", block: 1 });
  expect(harness.last().requests.at(-1)).toMatchObject({ isFirst: true, language: "ts" });
  harness.answer(tokensOf(1, ...Array.from({ length: 64 }, () => 0)));
  harness.answer(tokensOf(1, ...Array.from({ length: 37 }, () => 0)));
  expect(good.told.map(([index]) => index)).toEqual(Array.from({ length: 101 }, (_, index) => index));
  expect(bad.told).toEqual([]);
  expect(
    harness.last().requests.some((request) => request.kind === "load" && request.language === "bad"),
  ).toBe(false);
});

test("a worker that can't be had is given up, and nothing is thrown", () => {
  const timers = new ManualTimers();
  let tries = 0;
  const highlighter = createHighlighter({
    openWorker() {
      tries += 1;
      throw new TypeError("refused");
    },
    setTimer: (delayMs, run) => timers.set(delayMs, run),
  });
  const handle = highlighter.attach({
    language: "ts",
    lineCount: () => 1,
    line: () => "a",
    receive: () => undefined,
  });
  handle.setWanted(true);
  handle.wake();
  expect(tries).toBe(1);
});

test("a worker with nothing to do goes, and comes back", () => {
  const harness = createHarness();
  const lines = ["a"];
  const { handle, told } = harness.attach("ts", lines);
  harness.answer(ready("ts"));
  harness.answer(tokensOf(1, 0));
  harness.timers.advance(120_000);
  expect(harness.workers[0]?.isClosed).toBe(true);
  lines.push("b");
  handle.wake();
  harness.answer(ready("ts"));
  harness.answer({ kind: "lost", block: 1 });
  harness.answer(tokensOf(1, 0, 0));
  expect(told.map(([index]) => index)).toEqual([0, 1]);
});

test("a block that goes is forgotten, its last answer too", () => {
  const harness = createHarness();
  const { handle, told } = harness.attach("ts", ["a"]);
  harness.answer(ready("ts"));
  handle.dispose();
  handle.dispose();
  harness.answer(tokensOf(1, 0));
  expect(told).toEqual([]);
  expect(harness.last().requests.filter(({ kind }) => kind === "forget")).toHaveLength(1);
});

test("the worker's side tells tokens of a block it knows, and asks for the beginning of one it doesn't", async () => {
  const answers: HighlightAnswer[] = [];
  const service = createHighlightService((message) => answers.push(message));
  await service.handle({ kind: "load", language: "nonsense" });
  await service.handle({ kind: "load", language: "json" });
  await service.handle({ kind: "tokenize", block: 1, language: "json", isFirst: false, lines: ["1"] });
  await service.handle({ kind: "tokenize", block: 1, language: "json", isFirst: true, lines: ["[1,", "2]"] });
  await service.handle({ kind: "forget", block: 1 });
  await service.handle({ kind: "tokenize", block: 1, language: "json", isFirst: false, lines: ["1"] });
  expect(answers.map(({ kind }) => kind)).toEqual(["loaded", "loaded", "lost", "tokens", "lost"]);
  expect(answers.slice(0, 2)).toEqual([
    { kind: "loaded", language: "nonsense", outcome: "unknown" },
    { kind: "loaded", language: "json", outcome: "ready" },
  ]);
});
