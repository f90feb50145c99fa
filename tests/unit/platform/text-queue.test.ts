import { expect, test } from "vitest";
import { createTextQueue, type TextWork } from "../../../src/platform/text-queue.ts";
import { createRecordingReporter } from "../persistence/browser-fakes.ts";

function setUp() {
  let nowMs = 1_000;
  const reporter = createRecordingReporter();
  const queue = createTextQueue({ nowMs: () => nowMs, reporter });
  const ran: string[] = [];
  /** A text that is written to its end in each frame, of which the layout costs so much. */
  const writeFrames = (frames: number, layoutMs: number, isLong = true): number => {
    const before = ran.length;
    for (let at = 0; at < frames; at += 1) {
      nowMs += 16;
      queue.add("grown", () => {
        ran.push("grown");
        return isLong ? "long" : true;
      });
      queue.beginFrame();
      queue.run();
      nowMs += layoutMs;
      queue.endFrame();
    }
    return ran.length - before;
  };
  return {
    queue,
    reporter,
    ran,
    writeFrames,
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

test("a text without a long block is written in each frame, whatever its layout costs", () => {
  const { writeFrames } = setUp();
  expect(writeFrames(5, 1)).toBe(5);
  expect(writeFrames(20, 60, false)).toBe(20);
});

test("a text that is no dearer than others is written in each frame", () => {
  const { writeFrames } = setUp();
  expect(writeFrames(20, 4)).toBe(20);
  expect(writeFrames(20, 4.9)).toBe(20);
});

test("a text whose layout costs more and more is written the more seldom, and waits no longer than that", () => {
  const { queue, writeFrames, pass, ran } = setUp();
  writeFrames(5, 1);
  // The middle of the last five; then 24 × 2 ms, in frames of 16 ms and the layout.
  writeFrames(4, 3);
  expect(writeFrames(8, 3)).toBe(3);
  writeFrames(80, 21);
  expect(writeFrames(90, 21)).toBe(6);
  expect(queue.pauseMs()).toBeGreaterThan(0);
  expect(queue.pauseMs()).toBeLessThanOrEqual(24 * 20);
  const before = ran.length;
  pass(24 * 20);
  expect(queue.pauseMs()).toBe(0);
  queue.run();
  expect(ran.length).toBe(before + 1);
});

test("a layout that takes very long is waited for no longer than a second, or four times as long", () => {
  const { queue, writeFrames } = setUp();
  writeFrames(5, 0);
  for (const [costMs, mostMs] of [
    [200, 1_000],
    [400, 1_600],
  ] as const) {
    while (writeFrames(1, costMs) === 0);
    for (let at = 0; at < 5; at += 1) while (writeFrames(1, costMs) === 0);
    queue.add("grown", () => "long");
    expect(queue.pauseMs()).toBe(mostMs);
  }
});

test("a single long frame makes nothing wait", () => {
  const { writeFrames } = setUp();
  expect(writeFrames(10, 1)).toBe(10);
  expect(writeFrames(1, 60)).toBe(1);
  expect(writeFrames(10, 1)).toBe(10);
});

test("what is behind is caught up with in each frame, whatever its layout costs", () => {
  const { queue, frame, pass, ran, work } = setUp();
  queue.add("cheap", work("cheap", 1, 0));
  frame();
  queue.endFrame();
  queue.add("behind", work("behind", 40, 6));
  for (let at = 0; at < 20; at += 1) {
    frame();
    pass(30);
    queue.endFrame();
  }
  expect(ran.filter((name) => name === "behind").length).toBe(20);
});

test("another text waits for nothing that one has cost", () => {
  const { queue, writeFrames, frame, ran, work } = setUp();
  writeFrames(5, 1);
  writeFrames(20, 50);
  queue.add("new", work("new", 1, 1));
  frame();
  expect(ran.at(-1)).toBe("new");
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
