import { createTextQueue } from "../../src/platform/text-queue.ts";
import type { CreateRenderer } from "./renderer.ts";
import { createStage } from "./stage.ts";
import { breathe, BREATH_MS, FRAME_CHARS, type Span } from "./stream.ts";

/** A screen of sixty frames a second. Unit: ms. */
const FRAME_MS = 1_000 / 60;

/**
 * A text that comes in at 16 characters a frame, whether frames are in time or not, written when the app's own queue of texts
 * says so: one whose layout is dear is written in fewer frames. Time passes by frames and by what they cost, not by the
 * clock on the wall. Answers what 16 characters cost, layout included. Unit: ms.
 */
export async function streamPaced(
  create: CreateRenderer,
  text: string,
  spans: readonly Span[],
): Promise<number> {
  const stage = createStage();
  const renderer = create(stage);
  let frameAtMs = 0;
  let begun = performance.now();
  const nowMs = (): number => frameAtMs + performance.now() - begun;
  const queue = createTextQueue({
    nowMs,
    reporter: {
      warn(message, error) {
        throw new Error(message, { cause: error });
      },
    },
  });
  let shown = 0;
  let come = 0;
  let workMs = 0;
  let chars = 0;

  const write = (): true | "long" => {
    if (come > shown) renderer.append(text.slice(shown, come));
    shown = come;
    return renderer.isLong?.() === true ? "long" : true;
  };

  /** @returns What it cost. Unit: ms. */
  function frame(show: () => void): number {
    begun = performance.now();
    show();
    stage.pin();
    const tookMs = performance.now() - begun;
    queue.endFrame();
    frameAtMs += Math.max(FRAME_MS, tookMs);
    begun = performance.now();
    return tookMs;
  }

  let breathedAt = performance.now();
  for (const { until, isMeasured } of spans) {
    if (!isMeasured) {
      frameAtMs += ((until - come) / FRAME_CHARS) * FRAME_MS;
      come = until;
      frame(write);
      continue;
    }
    const [first, beganMs] = [come, frameAtMs];
    chars += until - first;
    while (come < until) {
      const due = first + Math.ceil((frameAtMs - beganMs) / FRAME_MS + 1) * FRAME_CHARS;
      come = Math.min(until, Math.max(come + FRAME_CHARS, due));
      queue.add(write, write);
      workMs += frame(() => {
        queue.beginFrame();
        queue.run();
      });
      if (performance.now() - breathedAt <= BREATH_MS) continue;
      await breathe();
      breathedAt = performance.now();
      begun = breathedAt;
    }
    // What waits at the end of the place was part of it.
    workMs += frame(write);
  }
  renderer.dispose();
  stage.dispose();
  return workMs / (chars / FRAME_CHARS);
}
