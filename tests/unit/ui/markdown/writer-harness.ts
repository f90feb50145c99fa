import { createBuffer, type TextBuffer } from "../../../../src/protocol/conversation.ts";
import {
  createAnswerWriter,
  type AnswerWriter,
  type WriterClock,
} from "../../../../src/ui/markdown/answer-writer.ts";

export interface WriterHarness {
  readonly mount: HTMLElement;
  readonly buffer: TextBuffer;
  readonly writer: AnswerWriter;
  readonly append: (text: string) => void;
  /** Appends and writes. */
  readonly stream: (text: string) => void;
  readonly settle: () => void;
}

/** Time that stands still: no write ever takes long. */
const still: WriterClock = { now: () => 0, setTimer: () => () => undefined };

export function createHarness(clock: WriterClock = still): WriterHarness {
  const mount = document.createElement("div");
  document.body.append(mount);
  const buffer = createBuffer();
  const writer = createAnswerWriter(mount, clock);
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
    settle: () => writer.update(buffer, true),
  };
}

/** The page of a text that was written at once. */
export function renderWhole(text: string): HTMLElement {
  const harness = createHarness();
  harness.append(text);
  harness.settle();
  return harness.mount;
}
