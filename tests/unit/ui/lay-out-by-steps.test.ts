// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { layOutBySteps } from "../../../src/ui/lay-out-by-steps.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["requestAnimationFrame", "cancelAnimationFrame"] });
  vi.stubGlobal("outerHeight", 800);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** 300 blocks as the writer puts them: 16 in the answer itself, then groups of 16 in groups. Of 330 letters each, which is guessed to be 107 px. */
function answer(): HTMLElement {
  const element = document.createElement("div");
  let outer: HTMLElement = element;
  let parent: HTMLElement = element;
  for (let at = 0; at < 300; at += 1) {
    if (at % 256 === 16) outer = addGroup(element);
    if (at > 0 && at % 16 === 0) parent = addGroup(outer);
    parent.append(document.createElement("p"));
  }
  return element;
}

function addGroup(parent: HTMLElement): HTMLElement {
  const group = document.createElement("div");
  group.className = "md-group";
  parent.append(group);
  return group;
}

const CHARS = 99_000;

const isLeftOut = ({ style }: HTMLElement): boolean => style.contentVisibility === "auto";

/** How many of the blocks, from the end, stand in the layout. */
function laidOut(element: HTMLElement): number {
  const blocks = [...element.querySelectorAll("p")].toReversed();
  const first = blocks.findIndex(
    (block) => isLeftOut(block) || (block.parentElement !== null && isLeftOut(block.parentElement)),
  );
  return first < 0 ? blocks.length : first;
}

test("the end of a long text is laid out at once, the rest twenty blocks a frame", () => {
  const element = answer();
  layOutBySteps(element, CHARS);
  const atOnce = laidOut(element);
  expect(atOnce * 107).toBeGreaterThanOrEqual(2 * 800);
  expect(atOnce).toBeLessThan(30);
  vi.advanceTimersToNextFrame();
  expect(laidOut(element)).toBe(atOnce + 20);
  for (let frame = 0; frame < 15; frame += 1) vi.advanceTimersToNextFrame();
  expect(laidOut(element)).toBe(300);
  expect([...element.querySelectorAll("*")].filter((each) => each.getAttribute("style"))).toEqual([]);
});

test("groups far from the end are left out as a whole", () => {
  const element = answer();
  layOutBySteps(element, CHARS);
  const marked = [...element.querySelectorAll<HTMLElement>("*")].filter(isLeftOut);
  // The last 28 blocks stand in the second outer group.
  const left = 300 - laidOut(element) - 272;
  expect(left).toBeGreaterThan(0);
  // The first blocks, the first outer group, and what is left of the second.
  expect(marked).toHaveLength(16 + 1 + (left > 16 ? left - 15 : left));
  expect(marked.find(({ className }) => className === "md-group")?.style.containIntrinsicBlockSize).toBe(
    `${256 * 107}px`,
  );
});

test("disposed of, all is laid out", () => {
  const element = answer();
  const dispose = layOutBySteps(element, CHARS);
  vi.advanceTimersToNextFrame();
  vi.advanceTimersToNextFrame();
  dispose();
  expect(laidOut(element)).toBe(300);
});

test("a short text is laid out at once", () => {
  const element = document.createElement("div");
  element.append(...Array.from({ length: 40 }, () => document.createElement("p")));
  layOutBySteps(element, 13_000);
  expect(laidOut(element)).toBe(40);
});
