/** Lets the keyboard reach a table that is wider than its place, and only such a one. */
export interface TableFocus {
  /** @param scroller Holds the table and scrolls. Returns an idempotent disposer. */
  watch(scroller: HTMLElement): () => void;
}

/** One observer for all tables; without ResizeObserver every table can be reached. */
export function createTableFocus(): TableFocus {
  if (!("ResizeObserver" in globalThis)) {
    return {
      watch(scroller) {
        setReachable(scroller, true);
        return () => undefined;
      },
    };
  }
  const scrollers = new WeakMap<Element, HTMLElement>();
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const scroller = scrollers.get(target);
      if (scroller !== undefined) setReachable(scroller, scroller.scrollWidth > scroller.clientWidth);
    }
  });
  return {
    watch(scroller) {
      // The table grows with its rows, its place with the window.
      const watched = [scroller, ...scroller.querySelectorAll(":scope > table")];
      for (const element of watched) {
        scrollers.set(element, scroller);
        observer.observe(element);
      }
      return () => {
        for (const element of watched) observer.unobserve(element);
      };
    },
  };
}

function setReachable(scroller: HTMLElement, isReachable: boolean): void {
  if (scroller.hasAttribute("tabindex") === isReachable) return;
  if (isReachable) {
    scroller.tabIndex = 0;
    scroller.setAttribute("role", "region");
    scroller.setAttribute("aria-label", "Table, scrolls sideways");
  } else {
    for (const name of ["tabindex", "role", "aria-label"]) scroller.removeAttribute(name);
  }
}
