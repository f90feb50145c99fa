import { expect, test } from "vitest";
import { createPage } from "../../../src/platform/page.ts";
import type { PageEvent } from "../../../src/streaming/ports.ts";

class FakeDocument extends EventTarget {
  visibilityState: DocumentVisibilityState = "visible";
}

class PageShow extends Event {
  readonly persisted: boolean;
  constructor(persisted: boolean) {
    super("pageshow");
    this.persisted = persisted;
  }
}

function createFakeBrowser() {
  const document = new FakeDocument();
  const window = new EventTarget();
  const navigator = { onLine: true };
  const page = createPage({ document, window, navigator });
  const events: PageEvent[] = [];
  const dispose = page.subscribe((event) => void events.push(event));
  return { document, window, navigator, page, events, dispose };
}

test("the page's life is told in the words of the port", () => {
  const { document, window, events } = createFakeBrowser();
  document.visibilityState = "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
  document.dispatchEvent(new Event("freeze"));
  document.dispatchEvent(new Event("resume"));
  document.visibilityState = "visible";
  document.dispatchEvent(new Event("visibilitychange"));
  for (const type of ["focus", "offline", "online", "pagehide"]) window.dispatchEvent(new Event(type));
  expect(events).toEqual(["hidden", "freeze", "resume", "visible", "focus", "offline", "online", "pagehide"]);
});

test("only a page out of the back-forward cache is restored", () => {
  const { window, events } = createFakeBrowser();
  window.dispatchEvent(new PageShow(false));
  expect(events).toEqual([]);
  window.dispatchEvent(new PageShow(true));
  expect(events).toEqual(["restored"]);
});

test("it answers what is so now", () => {
  const { document, navigator, page } = createFakeBrowser();
  expect([page.isHidden(), page.isOnline()]).toEqual([false, true]);
  document.visibilityState = "hidden";
  navigator.onLine = false;
  expect([page.isHidden(), page.isOnline()]).toEqual([true, false]);
});

test("a disposed subscription hears nothing, and disposing again does nothing", () => {
  const { window, events, dispose } = createFakeBrowser();
  dispose();
  dispose();
  window.dispatchEvent(new Event("focus"));
  expect(events).toEqual([]);
});
