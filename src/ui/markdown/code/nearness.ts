/** Tells which elements are in sight or about to be. */
export interface Nearness {
  /** Tells soon, never at once, whether `element` is near, and whenever that changes. Returns an idempotent disposer. */
  watch(element: Element, onChange: (isNear: boolean) => void): () => void;
}

/** A window's height and a bit around what is seen. */
const MARGIN = "1200px 0px";

/** Without IntersectionObserver everything is near. */
export function createNearness(): Nearness {
  if (!("IntersectionObserver" in globalThis)) {
    return {
      watch(_element, onChange) {
        let isWatched = true;
        queueMicrotask(() => {
          if (isWatched) onChange(true);
        });
        return () => {
          isWatched = false;
        };
      },
    };
  }
  const listeners = new WeakMap<Element, (isNear: boolean) => void>();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) listeners.get(entry.target)?.(entry.isIntersecting);
    },
    // The conversation scrolls in itself, and `rootMargin` is the window's alone; who doesn't know `scrollMargin` begins when it is seen.
    { rootMargin: MARGIN, scrollMargin: MARGIN },
  );
  return {
    watch(element, onChange) {
      listeners.set(element, onChange);
      observer.observe(element);
      return () => {
        listeners.delete(element);
        observer.unobserve(element);
      };
    },
  };
}
