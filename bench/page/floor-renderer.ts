import type { CreateRenderer } from "./renderer.ts";

/** As many as lie in one container: with all of them beside each other the floor would lie above us. */
const GROUP_LINES = 64;

/** The least that anything can do: text appended to the last of a row of line blocks, in groups. No Markdown. */
export const createFloorRenderer: CreateRenderer = ({ mount }) => {
  let group = mount;
  let line: Text | undefined;

  function addLine(text: string): Text {
    if (group === mount || group.childElementCount === GROUP_LINES) {
      group = document.createElement("div");
      mount.append(group);
    }
    const node = document.createTextNode(text);
    const block = document.createElement("div");
    block.append(node);
    group.append(block);
    return node;
  }

  return {
    append(chunk) {
      const [first = "", ...rest] = chunk.split("\n");
      if (line === undefined) line = addLine(first);
      else if (first !== "") line.appendData(first);
      for (const text of rest) line = addLine(text);
    },
    dispose: () => mount.replaceChildren(),
  };
};
