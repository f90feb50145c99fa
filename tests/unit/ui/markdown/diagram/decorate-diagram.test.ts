// @vitest-environment happy-dom
import { beforeEach, expect, test } from "vitest";
import {
  decorateDiagram,
  isDiagramLanguage,
  type DiagramDecoration,
} from "../../../../../src/ui/markdown/diagram/decorate-diagram.ts";
import {
  parseDrawAnswer,
  type DrawAnswer,
  type DrawRequest,
} from "../../../../../src/ui/markdown/diagram/diagram-messages.ts";
import { createCodeView, type FakeCodeView } from "../code/fake-code-view.ts";
import { ManualTimers } from "../code/manual-timers.ts";

interface FakeFrame {
  readonly element: HTMLElement;
  readonly drawn: DrawRequest[];
  answer: (answer: DrawAnswer) => void;
  isDisposed: boolean;
}

const frames: FakeFrame[] = [];
let isDark = false;
let changeTheme: () => void = () => undefined;
let view: FakeCodeView;
let decoration: DiagramDecoration;
let timers: ManualTimers;

beforeEach(() => {
  document.body.replaceChildren();
  frames.length = 0;
  isDark = false;
  timers = new ManualTimers();
  view = createCodeView("mermaid", ["graph LR\n", "A-->B\n"]);
  decoration = decorateDiagram(view, {
    darkness: {
      isDark: () => isDark,
      subscribe(listener) {
        changeTheme = listener;
        return () => (changeTheme = () => undefined);
      },
    },
    setTimer: (delayMs, run) => timers.set(delayMs, run),
    createFrame(answer) {
      const frame: FakeFrame = {
        element: document.createElement("div"),
        drawn: [],
        answer,
        isDisposed: false,
      };
      frames.push(frame);
      return {
        element: frame.element,
        draw: (request) => frame.drawn.push(request),
        dispose() {
          frame.isDisposed = true;
          frame.element.remove();
        },
      };
    },
  });
});

const button = (): HTMLElement => view.header.querySelector("button") ?? expect.fail("no button");
const status = (): string => view.element.querySelector('[role="status"]')?.textContent ?? "";

function close(): void {
  view.isOpenNow = false;
  decoration.linesClosed();
}

test("a diagram is offered once the block is closed, and nothing is loaded before it is asked for", () => {
  decoration.linesClosed();
  expect(button().hidden).toBe(true);
  close();
  expect(button().hidden).toBe(false);
  expect(frames).toHaveLength(0);
});

test("shows the diagram in the place of the code, and the code again", () => {
  close();
  button().click();
  expect(button().getAttribute("aria-label")).toBe("Show code");
  expect(view.scroller.hidden).toBe(true);
  expect(frames[0]?.drawn).toEqual([{ text: "graph LR\nA-->B\n", isDark: false }]);
  frames[0]?.answer({ kind: "drawn", height: 120 });
  expect(frames[0]?.element.style.height).toBe("120px");
  button().click();
  expect(view.scroller.hidden).toBe(false);
  expect(view.element.querySelector<HTMLElement>(".md-diagram")?.hidden).toBe(true);
  button().click();
  expect(frames).toHaveLength(1);
});

test("is drawn anew when the page turns dark", () => {
  close();
  button().click();
  isDark = true;
  changeTheme();
  expect(frames[0]?.drawn.at(-1)?.isDark).toBe(true);
});

test("what is no diagram is said in words, with the code still there; the next press tries again", () => {
  close();
  button().click();
  frames[0]?.answer({ kind: "failed", reason: "Parse error on line 2" });
  expect(status()).toContain("Parse error on line 2");
  expect(view.scroller.hidden).toBe(false);
  expect(frames[0]?.isDisposed).toBe(true);
  expect(button().getAttribute("aria-label")).toBe("Show diagram");
  button().click();
  expect(frames).toHaveLength(2);
});

test("a frame that never answers is given up", () => {
  close();
  button().click();
  timers.advance(60_000);
  expect(status()).toContain("could not be loaded");
  expect(view.scroller.hidden).toBe(false);
});

test("a tall diagram scrolls in its frame", () => {
  close();
  button().click();
  frames[0]?.answer({ kind: "drawn", height: 1e9 });
  expect(frames[0]?.element.style.height).toBe("4000px");
});

test("all of it goes with its block", () => {
  close();
  button().click();
  decoration.dispose();
  decoration.dispose();
  expect(frames[0]?.isDisposed).toBe(true);
  expect(view.element.querySelector(".md-diagram")).toBeNull();
});

test.each([
  undefined,
  null,
  1,
  "drawn",
  {},
  { kind: "drawn" },
  { kind: "drawn", height: "1" },
  { kind: "drawn", height: Number.NaN },
  { kind: "drawn", height: -1 },
  { kind: "failed", reason: {} },
])("the frame is not believed: %j", (message) => {
  expect(parseDrawAnswer(message)).toBeUndefined();
});

test("a long reason is cut", () => {
  expect(parseDrawAnswer({ kind: "failed", reason: "x".repeat(10_000) })).toEqual({
    kind: "failed",
    reason: "x".repeat(500),
  });
});

test("knows which blocks are diagrams", () => {
  expect(["mermaid", "mmd", "ts", undefined].map(isDiagramLanguage)).toEqual([true, true, false, false]);
});
