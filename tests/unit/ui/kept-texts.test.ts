import { expect, test } from "vitest";
import { createBuffer } from "../../../src/protocol/conversation.ts";
import { createKeptTexts, type KeptTexts } from "../../../src/ui/kept-texts.ts";

interface FakeText {
  readonly name: string;
  dispose(): void;
}

const disposed: string[] = [];
const tasks: (() => void)[] = [];
const text = (name: string): FakeText => ({ name, dispose: () => void disposed.push(name) });

function createKept(maxChars: number): KeptTexts<FakeText> {
  disposed.length = 0;
  tasks.length = 0;
  return createKeptTexts<FakeText>({ maxChars, later: (run) => void tasks.push(run) });
}

test("what was made of a buffer is handed back once, and of no other buffer, were it of the same words", () => {
  const kept = createKept(10_000);
  const buffer = createBuffer("the same words");
  kept.keep(buffer, text("a"));
  expect(kept.take(createBuffer("the same words"))).toBeUndefined();
  expect(kept.take(buffer)?.name).toBe("a");
  expect(kept.take(buffer)).toBeUndefined();
  expect([disposed, tasks]).toEqual([[], []]);
});

test("what has no room is let go, the oldest first, one text in each task", () => {
  const kept = createKept(10_000);
  const buffers = Array.from({ length: 4 }, () => createBuffer("x".repeat(3_500)));
  for (const [at, buffer] of buffers.entries()) kept.keep(buffer, text(String(at)));
  expect([disposed, tasks.length]).toEqual([[], 1]);
  tasks.shift()?.();
  expect([disposed, tasks.length]).toEqual([["0"], 1]);
  tasks.shift()?.();
  expect([disposed, tasks.length]).toEqual([["0", "1"], 0]);
  expect(kept.take(buffers[0] ?? createBuffer())).toBeUndefined();
  expect(kept.take(buffers[2] ?? createBuffer())?.name).toBe("2");
  kept.keep(buffers[1] ?? createBuffer(), text("1 again"));
  expect([kept.take(buffers[3] ?? createBuffer())?.name, disposed]).toEqual(["3", ["0", "1"]]);
});

test("one that is larger than all room is let go, and the others stay", () => {
  const kept = createKept(10_000);
  const small = createBuffer("small");
  kept.keep(small, text("small"));
  const large = createBuffer("x".repeat(20_000));
  kept.keep(large, text("large"));
  tasks.shift()?.();
  expect([kept.take(small)?.name, kept.take(large), disposed]).toEqual(["small", undefined, ["large"]]);
});

test("many short texts are bounded as well", () => {
  const kept = createKept(10_000);
  for (let at = 0; at < 100; at += 1) kept.keep(createBuffer(), text(String(at)));
  for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) task();
  expect(disposed.length).toBe(90);
});
