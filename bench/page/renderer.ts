import type { Stage } from "./stage.ts";

/** What shows a growing text, as one of several that are compared. */
export interface Renderer {
  /** Brings the stage to the text so far with `chunk` at its end; all of it synchronously. */
  append(chunk: string): void;
  /** As a writer of the app says it. Default: it never is. */
  isLong?(): boolean;
  dispose(): void;
}

export type CreateRenderer = (stage: Stage) => Renderer;
