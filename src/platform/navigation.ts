import type { Disposer } from "../streaming/ports.ts";

/** The address bar over the History API. */
export interface BrowserNavigation {
  path(): string;
  push(path: string): void;
  replace(path: string): void;
  /** Back and forward; not called for `push` and `replace`. */
  subscribe(listener: () => void): Disposer;
}

export function createNavigation(target: Window = window): BrowserNavigation {
  return {
    path: () => target.location.pathname,
    push: (path) => target.history.pushState(null, "", path),
    replace: (path) => target.history.replaceState(null, "", path),
    subscribe(listener) {
      const onPop = (): void => listener();
      target.addEventListener("popstate", onPop);
      return () => target.removeEventListener("popstate", onPop);
    },
  };
}
