import { createMarkdownStream } from "../../src/markdown/markdown-stream.ts";
import { NO_DECORATIONS } from "../../src/ui/markdown/decorations.ts";
import { createTreeWriter } from "../../src/ui/markdown/tree-writer.ts";
import type { CreateRenderer } from "./renderer.ts";

export const createOurRenderer: CreateRenderer = ({ mount }) => {
  const stream = createMarkdownStream({ isHealing: true });
  const writer = createTreeWriter(mount, stream.root, { decorations: NO_DECORATIONS, idPrefix: "a" });
  return {
    append(chunk) {
      writer.apply(stream.append(chunk), false);
    },
    dispose() {
      writer.dispose();
      mount.replaceChildren();
    },
  };
};
