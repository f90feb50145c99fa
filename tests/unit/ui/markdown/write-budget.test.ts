// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { createBuffer } from "../../../../src/protocol/conversation.ts";
import { createAnswerWriter, type AnswerWriter } from "../../../../src/ui/markdown/answer-writer.ts";
import { createWriteBudget, type WriteBudget } from "../../../../src/ui/markdown/write-budget.ts";
import { renderWhole } from "./writer-harness.ts";

const still = { now: () => 0, setTimer: () => () => undefined };

function createFrames() {
  const asked: (() => void)[] = [];
  return {
    request: (run: () => void) => void asked.push(run),
    /** Runs what was asked for. Answers how many runs that were. */
    pass(): number {
      const due = asked.splice(0);
      for (const run of due) run();
      return due.length;
    },
  };
}

function writerOf(
  budget: WriteBudget,
  text: string,
): { writer: AnswerWriter; mount: HTMLElement; readonly update: () => void } {
  const mount = document.createElement("div");
  const writer = createAnswerWriter(mount, still, budget);
  const buffer = createBuffer(text);
  return { writer, mount, update: () => writer.update(buffer, true) };
}

const PARAGRAPHS = Array.from({ length: 40 }, (_, index) => `paragraph **${index}** of\r\nmany\n\n`).join("");

test("a long text comes in over several frames and looks as if it had been written at once", () => {
  const frames = createFrames();
  const { mount, update } = writerOf(createWriteBudget(frames.request, 100), PARAGRAPHS);
  update();
  expect(mount.textContent?.length).toBeLessThan(110);
  let count = 0;
  while (frames.pass() > 0) count += 1;
  expect(count).toBeGreaterThan(10);
  expect(mount.innerHTML).toBe(renderWhole(PARAGRAPHS).innerHTML);
});

test("all answers of a frame share one budget, and the last to come is the first to be finished", () => {
  const frames = createFrames();
  const budget = createWriteBudget(frames.request, 10);
  const all = ["first text", "second one", "third text"].map((text) => writerOf(budget, text));
  for (const { update } of all) update();
  const texts = (): (string | null)[] => all.map(({ mount }) => mount.textContent);
  expect(texts()).toEqual(["first text", "", ""]);
  frames.pass();
  expect(texts()).toEqual(["first text", "", "third text"]);
  frames.pass();
  expect(texts()).toEqual(["first text", "second one", "third text"]);
});

test("an answer that is taken away while it waits writes nothing", () => {
  const frames = createFrames();
  const { writer, mount, update } = writerOf(createWriteBudget(frames.request, 5), "more than five");
  update();
  writer.dispose();
  frames.pass();
  expect(mount.textContent).toBe("");
});

test("no frame is asked for while nothing is written", () => {
  const frames = createFrames();
  const { update } = writerOf(createWriteBudget(frames.request, 100), "short");
  update();
  expect(frames.pass()).toBe(1);
  expect(frames.pass()).toBe(0);
});
