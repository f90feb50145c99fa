import { addHeaderButton } from "../code/header-button.ts";
import type { CodeView } from "../decorations.ts";
import type { DiagramFrame } from "./diagram-frame-element.ts";
import type { DrawAnswer } from "./diagram-messages.ts";
import type { PageDarkness } from "./page-darkness.ts";

export interface DiagramTools {
  readonly darkness: PageDarkness;
  createFrame(onAnswer: (answer: DrawAnswer) => void): DiagramFrame;
  /** Returns an idempotent disposer. */
  setTimer(delayMs: number, run: () => void): () => void;
}

export interface DiagramDecoration {
  /** Offers the diagram once the block is closed. */
  linesClosed(): void;
  /** Idempotent. */
  dispose(): void;
}

/** The library is a megabyte; a phone on a slow line is given time. Unit: ms. */
const LOAD_LIMIT_MS = 60_000;
/** Taller diagrams scroll in their frame. Unit: CSS px. */
const MAX_HEIGHT = 4_000;

export function isDiagramLanguage(language: string | undefined): boolean {
  return language === "mermaid" || language === "mmd";
}

/** A button that shows a block's code as a diagram, and back. Nothing is loaded before it is pressed. */
export function decorateDiagram(view: CodeView, tools: DiagramTools): DiagramDecoration {
  const { element, scroller } = view;
  const panel = document.createElement("div");
  panel.className = "md-diagram";
  panel.hidden = true;
  const status = document.createElement("p");
  status.className = "md-diagram-status";
  status.setAttribute("role", "status");
  panel.append(status);
  let frame: DiagramFrame | undefined;
  let isShown = false;
  let unfollow = (): void => undefined;
  let cancelLimit = (): void => undefined;

  const button = addHeaderButton(view.header, () => show(!isShown));
  view.header.firstElementChild?.after(button.element);
  button.element.hidden = true;
  sayChoice();

  function show(next: boolean): void {
    isShown = next;
    panel.hidden = !isShown;
    scroller.hidden = isShown;
    sayChoice();
    if (isShown && frame === undefined) begin();
  }

  function sayChoice(): void {
    const words = isShown ? "Show code" : "Show diagram";
    button.say(words, words);
  }

  function begin(): void {
    element.append(panel);
    say("Drawing the diagram…");
    const made = tools.createFrame(onAnswer);
    frame = made;
    panel.append(made.element);
    const draw = (): void => made.draw({ text: view.text(), isDark: tools.darkness.isDark() });
    draw();
    unfollow = tools.darkness.subscribe(draw);
    cancelLimit = tools.setTimer(LOAD_LIMIT_MS, () => {
      fail("The diagram could not be loaded. Check the connection and try again.");
    });
  }

  function onAnswer(answer: DrawAnswer): void {
    cancelLimit();
    if (answer.kind === "failed") {
      fail(`This is not a diagram that can be drawn: ${answer.reason}`);
      return;
    }
    status.hidden = true;
    if (frame !== undefined) frame.element.style.height = `${Math.min(answer.height, MAX_HEIGHT)}px`;
  }

  /** The code comes back, and the words stand below it. The next press begins anew. */
  function fail(words: string): void {
    end();
    say(words);
    isShown = false;
    scroller.hidden = false;
    sayChoice();
  }

  function say(words: string): void {
    status.hidden = false;
    status.textContent = words;
  }

  function end(): void {
    cancelLimit();
    unfollow();
    frame?.dispose();
    frame = undefined;
  }

  return {
    linesClosed() {
      button.element.hidden = view.isOpen() || view.lineCount() === 0;
    },
    dispose() {
      end();
      panel.remove();
      scroller.hidden = false;
    },
  };
}
