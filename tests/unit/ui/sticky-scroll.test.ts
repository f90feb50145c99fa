import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createScrollFloor, type ScrollFloor } from "../../../src/ui/scroll-floor.ts";
import { createStickyScroll, type StickyScroll } from "../../../src/ui/sticky-scroll.ts";
import type { Anchors } from "../../../src/ui/turn-anchors.ts";

/** An element that scrolls, as far as sticky-scroll looks at one: positions are clamped, a change of position is an event of the next frame. */
class FakeScroller extends EventTarget {
  clientHeight = 400;
  contentHeight = 1_000;
  floorHeight = 0;
  #top = 0;
  #hasMoved = false;
  get scrollHeight(): number {
    return Math.max(this.contentHeight, this.floorHeight, this.clientHeight);
  }
  set scrollHeight(px: number) {
    this.contentHeight = px;
  }
  /** A layout that somebody asks for: the view ends where what it shows ends. */
  layOut(): void {
    this.scrollTop = this.#top;
  }
  get scrollTop(): number {
    return this.#top;
  }
  set scrollTop(top: number) {
    const clamped = Math.max(0, Math.min(top, this.scrollHeight - this.clientHeight));
    if (clamped === this.#top) return;
    this.#top = clamped;
    this.#hasMoved = true;
  }
  /** As in a browser, the event comes with the next frame, not with the write. */
  frame(): void {
    if (!this.#hasMoved) return;
    this.#hasMoved = false;
    this.dispatchEvent(new Event("scroll"));
  }
}

function floorOf(scrolled: FakeScroller): ScrollFloor {
  const content = {
    get offsetHeight(): number {
      return scrolled.contentHeight;
    },
  };
  const element = {
    style: {
      set transform(value: string) {
        const px = /^translateY\((\d+)px\)$/.exec(value)?.[1];
        scrolled.floorHeight = px === undefined ? 0 : Number(px) + 1;
      },
    },
  };
  return createScrollFloor(
    scrolled as unknown as HTMLElement,
    content as HTMLElement,
    element as unknown as HTMLElement,
  );
}

let resized: () => void;
let nowMs: number;
let scroller: FakeScroller;
let pinned: boolean[];
let unseen: number;
let sticky: StickyScroll;
let frames: Map<number, () => void>;

function runFrames(): void {
  const due = [...frames.values()];
  frames.clear();
  for (const run of due) run();
}

/** A conversation is brought to its place at the end of the task that shows it. */
const taskEnd = (): Promise<void> => Promise.resolve();

beforeEach(async () => {
  nowMs = 10_000;
  vi.spyOn(performance, "now").mockImplementation(() => nowMs);
  vi.stubGlobal(
    "ResizeObserver",
    class {
      constructor(run: () => void) {
        resized = run;
      }
      observe(): void {}
      disconnect(): void {}
    },
  );
  frames = new Map();
  let lastFrame = 0;
  vi.stubGlobal("requestAnimationFrame", (run: () => void) => {
    lastFrame += 1;
    frames.set(lastFrame, run);
    return lastFrame;
  });
  vi.stubGlobal("cancelAnimationFrame", (frame: number) => frames.delete(frame));
  scroller = new FakeScroller();
  pinned = [];
  unseen = 0;
  // What it uses of an element is what the fake has.
  sticky = createStickyScroll(scroller as unknown as HTMLElement, {} as HTMLElement, floorOf(scroller), {
    onPinnedChange: (is) => void pinned.push(is),
    onUnseen: () => void (unseen += 1),
  });
  sticky.restore(undefined);
  await taskEnd();
});

afterEach(() => {
  sticky.dispose();
  vi.unstubAllGlobals();
});

const fromEnd = (): number => scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop;
function grow(px: number): void {
  scroller.scrollHeight += px;
  nowMs += 16;
  scroller.frame();
  resized();
}
function wheel(deltaY: number): void {
  scroller.dispatchEvent(Object.assign(new Event("wheel"), { deltaY }));
  scroller.scrollTop += deltaY;
  scroller.frame();
}
function touch(type: "touchstart" | "touchend", fingers: number): void {
  scroller.dispatchEvent(Object.assign(new Event(type), { touches: { length: fingers } }));
}

test("text that grows keeps the end in sight", () => {
  grow(300);
  grow(50);
  expect(fromEnd()).toBe(0);
  expect(pinned).toEqual([]);
});

test("content that is lower for a moment between two frames moves nobody", () => {
  scroller.scrollHeight = 700;
  scroller.layOut();
  grow(500);
  expect([fromEnd(), pinned]).toEqual([0, []]);
  wheel(-100);
  const { scrollTop } = scroller;
  scroller.scrollHeight = 600;
  scroller.layOut();
  grow(600);
  expect(scroller.scrollTop).toBe(scrollTop);
});

test("content that stays lower is shown to its end, and no further", () => {
  grow(-300);
  expect([fromEnd(), scroller.scrollTop, pinned]).toEqual([0, 300, []]);
  scroller.clientHeight = 300;
  grow(0);
  expect([fromEnd(), scroller.scrollTop]).toEqual([0, 400]);
  grow(-600);
  expect([scroller.scrollHeight, scroller.scrollTop]).toEqual([300, 0]);
});

test("a reader who scrolls up is left alone, and told that there is more", () => {
  wheel(-100);
  const { scrollTop } = scroller;
  grow(500);
  expect(scroller.scrollTop).toBe(scrollTop);
  expect(pinned).toEqual([false]);
  expect(unseen).toBe(1);
});

test("a wheel up counts before its scroll event: text that comes in between does not pull back", () => {
  scroller.dispatchEvent(Object.assign(new Event("wheel"), { deltaY: -1 }));
  const { scrollTop } = scroller;
  grow(500);
  expect(scroller.scrollTop).toBe(scrollTop);
});

test.each([
  { key: "ArrowUp", shiftKey: false },
  { key: "PageUp", shiftKey: false },
  { key: " ", shiftKey: true },
])("so does the key $key: a smooth move begins within what is near the end", (init) => {
  scroller.dispatchEvent(Object.assign(new Event("keydown", { cancelable: true }), init));
  scroller.scrollTop -= 3;
  const { scrollTop } = scroller;
  grow(500);
  expect(scroller.scrollTop).toBe(scrollTop);
  expect(pinned).toEqual([false]);
});

test.each([
  { key: "ArrowDown", shiftKey: false },
  { key: " ", shiftKey: false },
  { key: "ArrowUp", altKey: true },
])("a key that moves down, or is a shortcut, unpins nothing: $key", (init) => {
  scroller.dispatchEvent(Object.assign(new Event("keydown", { cancelable: true }), init));
  grow(500);
  expect(fromEnd()).toBe(0);
});

test("a wheel over what scrolls in itself moves the view only once that is at its top", () => {
  class FakeElement {
    scrollTop = 40;
    parentElement = undefined;
  }
  vi.stubGlobal("Element", FakeElement);
  const output = new FakeElement();
  const wheelOver = (): void => {
    const event = Object.assign(new Event("wheel"), { deltaY: -20 });
    Object.defineProperty(event, "target", { value: output });
    scroller.dispatchEvent(event);
  };
  wheelOver();
  grow(100);
  expect([fromEnd(), pinned]).toEqual([0, []]);
  output.scrollTop = 0;
  wheelOver();
  grow(100);
  expect([fromEnd(), pinned]).toEqual([100, [false]]);
});

test("a scrollbar that is drawn up counts as well", () => {
  scroller.scrollTop -= 200;
  grow(100);
  expect(pinned).toEqual([false]);
});

test("his own move down that ends near the end pins again", () => {
  wheel(-100);
  wheel(95);
  grow(300);
  expect(pinned).toEqual([false, true]);
  expect(fromEnd()).toBe(0);
});

test("a move down that ends elsewhere does not", () => {
  wheel(-200);
  wheel(100);
  grow(300);
  expect(pinned).toEqual([false]);
});

test("content that shrinks under a pinned reader unpins nothing", () => {
  scroller.scrollHeight = 600;
  scroller.scrollTop = 200;
  resized();
  grow(300);
  expect(pinned).toEqual([]);
  expect(fromEnd()).toBe(0);
});

test("nothing is moved under a finger, nor during its momentum", () => {
  touch("touchstart", 1);
  nowMs += 1_000;
  grow(100);
  expect(fromEnd()).toBe(100);
  touch("touchend", 0);
  grow(100);
  expect(fromEnd()).toBe(200);
  nowMs += 200;
  grow(100);
  expect(fromEnd()).toBe(0);
});

test("what came in under a finger is shown once it has come to rest, even when nothing follows", () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  touch("touchstart", 1);
  grow(100);
  touch("touchend", 0);
  nowMs += 1_000;
  vi.advanceTimersByTime(1_000);
  vi.useRealTimers();
  expect(fromEnd()).toBe(0);
});

/** A row whose top lies at `rowTop` of the content; what is above it can grow. */
let rowTop = 0;
let isRowSeen = true;
const anchors: Anchors = {
  capture: () => ({
    row: "r",
    offsetPx: rowTop - scroller.scrollTop - debtPx(),
    isSeen: isRowSeen,
    rungs: [],
  }),
  shiftOf: (anchor) => rowTop - scroller.scrollTop - debtPx() - anchor.offsetPx,
};
const style = { marginTop: "" };
/** What the margin hides of the content: the row stands that much higher than it would. */
const debtPx = (): number => -Number.parseFloat(style.marginTop || "0");

async function anchored(): Promise<void> {
  sticky.dispose();
  style.marginTop = "";
  rowTop = 450;
  sticky = createStickyScroll(
    scroller as unknown as HTMLElement,
    { style } as unknown as HTMLElement,
    floorOf(scroller),
    { onPinnedChange: () => undefined, onUnseen: () => undefined },
    anchors,
  );
  sticky.restore(undefined);
  await taskEnd();
}
const seenAt = (): number => rowTop - scroller.scrollTop - debtPx();

test("what is put above leaves what is read where it is", async () => {
  await anchored();
  scroller.scrollTop -= 150;
  scroller.frame();
  const before = seenAt();
  rowTop += 700;
  grow(700);
  expect(seenAt()).toBe(before);
  rowTop -= 300;
  grow(-300);
  expect(seenAt()).toBe(before);
});

test("who sees only a gap is not thrown to what is put above it, and reads what comes into the gap", async () => {
  await anchored();
  isRowSeen = false;
  scroller.scrollTop -= 150;
  scroller.frame();
  const before = seenAt();
  expect(sticky.position()).toBeUndefined();
  isRowSeen = true;
  rowTop += 700;
  grow(700);
  expect(seenAt()).toBe(before);
  expect(sticky.position()).toEqual({ kind: "row", row: "r", offsetPx: before });
});

test("while a finger moves the view scrollTop is left alone: what grew above is hidden until it rests", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  await anchored();
  touch("touchstart", 1);
  scroller.scrollTop -= 150;
  scroller.frame();
  const { scrollTop } = scroller;
  const before = seenAt();
  rowTop += 500;
  grow(500);
  expect([scroller.scrollTop, seenAt()]).toEqual([scrollTop, before]);
  touch("touchend", 0);
  nowMs += 1_000;
  vi.advanceTimersByTime(1_000);
  vi.useRealTimers();
  expect(scroller.scrollTop).toBe(scrollTop + 500);
  expect([style.marginTop, seenAt()]).toEqual(["", before]);
});

