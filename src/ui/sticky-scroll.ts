import type { ReadingPosition } from "../state/reading-position.ts";
import type { ScrollFloor } from "./scroll-floor.ts";
import { anchorAt, type Anchor, type Anchors } from "./turn-anchors.ts";

export interface StickyScroll {
  /** Undefined while nothing is read that it could be told by. */
  position(): ReadingPosition | undefined;
  /** Shows another conversation from where it was left; at its end when it was never seen. Moves at the end of this task. */
  restore(position: ReadingPosition | undefined): void;
  jumpToEnd(): void;
  /** Puts a row at an offset below the upper edge, and keeps it there until the reader moves. It may come into the page later. */
  jumpToRow(row: string, offsetPx: number): void;
  /** Where a row was put last, until the reader moves: it, or its text, may still be on the way. */
  target(): { readonly row: string; readonly offsetPx: number } | undefined;
  /** Moves what is seen, as the reader's own move would. */
  moveBy(px: number): void;
  /** Content that is not in sight yet was put in or taken out: what is read stays where it is. */
  keep(): void;
  /** `keep`, at the end of this task: what it puts into the page is written by then, and laid out once. */
  keepSoon(): void;
  /** Content above the upper edge, hidden for now because a finger moves the view. Unit: px. */
  debtPx(): number;
  dispose(): void;
}

export interface StickyScrollEvents {
  onPinnedChange(isPinned: boolean): void;
  /** Content grew below a reader who is elsewhere. */
  onUnseen(): void;
  /** The reader has moved and come to rest. */
  onRest?(): void;
}

/** His own downward move that ends this near to the end pins again. Unit: px. */
const NEAR_END_PX = 8;
/** Momentum after a touch goes on in scroll events without a gap this long. Unit: ms. */
const MOMENTUM_GAP_MS = 150;
/** A wheel's smooth move goes on as long; writing `scrollTop` would end it. Unit: ms. */
const WHEEL_GAP_MS = 120;

/** Where these keys mean something else than the view. */
const KEY_TAKERS = "input, textarea, select, [role='menu']";

const NO_ANCHORS: Anchors = { capture: () => undefined, shiftOf: () => undefined };

/**
 * Keeps the end in sight while text comes in, and never fights a reader: pinned changes by his own moves alone; while
 * he is elsewhere, what he reads stays where it is, whatever becomes of what is above.
 * One code path, with `overflow-anchor: none`: engines differ in anchoring, and WebKit had none for long.
 * Every growth, whatever caused it, is seen by one ResizeObserver, between layout and paint: nothing flickers
 * and nothing is measured twice.
 *
 *   content above changed by d:   at rest    scrollTop += d
 *                                 in motion  margin-top −= d, a debt that is paid with scrollTop once he has come to rest
 */
