import type { CodeView } from "../../../../../src/ui/markdown/decorations.ts";

export interface FakeCodeView extends CodeView {
  isOpenNow: boolean;
}

/** A block as the writer would have put it into the page. @param closed Each with its line end. */
export function createCodeView(info: string, closed: readonly string[], open = ""): FakeCodeView {
  const element = document.createElement("figure");
  const header = document.createElement("div");
  const scroller = document.createElement("pre");
  const code = document.createElement("code");
  const chunk = document.createElement("span");
  const nodes = closed.map((line) => document.createTextNode(line));
  chunk.append(...nodes, open);
  code.append(chunk);
  scroller.append(code);
  element.append(header, scroller);
  document.body.append(element);
  const view: FakeCodeView = {
    element,
    header,
    scroller,
    info,
    isOpenNow: true,
    lineCount: () => closed.length,
    line(index) {
      const node = nodes[index];
      if (node === undefined) throw new RangeError(`no line ${index}`);
      return { node, text: (closed[index] ?? "").replace(/\n$/, "") };
    },
    isOpen: () => view.isOpenNow,
    text: () => closed.join("") + open,
  };
  return view;
}