test("another session is shown where it was left, even when its text comes late", async () => {
  await anchored();
  rowTop = 0;
  scroller.scrollHeight = 420;
  sticky.restore({ kind: "row", row: "r", offsetPx: -300 });
  await taskEnd();
  expect(scroller.scrollTop).toBe(20);
  grow(580);
  expect(seenAt()).toBe(-300);
  expect(sticky.position()).toEqual({ kind: "row", row: "r", offsetPx: -300 });
});

test("what is written in the task that shows another session is measured once, when all of it is there", async () => {
  wheel(-300);
  let reads = 0;
  const { scrollHeight } = scroller;
  Object.defineProperty(scroller, "scrollHeight", { get: () => ((reads += 1), scrollHeight + 700) });
  sticky.restore(undefined);
  sticky.keepSoon();
  expect([reads, sticky.position()]).toEqual([0, { kind: "end" }]);
  await taskEnd();
  expect(fromEnd()).toBe(0);
});

test("the End key follows the end from then on", () => {
  wheel(-300);
  scroller.dispatchEvent(Object.assign(new Event("keydown", { cancelable: true }), { key: "End" }));
  grow(300);
  expect(fromEnd()).toBe(0);
});

test("the end is looked at once more two frames after the last growth", () => {
  grow(100);
  scroller.scrollHeight += 30;
  runFrames();
  runFrames();
  expect(fromEnd()).toBe(0);
});

test("the Home key goes to the beginning of what is loaded", () => {
  scroller.dispatchEvent(Object.assign(new Event("keydown", { cancelable: true }), { key: "Home" }));
  scroller.frame();
  grow(300);
  expect(scroller.scrollTop).toBe(0);
  expect(pinned).toEqual([false]);
});
