import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { PartId } from "../protocol/ids.ts";
import type { TurnView } from "../state/turn-view.ts";

interface Busy {
  readonly article: RefObject<HTMLElement | null>;
  /** The part is settled, and all of its text stands in the page. */
  readonly onWhole: (part: PartId) => void;
}

/**
 * Keeps `aria-busy` of an answer's element: until the answer has ended and its last word stands in the page, which for a
 * long one is some frames later. Past the virtual DOM: no answer is rendered again for it.
 */
export function useBusy(turn: TurnView): Busy {
  const article = useRef<HTMLElement>(null);
  const whole = useRef(new Set<PartId>());
  const latest = useRef(turn);
  latest.current = turn;
  const say = (): void => {
    const { status, parts } = latest.current;
    const isWritten = parts.every((part) => part.type !== "text" || whole.current.has(part.id));
    article.current?.setAttribute("aria-busy", String(status === "running" || !isWritten));
  };
  useLayoutEffect(say);
  return {
    article,
    onWhole(part) {
      whole.current.add(part);
      say();
    },
  };
}
