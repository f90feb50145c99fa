// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from "vitest";
import { createTableFocus } from "../../../../../src/ui/markdown/table/table-focus.ts";

let resize: (targets: Element[]) => void = () => undefined;
const observed = new Set<Element>();

function stubObserver(): void {
  vi.stubGlobal(
    "ResizeObserver",
    class {
      constructor(run: (entries: { target: Element }[]) => void) {
        resize = (targets) => run(targets.map((target) => ({ target })));
      }
      observe(element: Element): void {
        observed.add(element);
      }
      unobserve(element: Element): void {
        observed.delete(element);
      }
    },
  );
}

afterEach(() => {
  vi.unstubAllGlobals();
  observed.clear();
});

function createScroller(): { scroller: HTMLElement; setWidth: (width: number) => void } {
  const scroller = document.createElement("div");
  scroller.append(document.createElement("table"));
  let width = 0;
  Object.defineProperty(scroller, "clientWidth", { get: () => 300 });
  Object.defineProperty(scroller, "scrollWidth", { get: () => width });
  return {
    scroller,
    setWidth(next) {
      width = next;
      resize([...scroller.children]);
    },
  };
}

test("the keyboard reaches a table when it is wider than its place, and no other", () => {
  stubObserver();
  const { scroller, setWidth } = createScroller();
  const unwatch = createTableFocus().watch(scroller);
  setWidth(300);
  expect(scroller.hasAttribute("tabindex")).toBe(false);
  setWidth(301);
  expect(scroller.tabIndex).toBe(0);
  expect(scroller.getAttribute("role")).toBe("region");
  expect(scroller.getAttribute("aria-label")).toBe("Table, scrolls sideways");
  setWidth(200);
  expect(scroller.attributes).toHaveLength(0);
  unwatch();
  unwatch();
  expect(observed.size).toBe(0);
});

test("where nothing can be observed every table can be reached", () => {
  vi.stubGlobal("ResizeObserver", undefined);
  Reflect.deleteProperty(globalThis, "ResizeObserver");
  const { scroller } = createScroller();
  createTableFocus().watch(scroller);
  expect(scroller.tabIndex).toBe(0);
});
