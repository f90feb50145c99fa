import { expect, test } from "vitest";
import { createTextQueue, type TextWork } from "../../../src/platform/text-queue.ts";
import { createRecordingReporter } from "../persistence/browser-fakes.ts";

function setUp() {
  let nowMs = 1_000;
  const reporter = createRecordingReporter();
  const queue = createTextQueue({ nowMs: () => nowMs, reporter });
  const ran: string[] = [];
  return {
    queue,
    reporter,
    ran,
    pass: (ms: number) => void (nowMs += ms),
    frame: (): void => {
      nowMs += 16;
      queue.beginFrame();
      queue.run();
    },
    /** Takes `stepMs` a step, as long as there is time. */
    work: (name: string, steps: number, stepMs: number): TextWork => {
      let left = steps;
      return (hasTime) => {
        do {
          left -= 1;
          nowMs += stepMs;
          ran.push(name);
        } while (left > 0 && hasTime());
        return left === 0;
      };
    },
  };
}

test("work that is longer than a frame's time goes on in the next frame", () => {
  const { queue, frame, ran, work } = setUp();
  queue.add("a", work("a", 7, 2));
  frame();
  expect(ran.length).toBe(3);
  expect(queue.pauseMs()).toBe(0);
  frame();
  frame();
  expect(ran.length).toBe(7);
  expect(queue.pauseMs()).toBeUndefined();
});

test("all works of a frame share its time, and whoever asked last comes first", () => {
  const { queue, frame, ran, work } = setUp();
  for (const name of ["a", "b", "c", "d"]) queue.add(name, work(name, 1, 3));
  frame();
  expect(ran).toEqual(["d", "c"]);
  frame();
  expect(ran).toEqual(["d", "c", "b", "a"]);
});

test("what was begun is finished before what waits longer", () => {
  const { queue, frame, ran, work } = setUp();
  queue.add("a", work("a", 2, 3));
  queue.add("b", work("b", 3, 3));
  frame();
  frame();
  expect(ran).toEqual(["b", "b", "b", "a"]);
});

test("within one frame's length the time that was spent stays spent, and afterwards there is new", () => {
  const { queue, pass, ran, work } = setUp();
  queue.add("a", work("a", 1, 6));
  queue.run();
  queue.add("b", work("b", 1, 6));
  queue.run();
  expect(ran).toEqual(["a"]);
  pass(10);
  queue.run();
  expect(ran).toEqual(["a", "b"]);
});

test("work that takes long in one go waits four times as long, and is not lost", () => {
  const { queue, frame, pass, ran, work } = setUp();
  queue.add("a", work("a", 2, 20));
  frame();
  expect(ran).toEqual(["a"]);
  expect(queue.pauseMs()).toBe(80);
  pass(60);
  frame();
  expect(ran).toEqual(["a"]);
  queue.add("b", work("b", 1, 1));
  expect(queue.pauseMs()).toBe(0);
  frame();
  expect(ran).toEqual(["a", "b", "a"]);
  expect(queue.pauseMs()).toBeUndefined();
});

test("work that fails is told of and not tried again, and the others go on", () => {
  const { queue, frame, ran, work, reporter } = setUp();
  queue.add("a", work("a", 1, 1));
  queue.add("b", () => {
    throw new Error("broken");
  });
  frame();
  expect(ran).toEqual(["a"]);
  expect(reporter.warnings).toHaveLength(1);
  expect(queue.pauseMs()).toBeUndefined();
});

test("work that is asked for again while it runs is run again with what is new", () => {
  const { queue, frame, ran, work } = setUp();
  queue.add("a", () => {
    queue.add("a", work("second", 1, 1));
    return true;
  });
  frame();
  expect(ran).toEqual([]);
  frame();
  expect(ran).toEqual(["second"]);
});

test("what is taken back is not run, unless it was replaced since", () => {
  const { queue, frame, ran, work } = setUp();
  const takeBack = queue.add("a", work("first", 1, 1));
  queue.add("a", work("second", 1, 1));
  takeBack();
  queue.add("b", work("b", 1, 1))();
  frame();
  expect(ran).toEqual(["second"]);
});
