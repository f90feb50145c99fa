import { createKeptTexts, type Keepable, type KeptTexts } from "./kept-texts.ts";
import { layOutBySteps } from "./lay-out-by-steps.ts";
import type { TextWriter, WriterKind } from "./text-writer.ts";

/** A text as it stands in the page, and how to bring it up to date. */
export interface Written extends Keepable {
  readonly kind: WriterKind;
  /** The writer's own; it moves with it. */
  readonly element: HTMLElement;
  readonly writer: TextWriter;
  isSettled: boolean;
  wake(): void;
}

/** Keeps what was written over a look at another session, and brings it back. */
export interface ReturningTexts extends KeptTexts<Written> {
  /** As `layOutBySteps` does in this window. */
  layOutBySteps(element: HTMLElement, chars: number): () => void;
}

/** Some recently seen sessions of usual length, or three answers of 100 KB. Unit: UTF-16 code units. */
const MAX_KEPT_CHARS = 400_000;

export function createReturningTexts(): ReturningTexts {
  // Asked for when the page has just changed, it would be answered by a layout, or in WebKit (`outerHeight`) by another process.
  let windowPx = innerHeight;
  addEventListener("resize", () => (windowPx = innerHeight));
  return {
    ...createKeptTexts<Written>({
      maxChars: MAX_KEPT_CHARS,
      later: (run) => void setTimeout(run),
    }),
    layOutBySteps: (element, chars) => layOutBySteps(element, chars, windowPx),
  };
}
