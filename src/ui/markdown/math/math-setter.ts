import type { IdleQueue } from "../code/idle-queue.ts";
import { reserveMath } from "./reserve-math.ts";
import { showMath } from "./show-math.ts";

type RenderMath = typeof import("./render-math.ts").renderMath;

/** Sets formulas once the library is there. */
export interface MathSetter {
  /** Answers how to take it back as long as it waits. */
  set(element: HTMLElement, tex: string, isDisplay: boolean): () => void;
}

export interface MathSetterPorts {
  readonly idle: IdleQueue;
  load(): Promise<RenderMath>;
  /** Unit: ms, fractions included. */
  now(): number;
}

interface Waiting {
  readonly element: HTMLElement;
  readonly tex: string;
  readonly isDisplay: boolean;
  /** Its place, where it has to be kept. */
  release?: (isSet: boolean) => void;
}

/**
 * A formula that is set later moves what is below it: so it is set at once, as long as that takes no more than this in
 * one go. Unit: ms; a formula takes 0.1 to 0.5.
 */
const AT_ONCE_MS = 4;
/** After a pause like this it is another go. Unit: ms. */
const GO_MS = 12;

export function createMathSetter(ports: MathSetterPorts): MathSetter {
  const { idle } = ports;
  const waiting = new Set<Waiting>();
  let render: RenderMath | undefined;
  let isLoading = false;
  let goStartedAt = Number.NEGATIVE_INFINITY;
  let spentMs = 0;

  function show(job: Waiting, renderMath: RenderMath): void {
    const startedAt = ports.now();
    if (startedAt - goStartedAt > GO_MS) {
      goStartedAt = startedAt;
      spentMs = 0;
    }
    const math = renderMath(job.tex, job.isDisplay);
    job.release?.(math.kind === "rendered");
    showMath(job.element, job.tex, job.isDisplay, math);
    spentMs += ports.now() - startedAt;
  }

  function isSpent(): boolean {
    return spentMs >= AT_ONCE_MS && ports.now() - goStartedAt <= GO_MS;
  }

  function showNext(): boolean {
    const job = waiting.values().next().value;
    if (job === undefined || render === undefined) return false;
    waiting.delete(job);
    show(job, render);
    return waiting.size > 0;
  }

  async function begin(): Promise<void> {
    if (isLoading) return;
    isLoading = true;
    try {
      render = await ports.load();
      idle.run(showNext);
    } catch {
      // Offline, or taken away by a newer build: the source stands there, and the next formula tries again.
      for (const job of waiting) job.release?.(false);
      waiting.clear();
    } finally {
      isLoading = false;
    }
  }

  return {
    set(element, tex, isDisplay) {
      const job: Waiting = { element, tex, isDisplay };
      if (render !== undefined && waiting.size === 0 && !isSpent()) {
        show(job, render);
        return () => undefined;
      }
      waiting.add(job);
      job.release = reserveMath(element, tex, isDisplay);
      if (render === undefined) void begin();
      else idle.run(showNext);
      return () => {
        if (waiting.delete(job)) job.release?.(false);
      };
    },
  };
}
