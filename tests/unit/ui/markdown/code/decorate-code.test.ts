// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createCodeWrap } from "../../../../../src/ui/markdown/code/code-wrap.ts";
import { decorateCode, type CodeTools } from "../../../../../src/ui/markdown/code/decorate-code.ts";
import type { HighlightSource } from "../../../../../src/ui/markdown/code/highlighter.ts";
import { packToken } from "../../../../../src/ui/markdown/code/token-kinds.ts";
import { createCodeView, type FakeCodeView } from "./fake-code-view.ts";

interface World {
  readonly tools: CodeTools;
  readonly sources: HighlightSource[];
  readonly steps: (() => boolean)[];
  readonly wanted: boolean[];
  wakes: number;
  setNear(isNear: boolean): void;
  idle(): void;
}

function createWorld(): World {
  const watched = new Map<Element, (isNear: boolean) => void>();
  const stored = new Map<string, string>();
  const world: World = {
    sources: [],
    steps: [],
    wanted: [],
    wakes: 0,
    setNear(isNear) {
      for (const tell of watched.values()) tell(isNear);
    },
    idle() {
      for (let step = world.steps.shift(); step !== undefined; step = world.steps.shift()) while (step());
    },
    tools: {
      highlighter: {
        attach(source) {
          world.sources.push(source);
          return {
            setWanted: (isWanted) => world.wanted.push(isWanted),
            wake: () => (world.wakes += 1),
            dispose: () => undefined,
          };
        },
      },
      idle: { run: (step) => (world.steps.push(step), () => undefined) },
      nearness: {
        watch(element, onChange) {
          watched.set(element, onChange);
          return () => watched.delete(element);
        },
      },
      wrap: createCodeWrap(
        () =>
          ({
            getItem: (key: string) => stored.get(key) ?? null,
            setItem: (key: string, value: string) => stored.set(key, value),
          }) as unknown as Storage,
      ),
      diagrams: {
        darkness: { isDark: () => false, subscribe: () => () => undefined },
        createFrame: () => {
          throw new Error("no diagram was asked for");
        },
        setTimer: () => () => undefined,
      },
    },
  };
  return world;
}

let view: FakeCodeView;
let world: World;

beforeEach(() => {
  document.body.replaceChildren();
  world = createWorld();
});

afterEach(() => vi.unstubAllGlobals());

const button = (name: string): HTMLElement =>
  [...view.header.querySelectorAll("button")].find(
    (element) => element.getAttribute("aria-label") === name,
  ) ?? expect.fail(`no button ${name}`);

test("the header names the file, and adds no word to the answer", () => {
  view = createCodeView('ts title="src/a.ts"', ["let a;\n"]);
  decorateCode(view, world.tools);
  expect(view.header.querySelector<HTMLElement>(".md-code-name")?.dataset["name"]).toBe("src/a.ts");
  expect(view.element.getAttribute("aria-label")).toBe("Code: src/a.ts");
  expect(view.header.textContent).toBe("");
});

test("closed lines get their colours when they are near, the open line never", () => {
  view = createCodeView("ts", ["let a;\n", "let b;\n"], "let c");
  const decoration = decorateCode(view, world.tools);
  decoration.linesClosed();
  world.idle();
  expect(world.wakes).toBe(1);
  const [source] = world.sources;
  expect(source?.lineCount()).toBe(2);
  expect(source?.line(1)).toBe("let b;");
  for (const index of [0, 1]) source?.receive(index, Uint16Array.of(packToken(0, 3), packToken(3, 0)));
  world.idle();
  expect(view.element.querySelectorAll(".tok-keyword")).toHaveLength(0);
  world.setNear(true);
  world.idle();
  expect(world.wanted).toEqual([true]);
  expect(view.element.querySelectorAll(".tok-keyword")).toHaveLength(2);
  expect(view.scroller.textContent).toBe("let a;\nlet b;\nlet c");
  decoration.dispose();
});

test.each(["", "text", "plaintext"])("no grammar is asked for with the info %j", (info) => {
  view = createCodeView(info, ["a\n"]);
  decorateCode(view, world.tools).linesClosed();
  expect(world.sources).toHaveLength(0);
});

test("what was chosen for long lines holds for the next block", () => {
  view = createCodeView("ts", ["a\n"]);
  decorateCode(view, world.tools);
  expect(button("Wrap long lines").getAttribute("aria-pressed")).toBe("false");
  button("Wrap long lines").click();
  expect(button("Wrap long lines").getAttribute("aria-pressed")).toBe("true");
  expect(view.element.classList.contains("md-code-wrapped")).toBe(true);
  view = createCodeView("ts", ["b\n"]);
  decorateCode(view, world.tools);
  expect(view.element.classList.contains("md-code-wrapped")).toBe(true);
});

test("copies all of the code as it is now, the open line too", async () => {
  const written: string[] = [];
  vi.stubGlobal("navigator", { clipboard: { writeText: async (text: string) => void written.push(text) } });
  view = createCodeView("ts", ["\tlet a;\n", "\n"], "  let b");
  decorateCode(view, world.tools);
  button("Copy code").click();
  await vi.waitFor(() => button("Copied"));
  expect(written).toEqual(["\tlet a;\n\n  let b"]);
});

test.each([
  ["by the old command where the clipboard is refused", true, "Copied"],
  ["by hand where that is refused too", false, "Selected: press the keys for copying"],
])("copies %s", async (_name, isAllowed, said) => {
  vi.stubGlobal("navigator", { clipboard: { writeText: async () => Promise.reject(new Error("refused")) } });
  const copied: string[] = [];
  Object.defineProperty(document, "execCommand", {
    configurable: true,
    value: () => {
      const event = new Event("copy", { cancelable: true });
      Object.defineProperty(event, "clipboardData", {
        value: { setData: (_type: string, text: string) => copied.push(text) },
      });
      document.dispatchEvent(event);
      return isAllowed;
    },
  });
  view = createCodeView("ts", ["a\n"], "b");
  decorateCode(view, world.tools);
  button("Copy code").click();
  await vi.waitFor(() => button(said));
  expect(copied).toEqual(["a\nb"]);
  expect(document.getSelection()?.toString() === "a\nb").toBe(!isAllowed);
});
