import type { CreateRenderer } from "./renderer.ts";
import { createStage } from "./stage.ts";

/** What a model gives within a frame. Unit: UTF-16 code units. */
export const FRAME_CHARS = 16;

/** The page is let breathe (painting, garbage) after so much work; that time is not counted. Unit: ms. */
export const BREATH_MS = 150;

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

/** A text on its way into a stage of its own, frame after frame without waiting for real ones. */
export interface TextStream {
  /** How many frames it takes in all. */
  readonly frames: number;
  /** Goes on up to that frame. Times the work alone: in pauses the page does what it wants. */
  advanceTo(frame: number): Promise<void>;
  /** Takes the stage away. */
  end(): FrameTimes;
}

export function beginStream(
  create: CreateRenderer,
  text: string,
  spans: readonly Span[] = [{ until: text.length, isMeasured: true, frameChars: FRAME_CHARS }],
): TextStream {
  const stage = createStage();
  const renderer = create(stage);
  const frames = framesOf(text.length, spans);
  const frameMs: number[] = [];
  const ownMs: number[] = [];
  let next = 0;
  let at = 0;

  function showFrame({ until, isMeasured }: Frame): void {
    const chunk = text.slice(at, until);
    at = until;
    const begun = performance.now();
    renderer.append(chunk);
    const written = performance.now();
    stage.pin();
    const done = performance.now();
    if (!isMeasured) return;
    frameMs.push(done - begun);
    ownMs.push(written - begun);
  }

  return {
    frames: frames.length,
    async advanceTo(frame) {
      let breathedAt = performance.now();
      for (; next < Math.min(frame, frames.length); next += 1) {
        const due = frames[next];
        if (due !== undefined) showFrame(due);
        if (performance.now() - breathedAt <= BREATH_MS) continue;
        await breathe();
        breathedAt = performance.now();
      }
      await breathe();
    },
    end() {
      renderer.dispose();
      stage.dispose();
      return { frameMs, ownMs };
    },
  };
}

interface Frame {
  /** Where the text of it ends. */
  readonly until: number;
  readonly isMeasured: boolean;
}

function framesOf(chars: number, spans: readonly Span[]): readonly Frame[] {
  const frames: Frame[] = [];
  let at = 0;
  for (const { until, isMeasured, frameChars } of spans) {
    for (const end = Math.min(until, chars); at < end;) {
      at = Math.min(at + frameChars, end);
      frames.push({ until: at, isMeasured });
    }
  }
  return frames;
}

/** A whole text, alone in the page. */
export async function streamText(
  create: CreateRenderer,
  text: string,
  spans?: readonly Span[],
): Promise<FrameTimes> {
  const stream = beginStream(create, text, spans);
  await stream.advanceTo(stream.frames);
  return stream.end();
}

/** A task of its own: what the page wants to do comes between. */
export function breathe(): Promise<void> {
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
