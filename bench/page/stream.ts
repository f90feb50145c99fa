import type { CreateRenderer } from "./renderer.ts";
import { createStage } from "./stage.ts";

/** What a model gives within a frame. Unit: UTF-16 code units. */
export const FRAME_CHARS = 16;

/** The page is let breathe (painting, garbage) after so much work; that time is not counted. Unit: ms. */
const BREATH_MS = 150;

/** Times of frames. Unit: ms. */
export interface FrameTimes {
  /** Writing and layout with the end in sight. */
  readonly frameMs: readonly number[];
  /** Writing alone. */
  readonly ownMs: readonly number[];
}

/** A part of a text, and whether its frames count. */
export interface Span {
  readonly until: number;
  readonly isMeasured: boolean;
  /** Unit: UTF-16 code units a frame. */
  readonly frameChars: number;
}

/** Streams a text into a stage of its own, frame after frame without waiting for real ones, and times the work alone. */
export async function streamText(
  create: CreateRenderer,
  text: string,
  spans: readonly Span[] = [{ until: text.length, isMeasured: true, frameChars: FRAME_CHARS }],
): Promise<FrameTimes> {
  const stage = createStage();
  const renderer = create(stage);
  const frameMs: number[] = [];
  const ownMs: number[] = [];
  let at = 0;
  let breathedAt = performance.now();
  for (const { until, isMeasured, frameChars } of spans) {
    while (at < Math.min(until, text.length)) {
      const chunk = text.slice(at, Math.min(at + frameChars, until));
      at += chunk.length;
      const begun = performance.now();
      renderer.append(chunk);
      const written = performance.now();
      stage.pin();
      const done = performance.now();
      if (isMeasured) {
        frameMs.push(done - begun);
        ownMs.push(written - begun);
      }
      if (done - breathedAt > BREATH_MS) {
        await breathe();
        breathedAt = performance.now();
      }
    }
  }
  renderer.dispose();
  stage.dispose();
  await breathe();
  return { frameMs, ownMs };
}

/** A task of its own: what the page wants to do comes between. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve);
  });
}

/** `count` places, each of `frames` frames, spread evenly over a text; what lies between is caught up with in one go. */
export function sampledSpans(chars: number, count: number, frames: number): readonly Span[] {
  const step = chars / count;
  return Array.from({ length: count }, (_, at): readonly Span[] => {
    const end = Math.floor((at + 1) * step);
    const begin = end - frames * FRAME_CHARS;
    return [
      { until: begin, isMeasured: false, frameChars: chars },
      { until: end, isMeasured: true, frameChars: FRAME_CHARS },
    ];
  }).flat();
}
