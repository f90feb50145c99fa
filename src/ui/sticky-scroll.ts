/** Where a reader stands in a conversation. */
export interface ReadingPosition {
  readonly isPinned: boolean;
  readonly top: number;
}

export interface StickyScroll {
  position(): ReadingPosition;
  /** Shows another conversation from where it was left; at its end when it was never seen. */
  restore(position: ReadingPosition | undefined): void;
  jumpToEnd(): void;
  /** Content is about to be put above: what is read stays where it is. */
  holdFromEnd(): void;
  dispose(): void;
}

export interface StickyScrollEvents {
  onPinnedChange(isPinned: boolean): void;
  /** Content grew below a reader who is elsewhere. */
  onUnseen(): void;
}

/** His own downward move that ends this near to the end pins again. Unit: px. */
const NEAR_END_PX = 8;
/** Momentum after a touch goes on in scroll events without a gap this long. Unit: ms. */
const MOMENTUM_GAP_MS = 150;

/**
 * Keeps the end in sight while text comes in, and never fights a reader: pinned changes by his own moves alone.
 * One code path, with `overflow-anchor: none`: engines differ in anchoring, and WebKit had none for long.
 * Every growth, whatever caused it, is seen by one ResizeObserver, between layout and paint: nothing flickers
 * and nothing is measured twice.
 */
export function createStickyScroll(
  scroller: HTMLElement,
  content: HTMLElement,
  events: StickyScrollEvents,
): StickyScroll {
  let isPinned = true;
  let lastTop = 0;
  let lastHeight = 0;
  let isTouching = false;
  let wasTouched = false;
  let settleTimer: ReturnType<typeof setTimeout> | undefined;
  let lastScrollAtMs = 0;
  let heldFromEnd: number | undefined;
  let wantedTop: number | undefined;

  const endTop = (): number => scroller.scrollHeight - scroller.clientHeight;
  const isNearEnd = (): boolean => endTop() - scroller.scrollTop <= NEAR_END_PX;

  function setPinned(next: boolean): void {
    if (isPinned === next) return;
    isPinned = next;
    events.onPinnedChange(next);
  }

  function jumpToEnd(): void {
    wantedTop = undefined;
    heldFromEnd = undefined;
    setPinned(true);
    moveTo(endTop());
  }

  function moveTo(top: number): void {
    scroller.scrollTop = top;
    lastTop = scroller.scrollTop;
  }

  function onResize(): void {
    const height = scroller.scrollHeight;
    const grew = height > lastHeight;
    lastHeight = height;
    if (heldFromEnd !== undefined) {
      if (grew) {
        moveTo(height - heldFromEnd);
        heldFromEnd = undefined;
      }
      return;
    }
    if (wantedTop !== undefined) {
      moveTo(wantedTop);
      if (Math.abs(scroller.scrollTop - wantedTop) < 1) wantedTop = undefined;
      return;
    }
    if (isPinned) {
      // iOS drops the momentum of a finger's move when scrollTop is written during it.
      if (!isTouching && performance.now() - lastScrollAtMs > (wasTouched ? MOMENTUM_GAP_MS : 0))
        moveTo(endTop());
    } else if (grew) {
      events.onUnseen();
    }
  }

  function onScroll(): void {
    const top = scroller.scrollTop;
    const isOwn = Math.abs(top - lastTop) < 1;
    if (isOwn) return;
    lastScrollAtMs = performance.now();
    wantedTop = undefined;
    if (isNearEnd()) {
      if (top > lastTop || isPinned) setPinned(true);
    } else if (top < lastTop) {
      // Nothing but a reader moves the view up: anchoring is off, and shrinking content ends at its end.
      setPinned(false);
    }
    lastTop = top;
  }

  function onWheel(event: WheelEvent): void {
    wasTouched = false;
    // At once, so that text that comes in before the scroll event does not pull him back.
    if (event.deltaY < 0 && scroller.scrollTop > 0) setPinned(false);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== "End" || event.target !== scroller) return;
    // The browser's own smooth move ends where the end was when it began.
    event.preventDefault();
    jumpToEnd();
  }

  function onTouch(event: TouchEvent): void {
    isTouching = event.touches.length > 0;
    wasTouched = true;
    lastScrollAtMs = performance.now();
    if (!isTouching) settleSoon();
  }

  /** What came in under the finger is shown once momentum is over, even when nothing follows. */
  function settleSoon(): void {
    clearTimeout(settleTimer);
    settleTimer = setTimeout(() => {
      if (isTouching || !isPinned) return;
      if (performance.now() - lastScrollAtMs < MOMENTUM_GAP_MS) settleSoon();
      else moveTo(endTop());
    }, MOMENTUM_GAP_MS);
  }

  const listening = new AbortController();
  const options = { passive: true, signal: listening.signal };
  scroller.addEventListener("scroll", onScroll, options);
  scroller.addEventListener("wheel", onWheel, options);
  scroller.addEventListener("keydown", onKeyDown, { signal: listening.signal });
  for (const type of ["touchstart", "touchend", "touchcancel"] as const) {
    scroller.addEventListener(type, onTouch, options);
  }
  const observer = new ResizeObserver(onResize);
  observer.observe(content);
  observer.observe(scroller);

  return {
    position: () => ({ isPinned, top: scroller.scrollTop }),
    restore(position) {
      heldFromEnd = undefined;
      lastHeight = scroller.scrollHeight;
      wantedTop = position === undefined || position.isPinned ? undefined : position.top;
      setPinned(wantedTop === undefined);
      moveTo(wantedTop ?? endTop());
    },
    jumpToEnd,
    holdFromEnd() {
      heldFromEnd = isPinned ? undefined : scroller.scrollHeight - scroller.scrollTop;
    },
    dispose() {
      listening.abort();
      clearTimeout(settleTimer);
      observer.disconnect();
    },
  };
}