export function createStickyScroll(
  scroller: HTMLElement,
  content: HTMLElement,
  floor: ScrollFloor,
  events: StickyScrollEvents,
  anchors: Anchors = NO_ANCHORS,
): StickyScroll {
  let isPinned = true;
  let lastTop = 0;
  let lastHeight = 0;
  let isTouching = false;
  let mover: "finger" | "wheel" | "other" = "other";
  let restTimer: ReturnType<typeof setTimeout> | undefined;
  let lastScrollAtMs = Number.NEGATIVE_INFINITY;
  let anchor: Anchor | undefined;
  /** It was asked for and not captured: it stays until the reader moves, however late its text comes. */
  let isAnchorWanted = false;
  let debt = 0;
  let lastPin: number | undefined;
  let isKeepingSoon = false;
  let isRestored = false;
  let isDisposed = false;

  const endTop = (): number => scroller.scrollHeight - scroller.clientHeight;
  const isNearEnd = (): boolean => endTop() - scroller.scrollTop <= NEAR_END_PX;
  const gapMs = (): number => ({ finger: MOMENTUM_GAP_MS, wheel: WHEEL_GAP_MS, other: 0 })[mover];
  const isInMotion = (): boolean => isTouching || performance.now() - lastScrollAtMs < gapMs();
  // iOS drops the momentum of a finger's move when scrollTop is written during it.
  const isUnderFinger = (): boolean => mover === "finger" && isInMotion();

  function setPinned(next: boolean): void {
    if (isPinned === next) return;
    isPinned = next;
    if (next) anchor = undefined;
    events.onPinnedChange(next);
  }

  function moveTo(top: number): void {
    scroller.scrollTop = top;
    lastTop = scroller.scrollTop;
  }

  function setDebt(px: number): void {
    if (px === debt) return;
    floor.shift(debt - px);
    debt = px;
    content.style.marginTop = px === 0 ? "" : `${-px}px`;
  }

  function payDebt(): void {
    if (debt === 0) return;
    const top = scroller.scrollTop + debt;
    setDebt(0);
    moveTo(top);
  }

  function pin(): void {
    setDebt(0);
    moveTo(floor.measure() - scroller.clientHeight);
    floor.hold();
    pinOnceMore();
  }

  /** One last pin two frames after the end: what settles late (fonts, scrollbars) tells no observer in time. */
  function pinOnceMore(): void {
    if (lastPin !== undefined) cancelAnimationFrame(lastPin);
    lastPin = requestAnimationFrame(() => {
      lastPin = requestAnimationFrame(() => {
        lastPin = undefined;
        if (!isPinned || isUnderFinger()) return;
        const top = floor.measure() - scroller.clientHeight;
        if (top - scroller.scrollTop >= 1) moveTo(top);
        floor.hold();
      });
    });
  }

  function jumpToEnd(): void {
    setPinned(true);
    pin();
  }

  /** Brings what is read back to where it was. */
  function keep(): void {
    if (isPinned) {
      if (!isUnderFinger()) pin();
      return;
    }
    if (anchor === undefined) return;
    const shift = anchors.shiftOf(anchor);
    if (shift === undefined || Math.abs(shift) < 0.5) return;
    if (isInMotion() && !isAnchorWanted) {
      setDebt(debt + shift);
      restSoon();
    } else {
      const top = scroller.scrollTop + debt + shift;
      setDebt(0);
      moveTo(top);
    }
  }

  function keepSoon(): void {
    if (isKeepingSoon) return;
    isKeepingSoon = true;
    queueMicrotask(() => {
      isKeepingSoon = false;
      if (isDisposed) return;
      if (isRestored) lastHeight = floor.measure();
      isRestored = false;
      keep();
      floor.hold();
    });
  }

  function onResize(): void {
    const height = floor.measure();
    const grew = height > lastHeight;
    lastHeight = height;
    const wasPinned = isPinned;
    keep();
    // What was given back or came late: from now on this is what he reads.
    if (!isPinned && anchor?.isSeen !== true) anchor = anchors.capture();
    floor.hold();
    if (!wasPinned && grew) events.onUnseen();
  }

  function onScroll(): void {
    const top = scroller.scrollTop;
    if (Math.abs(top - lastTop) < 1) return;
    lastScrollAtMs = performance.now();
    isAnchorWanted = false;
    if (isNearEnd()) {
      if (top > lastTop || isPinned) setPinned(true);
    } else if (top < lastTop) {
      // Nothing but a reader moves the view up: anchoring is off, and content that shrinks for a moment stands on its floor.
      setPinned(false);
    }
    lastTop = top;
    anchor = isPinned ? undefined : anchors.capture();
    restSoon();
  }

  function onWheel(event: WheelEvent): void {
    mover = "wheel";
    if (event.deltaY < 0) releaseFor(event);
  }

  /**
   * He begins to move up. At once, so that text that comes in before the scroll event does not pull him back: a smooth
   * move begins with a few pixels, which are still near the end.
   */
  function releaseFor({ target }: Event): void {
    if (!isPinned || scroller.scrollTop <= 0 || isTakenWithin(target)) return;
    setPinned(false);
    anchor = anchors.capture();
  }

  /** What scrolls in itself and is not at its top moves first: a long input of a tool, a high formula. */
  function isTakenWithin(target: EventTarget | null): boolean {
    if (target === scroller || !(target instanceof Element)) return false;
    for (let at: Element | null = target; at && at !== scroller; at = at.parentElement) {
      if (at.scrollTop > 0) return true;
    }
    return false;
  }

  function onKeyDown(event: KeyboardEvent): void {
    mover = "other";
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isMoveUp(event, scroller)) releaseFor(event);
    if (event.target !== scroller || event.shiftKey) return;
    if (event.key === "End") {
      // The browser's own smooth move ends where the end was when it began.
      event.preventDefault();
      jumpToEnd();
    } else if (event.key === "Home") {
      event.preventDefault();
      setDebt(0);
      if (scroller.scrollTop <= 0) return;
      setPinned(false);
      isAnchorWanted = false;
      // The event that follows is taken for his own move, and captures what he reads then.
      scroller.scrollTop = 0;
    }
  }

  function onTouch(event: TouchEvent): void {
    isTouching = event.touches.length > 0;
    mover = "finger";
    lastScrollAtMs = performance.now();
    if (!isTouching) restSoon();
  }

  /** What came in meanwhile is shown once motion is over, even when nothing follows. */
  function restSoon(): void {
    clearTimeout(restTimer);
    restTimer = setTimeout(() => {
      if (isTouching) return;
      if (isInMotion()) {
        restSoon();
        return;
      }
      payDebt();
      if (isPinned) pin();
      events.onRest?.();
    }, MOMENTUM_GAP_MS);
  }

  const listening = new AbortController();
  const options = { passive: true, signal: listening.signal };
  scroller.addEventListener("scroll", onScroll, options);
  scroller.addEventListener("wheel", onWheel, options);
  scroller.addEventListener("keydown", onKeyDown, { signal: listening.signal });
  scroller.addEventListener(
    "pointerdown",
    (event) => {
      if (event.pointerType === "mouse") mover = "other";
    },
    options,
  );
  for (const type of ["touchstart", "touchend", "touchcancel"] as const) {
    scroller.addEventListener(type, onTouch, options);
  }
  const observer = new ResizeObserver(onResize);
  observer.observe(content);
  observer.observe(scroller);

  return {
    position() {
      if (isPinned) return { kind: "end" };
      return anchor?.isSeen === true
        ? { kind: "row", row: anchor.row, offsetPx: anchor.offsetPx }
        : undefined;
    },
    restore(position) {
      setDebt(0);
      floor.release();
      mover = "other";
      isRestored = true;
      if (position === undefined || position.kind === "end") setPinned(true);
      else {
        setPinned(false);
        anchor = anchorAt(position.row, position.offsetPx);
        isAnchorWanted = true;
      }
      keepSoon();
    },
    jumpToEnd,
    jumpToRow(row, offsetPx) {
      setPinned(false);
      mover = "other";
      anchor = anchorAt(row, offsetPx);
      isAnchorWanted = true;
      keep();
    },
    target: () => (isAnchorWanted ? anchor : undefined),
    moveBy(px) {
      setPinned(false);
      mover = "other";
      setDebt(0);
      moveTo(scroller.scrollTop + px);
      anchor = anchors.capture();
      isAnchorWanted = false;
    },
    keep,
    keepSoon,
    debtPx: () => debt,
    dispose() {
      isDisposed = true;
      listening.abort();
      clearTimeout(restTimer);
      if (lastPin !== undefined) cancelAnimationFrame(lastPin);
      observer.disconnect();
    },
  };
}

/** Whether the browser answers a key by moving `scroller` up. Home has an answer of its own. */
function isMoveUp({ key, shiftKey, target }: KeyboardEvent, scroller: Element): boolean {
  if (key === " ") return shiftKey && target === scroller;
  if (key !== "ArrowUp" && key !== "PageUp") return false;
  return target === scroller || !(target instanceof Element) || target.closest(KEY_TAKERS) === null;
}
