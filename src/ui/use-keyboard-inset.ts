import { useEffect } from "preact/hooks";

/** Smaller than any keyboard: browsers' bars move by this much. Unit: px. */
const LEAST_KEYBOARD_PX = 80;

/**
 * Keeps the composer above the on-screen keyboard where the browser does not make the page smaller itself (WebKit:
 * only the visual viewport changes). Only while something is being written and nobody has zoomed in.
 */
export function useKeyboardInset(): void {
  useEffect(() => {
    const viewport = window.visualViewport;
    if (viewport === null) return undefined;
    const root = document.documentElement;
    const update = (): void => {
      const active = document.activeElement;
      const isWriting = active instanceof HTMLElement && active.matches("textarea, input");
      const hiddenPx = isWriting && viewport.scale === 1 ? innerHeight - viewport.height : 0;
      if (hiddenPx < LEAST_KEYBOARD_PX) {
        root.style.removeProperty("--keyboard");
        return;
      }
      root.style.setProperty("--keyboard", `${Math.round(hiddenPx)}px`);
      // WebKit has scrolled the whole page up to show the field; the field is in sight without that now.
      if (viewport.offsetTop > 0) window.scrollTo(0, 0);
    };
    const listening = new AbortController();
    const { signal } = listening;
    viewport.addEventListener("resize", update, { signal });
    viewport.addEventListener("scroll", update, { signal });
    document.addEventListener("focusout", update, { signal });
    return () => {
      listening.abort();
      root.style.removeProperty("--keyboard");
    };
  }, []);
}
