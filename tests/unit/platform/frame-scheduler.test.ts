import { expect, test } from "vitest";
import { createFrameScheduler } from "../../../src/platform/frame-scheduler.ts";
import { createFakePage, createRecordingReporter } from "../persistence/browser-fakes.ts";
import { createManualClock } from "../../support/manual-clock.ts";

function setUp() {
  const page = createFakePage();
  const clock = createManualClock();
  const reporter = createRecordingReporter();
  const frames = new Set<() => void>();
  let asked = 0;
  let afterFrame = (): void => undefined;
  const scheduler = createFrameScheduler({
    page,
    clock,
    reporter,
    requestFrame(run) {
      asked += 1;
      frames.add(run);
      return () => frames.delete(run);
    },
    afterFrame(run) {
      afterFrame = run;
    },
  });
  const frame = (): void => {
    const due = [...frames];
    frames.clear();
    for (const run of due) run();
  };
  const ran: string[] = [];
  const paint = (what: string) => () => void ran.push(what);
  return {
    page,
    clock,
    reporter,
    scheduler,
    frame,
    ran,
    paint,
    /** The browser lays the frame out, and paints it. */
    layOut: (ms: number) => {
      clock.advance(ms);
      afterFrame();
    },
    asked: () => asked,
    waiting: () => frames.size,
  };
}

test("many changes of one key are one paint, the last one, in one frame for all keys", () => {
  const { scheduler, frame, ran, paint, asked } = setUp();
  scheduler.schedule("a", paint("a1"));
  scheduler.schedule("a", paint("a2"));
  scheduler.schedule("b", paint("b"));
  expect(ran).toEqual([]);
  frame();
  expect(ran).toEqual(["a2", "b"]);
  expect(asked()).toBe(1);
  frame();
  expect(ran).toEqual(["a2", "b"]);
});

test("a window that gets no frames paints after 250 ms", () => {
  const { scheduler, clock, frame, ran, paint } = setUp();
  scheduler.schedule("a", paint("a"));
  clock.advance(249);
  expect(ran).toEqual([]);
  clock.advance(1);
  expect(ran).toEqual(["a"]);
  frame();
  expect(ran).toEqual(["a"]);
});

test("a hidden page asks for no frame and no timer, and paints once when it is seen again", () => {
  const { scheduler, page, clock, ran, paint, asked } = setUp();
  page.fire("hidden");
  scheduler.schedule("a", paint("a1"));
  scheduler.schedule("a", paint("a2"));
  expect([asked(), clock.pending()]).toEqual([0, 0]);
  page.fire("visible");
  expect(ran).toEqual(["a2"]);
});

test("hiding takes back the frame that was asked for", () => {
  const { scheduler, page, clock, ran, paint, waiting } = setUp();
  scheduler.schedule("a", paint("a"));
  page.fire("hidden");
  expect([waiting(), clock.pending()]).toEqual([0, 0]);
  page.fire("visible");
  expect(ran).toEqual(["a"]);
});

test("what is scheduled while painting is painted in the next frame", () => {
  const { scheduler, frame, ran, paint } = setUp();
  scheduler.schedule("a", () => {
    ran.push("a1");
    scheduler.schedule("a", paint("a2"));
  });
  frame();
  expect(ran).toEqual(["a1"]);
  frame();
  expect(ran).toEqual(["a1", "a2"]);
});

test("one that fails does not keep the others from painting", () => {
  const { scheduler, frame, ran, paint, reporter } = setUp();
  scheduler.schedule("a", () => {
    throw new Error("broken");
  });
  scheduler.schedule("b", paint("b"));
  frame();
  expect(ran).toEqual(["b"]);
  expect(reporter.warnings).toHaveLength(1);
});

test("what is taken back is not painted, unless it was replaced since", () => {
  const { scheduler, frame, ran, paint } = setUp();
  const takeBack = scheduler.schedule("a", paint("a1"));
  scheduler.schedule("a", paint("a2"));
  takeBack();
  scheduler.schedule("b", paint("b"))();
  frame();
  expect(ran).toEqual(["a2"]);
});

test("what has just been put into the page is written before the next paint, the latest first", async () => {
  const { scheduler, ran, paint, waiting } = setUp();
  for (const name of ["a", "b"]) {
    scheduler.write(name, () => (paint(name)(), true), "soon");
  }
  expect(ran).toEqual([]);
  await Promise.resolve();
  expect(ran).toEqual(["b", "a"]);
  expect(waiting()).toBe(0);
});

test("text that is not done is written on in the next frames, after all else", () => {
  const { scheduler, frame, ran, paint } = setUp();
  let left = 2;
  scheduler.write("text", () => (ran.push("text"), (left -= 1) === 0), "frame");
  frame();
  scheduler.schedule("a", paint("a"));
  frame();
  expect(ran).toEqual(["text", "a", "text"]);
  frame();
  expect(ran.length).toBe(3);
});

test("text that took long is written on after a pause, with no frame asked for meanwhile", () => {
  const { scheduler, clock, frame, ran, waiting } = setUp();
  let left = 2;
  scheduler.write(
    "text",
    () => {
      ran.push("text");
      clock.advance(20);
      return (left -= 1) === 0;
    },
    "frame",
  );
  frame();
  expect([ran.length, waiting()]).toEqual([1, 0]);
  clock.advance(80);
  frame();
  expect(ran.length).toBe(2);
});

test("text whose layout takes long is written after a pause, all of it, with no frame asked for meanwhile", () => {
  const { scheduler, clock, frame, layOut, ran, waiting } = setUp();
  const write = (): "long" => {
    ran.push("text");
    return "long";
  };
  const grow = (): void => void scheduler.write("text", write, "frame");
  for (const layoutMs of [1, 1, 20, 20, 20]) {
    grow();
    frame();
    layOut(layoutMs);
  }
  expect(ran.length).toBe(5);
  grow();
  expect(waiting()).toBe(0);
  clock.advance(24 * 19 - 1);
  expect(waiting()).toBe(0);
  clock.advance(1);
  frame();
  expect(ran.length).toBe(6);
});

test("a hidden page writes no text, and all of it when it is seen again", async () => {
  const { scheduler, page, clock, ran, paint, asked } = setUp();
  page.fire("hidden");
  scheduler.write("a", () => (paint("a")(), true), "frame");
  scheduler.write("b", () => (paint("b")(), true), "soon");
  await Promise.resolve();
  expect([ran.length, asked(), clock.pending()]).toEqual([0, 0, 0]);
  page.fire("visible");
  expect(ran).toEqual(["b", "a"]);
});

test("after dispose nothing is painted", () => {
  const { scheduler, page, frame, ran, paint, waiting } = setUp();
  scheduler.schedule("a", paint("a"));
  scheduler.dispose();
  frame();
  page.fire("visible");
  expect([ran, waiting()]).toEqual([[], 0]);
});
