// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { layOutBySteps } from "../../../src/ui/lay-out-by-steps.ts";

const WINDOW_PX = 800;
/** Each block's height as it is guessed of {@link CHARS}: 330 letters. */
const BLOCK_PX = 107;
const BLOCKS = 300;
const CHARS = 99_000;

/** What the browser would call when the element has another size. */
let tellSize: (() => void) | undefined;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["requestAnimationFrame", "cancelAnimationFrame"] });
  tellSize = undefined;
  vi.stubGlobal(
    "ResizeObserver",
    class {
      constructor(tell: () => void) {
        tellSize = tell;
      }
      observe(): void {}
      disconnect(): void {
        tellSize = undefined;
      }
    },
  );
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Blocks as the writer puts them: 16 in the answer itself, then groups of 16 in groups. */
function answer(): HTMLElement {
  const element = document.createElement("div");
  let outer: HTMLElement = element;
  let parent: HTMLElement = element;
  for (let at = 0; at < BLOCKS; at += 1) {
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

const isLeftOut = ({ style }: HTMLElement): boolean => style.display === "none";

/** The blocks that stand in the layout. */
function laidOut(element: HTMLElement): HTMLElement[] {
  return [...element.querySelectorAll("p")].filter((block) => {
    for (let at: HTMLElement | null = block; at !== null; at = at.parentElement)
      if (isLeftOut(at)) return false;
    return true;
  });
}

const roomPx = ({ style }: HTMLElement): number => Number.parseFloat(style.paddingBlockStart || "0");

/** All that is laid out is so high, and the end stands at the lower edge of the window, moved down by so much. */
function place(element: HTMLElement, blockPx: number, movedPx: number): void {
  const blocks = element.querySelectorAll("p");
  for (const [at, block] of blocks.entries()) {
    block.getBoundingClientRect = () =>
      new DOMRect(0, WINDOW_PX + movedPx - (blocks.length - at) * blockPx, 700, blockPx);
  }
}

test("the end of a long text is laid out at once, the rest ten blocks a frame, and room is kept for it", () => {
  const element = answer();
  layOutBySteps(element, CHARS, WINDOW_PX);
  const atOnce = laidOut(element).length;
  expect(atOnce * BLOCK_PX).toBeGreaterThanOrEqual(WINDOW_PX);
  expect(atOnce).toBeLessThan(12);
  expect(laidOut(element)).toEqual([...element.querySelectorAll("p")].slice(-atOnce));
  expect(roomPx(element)).toBe((BLOCKS - atOnce) * BLOCK_PX);
  vi.advanceTimersToNextFrame();
  expect(laidOut(element)).toHaveLength(atOnce + 10);
  expect(roomPx(element)).toBe((BLOCKS - atOnce - 10) * BLOCK_PX);
  for (let frame = 0; frame < 30; frame += 1) vi.advanceTimersToNextFrame();
  expect(laidOut(element)).toHaveLength(BLOCKS);
  expect([element, ...element.querySelectorAll("*")].filter((each) => each.getAttribute("style"))).toEqual(
    [],
  );
  expect(tellSize).toBeUndefined();
});

test("groups far from the end are left out as a whole", () => {
  const element = answer();
  layOutBySteps(element, CHARS, WINDOW_PX);
  const marked = [...element.querySelectorAll<HTMLElement>("*")].filter(isLeftOut);
  // The last 28 blocks stand in the second outer group.
  const left = BLOCKS - laidOut(element).length - 272;
  expect(left).toBeGreaterThan(0);
  // The first blocks, the first outer group, and what is left of the second.
  expect(marked).toHaveLength(16 + 1 + (left > 16 ? left - 15 : left));
});

test("blocks that are lower than was thought leave no room in sight", () => {
  const element = answer();
  place(element, 20, 0);
  layOutBySteps(element, CHARS, WINDOW_PX);
  const highest = (): number => laidOut(element)[0]?.getBoundingClientRect().top ?? 0;
  expect(highest()).toBeGreaterThan(0);
  // Each time more is laid out.
  for (let pass = 0; pass < 10; pass += 1) tellSize?.();
  expect(highest()).toBeLessThanOrEqual(0);
  expect(laidOut(element).length).toBeLessThan(100);
});

test("a reader who moves up before all is laid out finds words, not room", () => {
  const element = answer();
  place(element, BLOCK_PX, 0);
  layOutBySteps(element, CHARS, WINDOW_PX);
  const atOnce = laidOut(element).length;
  dispatchEvent(new Event("scroll"));
  expect(laidOut(element)).toHaveLength(atOnce);
  place(element, BLOCK_PX, 20_000);
  dispatchEvent(new Event("scroll"));
  expect(laidOut(element)[0]?.getBoundingClientRect().top).toBeLessThanOrEqual(0);
});

test("disposed of, all is laid out", () => {
  const element = answer();
  const dispose = layOutBySteps(element, CHARS, WINDOW_PX);
  vi.advanceTimersToNextFrame();
  vi.advanceTimersToNextFrame();
  dispose();
  expect(laidOut(element)).toHaveLength(BLOCKS);
  expect(roomPx(element)).toBe(0);
});

test("a short text is laid out at once", () => {
  const element = document.createElement("div");
  element.append(...Array.from({ length: 40 }, () => document.createElement("p")));
  layOutBySteps(element, 13_000, WINDOW_PX);
  expect(laidOut(element)).toHaveLength(40);
});
