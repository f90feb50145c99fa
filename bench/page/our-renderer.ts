import { createBuffer } from "../../src/protocol/conversation.ts";
import { createAnswerWriter, type WriterClock } from "../../src/ui/markdown/answer-writer.ts";
import { UNBOUNDED } from "../../src/ui/markdown/write-budget.ts";
import type { CreateRenderer } from "./renderer.ts";

/** It stands still: no write is ever long, so none is followed by a pause and every frame does its work. */
const STILL_CLOCK: WriterClock = { now: () => 0, setTimer: () => () => undefined };

/** The product's own writer, without the valve that spares slow devices. */
export const createOurRenderer: CreateRenderer = ({ mount }) => {
  const buffer = createBuffer();
  const writer = createAnswerWriter(mount, STILL_CLOCK, UNBOUNDED);
  return {
    append(chunk) {
      buffer.chunks.push(chunk);
      buffer.length += chunk.length;
      writer.update(buffer, false);
    },
    dispose: () => writer.dispose(),
  };
};
