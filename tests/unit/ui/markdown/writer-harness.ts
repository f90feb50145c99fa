import { decodeFullReference } from "../../../../src/markdown/full-references.ts";
import { createBuffer, type TextBuffer } from "../../../../src/protocol/conversation.ts";
import { createAnswerWriter, type AnswerWriterOptions } from "../../../../src/ui/markdown/answer-writer.ts";
import { NO_DECORATIONS } from "../../../../src/ui/markdown/decorations.ts";
import { followPresses } from "../../../../src/ui/markdown/follow-presses.ts";
import type { TextWriter } from "../../../../src/ui/text-writer.ts";

/** Presses alone are followed: the other decorations have tests of their own. Names are decoded as the app does. */
const OPTIONS: AnswerWriterOptions = {
  decorations: { ...NO_DECORATIONS, decorateAnswer: followPresses },
  decodeReference: decodeFullReference,
};

export interface WriterHarness {
  readonly mount: HTMLElement;
  readonly buffer: TextBuffer;
  readonly writer: TextWriter;
  readonly append: (text: string) => void;
  /** Appends and writes. */
  readonly stream: (text: string) => void;
  readonly settle: () => void;
}

export function createHarness(options: AnswerWriterOptions = {}): WriterHarness {
  const mount = document.createElement("div");
  document.body.append(mount);
  const buffer = createBuffer();
  const writer = createAnswerWriter(mount, { ...OPTIONS, ...options });
  const append = (text: string): void => {
    buffer.chunks.push(text);
    buffer.length += text.length;
  };
  return {
    mount,
    buffer,
    writer,
    append,
    stream(text) {
      append(text);
      writer.update(buffer, false);
    },
    settle: () => void writer.update(buffer, true),
  };
}

/** The page of a text that was written at once. */
export function renderWhole(text: string): HTMLElement {
  const harness = createHarness();
  harness.append(text);
  harness.settle();
  return harness.mount;
}
