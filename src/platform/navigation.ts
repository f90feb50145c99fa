import type { Disposer } from "../streaming/ports.ts";

/** The address bar over the History API. */
export interface BrowserNavigation {
  /** What the address bar says, or is about to say. */
  path(): string;
  /** What follows the path: query and fragment. */
  target(): string;
  push(path: string): void;
  replace(path: string): void;
  /** Back and forward; not called for `push` and `replace`. */
  subscribe(listener: () => void): Disposer;
}

/** When an address that was refused is offered again. Unit: ms. */
const RETRY_MS = 1_000;

/**
 * Never throws: an address that the browser refuses is owed to it, and offered again until it is taken or left. WebKit
 * throws after 100 of them in 10 s, Chromium ignores those beyond 200 in 10 s; neither may keep a session from being shown.
 */
export function createNavigation(target: Window = window): BrowserNavigation {
  let owed: { readonly path: string; readonly how: "push" | "replace" } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function go(path: string, how: "push" | "replace"): void {
    owed = { path, how };
    settle();
  }

  function settle(): void {
    clearTimeout(timer);
    if (owed === undefined) return;
    const { path, how } = owed;
    try {
      if (how === "push") target.history.pushState(null, "", path);
      else target.history.replaceState(null, "", path);
    } catch (error) {
      // The one thing it says of an address of our own origin: too many of them.
      if (!(error instanceof DOMException)) throw error;
    }
    if (target.location.pathname === path) owed = undefined;
    else timer = setTimeout(settle, RETRY_MS);
  }

  return {
    path: () => owed?.path ?? target.location.pathname,
    target: () => (owed === undefined ? target.location.search + target.location.hash : ""),
    push: (path) => go(path, "push"),
    replace: (path) => go(path, "replace"),
    subscribe(listener) {
      const onPop = (): void => {
        // He went somewhere else meanwhile: nothing is owed any more.
        owed = undefined;
        clearTimeout(timer);
        listener();
      };
      target.addEventListener("popstate", onPop);
      return () => target.removeEventListener("popstate", onPop);
    },
  };
}
