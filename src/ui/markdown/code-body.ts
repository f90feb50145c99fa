import {
  closedLineText,
  closeOpenLine,
  codeText,
  createCodeLines,
  growCodeLines,
  type CodeLines,
} from "./code-lines.ts";
import type { CodeDecoration, CodeView, Decorations } from "./decorations.ts";
import { addElement, createElement } from "./element.ts";

/** A block of code in the page: a header, and lines in a scroller of their own. */
export interface CodeBody {
  readonly kind: "code";
  readonly element: HTMLElement;
  readonly header: HTMLElement;
  readonly scroller: HTMLElement;
  lines: CodeLines;
  info: string;
  isOpen: boolean;
  decoration: CodeDecoration | undefined;
}

export function createCodeBody(info: string, text: string, isOpen: boolean): CodeBody {
  const element = createElement("figure", "md-code");
  const header = addElement(element, "div", "md-code-bar");
  const scroller = addElement(element, "pre");
  // Wide code scrolls; without this a keyboard could not scroll it.
  scroller.tabIndex = 0;
  const lines = createCodeLines(addElement(scroller, "code"));
  const body: CodeBody = {
    kind: "code",
    element,
    header,
    scroller,
    lines,
    info,
    isOpen,
    decoration: undefined,
  };
  growCode(body, 0, text, text);
  setCodeOpen(body, isOpen);
  return body;
}

/** @param whole The whole text afterwards; read only where more than the last line has changed, which the tree rules out. */
export function growCode(body: CodeBody, keep: number, text: string, whole: string): void {
  if (growCodeLines(body.lines, keep, text)) return;
  undecorateCode(body);
  body.lines.element.replaceChildren();
  body.lines = createCodeLines(body.lines.element);
  growCodeLines(body.lines, 0, whole);
}

/** A last line without a line end is closed with its block. */
export function setCodeOpen(body: CodeBody, isOpen: boolean): void {
  body.isOpen = isOpen;
  if (!isOpen) closeOpenLine(body.lines);
}

/** Tells the decoration of what is new; makes it where there is none. */
export function decorateCode(body: CodeBody, info: string, decorations: Decorations): void {
  if (body.decoration !== undefined && body.info !== info) undecorateCode(body);
  body.info = info;
  body.decoration ??= decorations.decorateCode(viewOf(body));
  body.decoration.linesClosed();
}

export function undecorateCode(body: CodeBody): void {
  body.decoration?.dispose();
  body.decoration = undefined;
  body.header.replaceChildren();
}

function viewOf(body: CodeBody): CodeView {
  const { element, header, scroller, info } = body;
  return {
    element,
    header,
    scroller,
    info,
    lineCount: () => body.lines.closed.length,
    line(index) {
      const node = body.lines.closed[index];
      if (node === undefined)
        throw new RangeError(`Line ${index} is not closed: ask for lines below lineCount().`);
      return { node, text: closedLineText(body.lines, index) };
    },
    isOpen: () => body.isOpen,
    text: () => codeText(body.lines),
  };
}
