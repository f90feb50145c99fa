import { expect, test } from "vitest";
import { createIdleQueue, type IdlePorts } from "../../../../../src/ui/markdown/code/idle-queue.ts";

interface World extends IdlePorts {
  time: number;
  hidden: boolean;
  asked: ((leftMs: number) => void) | undefined;
  seen: () => void;
}

function createWorld(): World {
  const world: World = {
    time: 0,
    hidden: false,
    asked: undefined,
    seen: () => undefined,
    now: () => world.time,
    isHidden: () => world.hidden,
    onVisible: (run) => (world.seen = run),
    requestIdle: (run) => (world.asked = run),
  };
  return world;
}

function giveTime(world: World, leftMs: number): void {
  const run = world.asked;
  world.asked = undefined;
  run?.(leftMs);
}

test("a slice ends after a few milliseconds, and the rest follows in the next", () => {
  const world = createWorld();
  const queue = createIdleQueue(world);
  let steps = 0;
  queue.run(() => {
    world.time += 1;
    steps += 1;
    return steps < 10;
  });
  expect(steps).toBe(0);
  giveTime(world, 50);
  expect(steps).toBe(4);
  giveTime(world, 0);
  expect(steps).toBe(5);
  giveTime(world, 50);
  giveTime(world, 50);
  expect(steps).toBe(10);
  expect(world.asked).toBeUndefined();
});

test("nothing runs while the page is hidden, and all of it afterwards", () => {
  const world = createWorld();
  const queue = createIdleQueue(world);
  world.hidden = true;
  let steps = 0;
  queue.run(() => {
    steps += 1;
    return false;
  });
  expect(world.asked).toBeUndefined();
  world.hidden = false;
  world.seen();
  giveTime(world, 50);
  expect(steps).toBe(1);
});

test("hidden in between, it stops at once and keeps what is left", () => {
  const world = createWorld();
  const queue = createIdleQueue(world);
  let steps = 0;
  queue.run(() => {
    steps += 1;
    world.hidden = true;
    return steps < 3;
  });
  giveTime(world, 50);
  expect(steps).toBe(1);
  world.hidden = false;
  world.seen();
  giveTime(world, 50);
  expect(steps).toBe(2);
});

test("work takes turns, and what was taken back doesn't run", () => {
  const world = createWorld();
  const queue = createIdleQueue(world);
  const order: string[] = [];
  const step = (name: string, times: number) => () => {
    order.push(name);
    return order.filter((done) => done === name).length < times;
  };
  queue.run(step("a", 2));
  queue.run(step("b", 2));
  const cancel = queue.run(step("c", 2));
  cancel();
  cancel();
  giveTime(world, 50);
  expect(order).toEqual(["a", "b", "a", "b"]);
});
