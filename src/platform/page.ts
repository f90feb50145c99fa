import type { Page, PageEvent } from "../streaming/ports.ts";

/** What a page needs of the browser; the defaults are the real ones. */
export interface PageGlobals {
  readonly window: EventTarget;
  readonly document: EventTarget & { readonly visibilityState: DocumentVisibilityState };
  readonly navigator: { readonly onLine: boolean };
}

/**
 * The page's own life as events. Engines differ in what they fire (docs/STREAMING.md): on a switch of tabs only
 * `visibilitychange`; on a navigation Chromium fires `pagehide` first; a phone that wakes may fire nothing at all.
 */
export function createPage(globals: PageGlobals = { window, document, navigator }): Page {
  const isHidden = (): boolean => globals.document.visibilityState === "hidden";
  return {
    isHidden,
    isOnline: () => globals.navigator.onLine,
    subscribe(listener) {
      const subscription = new AbortController();
      const on = (
        target: EventTarget,
        type: string,
        toEvent: (event: Event) => PageEvent | undefined,
      ): void => {
        const handle = (event: Event): void => {
          const pageEvent = toEvent(event);
          if (pageEvent !== undefined) listener(pageEvent);
        };
        target.addEventListener(type, handle, { signal: subscription.signal });
      };
      on(globals.document, "visibilitychange", () => (isHidden() ? "hidden" : "visible"));
      // Page Lifecycle events; Chromium only.
      on(globals.document, "freeze", () => "freeze");
      on(globals.document, "resume", () => "resume");
      on(globals.window, "pageshow", (event) => (isPersisted(event) ? "restored" : undefined));
      on(globals.window, "pagehide", () => "pagehide");
      on(globals.window, "focus", () => "focus");
      on(globals.window, "online", () => "online");
      on(globals.window, "offline", () => "offline");
      return () => subscription.abort();
    },
  };
}

/** A `pageshow` that is not from the back-forward cache is the ordinary load. */
function isPersisted(event: Event): boolean {
  return "persisted" in event && event.persisted === true;
}
