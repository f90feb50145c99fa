// @vitest-environment happy-dom
import { expect, test } from "vitest";
import type { IdleQueue } from "../../../../../src/ui/markdown/code/idle-queue.ts";
import { createMathSetter, type MathSetter } from "../../../../../src/ui/markdown/math/math-setter.ts";

interface World {
  readonly setter: MathSetter;
  readonly steps: (() => boolean)[];
  time: number;
  loads: number;
  answer(isGiven?: boolean): Promise<void>;
}

function createWorld(costMs = 0): World {
  const steps: (() => boolean)[] = [];
  const idle: IdleQueue = { run: (step) => (steps.push(step), () => undefined) };
  let settle: { give(): void; refuse(): void } | undefined;
  const world: World = {
    steps,
    time: 0,
    loads: 0,
    setter: createMathSetter({
      idle,
      now: () => world.time,
      load: () => {
        world.loads += 1;
        return new Promise((give, refuse) => {
          const render = (tex: string) => {
            world.time += costMs;
            const node = document.createElement("b");
            node.append(tex);
            return { kind: "rendered", node } as const;
          };
          settle = { give: () => give(render), refuse: () => refuse(new Error("offline")) };
        });
      },
    }),
    async answer(isGiven = true) {
      if (isGiven) settle?.give();
      else settle?.refuse();
      await Promise.resolve();
      await Promise.resolve();
      await Promise.resolve();
    },
  };
  return world;
}

function add(
  world: World,
  tex: string,
  isDisplay = false,
): { element: HTMLElement; undo: () => void; isSet: () => boolean } {
  const element = document.createElement("span");
  element.append(tex);
  const undo = world.setter.set(element, tex, isDisplay);
  return { element, undo, isSet: () => element.querySelector("b") !== null };
}

test("the library is asked for by the first formula, once; those that wait are set in idle time", async () => {
  const world = createWorld();
  const one = add(world, "a");
  const two = add(world, "b");
  const gone = add(world, "c");
  gone.undo();
  expect(world.loads).toBe(1);
  await world.answer();
  expect(one.isSet()).toBe(false);
  while (world.steps[0]?.() === true);
  expect([one, two, gone].map(({ isSet }) => isSet())).toEqual([true, true, false]);
});

test("once it is there, a formula is set at once, and not more than a few in one go", async () => {
  const world = createWorld(1);
  add(world, "first");
  await world.answer();
  while (world.steps.shift()?.() === true);
  world.time += 100;
  const formulas = Array.from({ length: 6 }, (_, index) => add(world, `x${index}`));
  expect(formulas.map(({ isSet }) => isSet())).toEqual([true, true, true, true, false, false]);
  world.time += 100;
  while (world.steps[0]?.() === true);
  expect(formulas.every(({ isSet }) => isSet())).toBe(true);
});

test("a formula that waits has about the place that it will take, and a display keeps it", async () => {
  const world = createWorld();
  const heightOf = ({ element }: { readonly element: HTMLElement }): string =>
    element.style.getPropertyValue("--math-height");
  const isWaiting = ({ element }: { readonly element: HTMLElement }): boolean =>
    element.classList.contains("md-math-waiting");
  const inline = add(world, "x^2");
  const display = add(world, String.raw`\frac{1}{2}`, true);
  const gone = add(world, "y");
  const all = [inline, display, gone];
  expect(all.map(isWaiting)).toEqual([true, true, true]);
  expect(Number.parseFloat(heightOf(display))).toBeGreaterThan(Number.parseFloat(heightOf(inline)));
  gone.undo();
  await world.answer();
  while (world.steps[0]?.() === true);
  expect(all.map(isWaiting)).toEqual([false, false, false]);
  expect(all.map((formula) => heightOf(formula) !== "")).toEqual([false, true, false]);
  const refused = createWorld();
  const one = add(refused, "z", true);
  await refused.answer(false);
  expect([isWaiting(one), heightOf(one)]).toEqual([false, ""]);
});

test("without the library the source stays, and the next formula asks again", async () => {
  const world = createWorld();
  const one = add(world, "a");
  await world.answer(false);
  expect(one.element.textContent).toBe("a");
  add(world, "b");
  expect(world.loads).toBe(2);
});
